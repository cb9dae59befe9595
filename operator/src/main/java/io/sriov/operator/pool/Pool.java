package io.sriov.operator.pool;

import io.sriov.api.MaintenanceWindow;
import io.sriov.api.OnDrainTimeout;
import io.sriov.api.OnFailure;
import io.sriov.api.RdmaMode;
import io.sriov.api.SriovNetworkPoolConfig;
import io.sriov.api.SriovNetworkPoolConfigSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pool as its nodes see it (spec 02 §5.3).
 *
 * @param name empty for the nodes that are in no pool
 * @param faults members that are malformed, each with what is expected; with any, no drain starts
 */
public record Pool(
    String name,
    NodeSelector selector,
    MaxUnavailable maxUnavailable,
    Optional<RdmaMode> rdmaMode,
    boolean paused,
    List<Window> windows,
    Duration drainTimeout,
    OnDrainTimeout onDrainTimeout,
    OnFailure onFailure,
    List<String> faults) {

  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(10);
  private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

  /** Of the nodes that are in no pool: one at a time. */
  public static final Pool DEFAULT =
      new Pool(
          "",
          NodeSelector.of(null),
          new MaxUnavailable.Count(1),
          Optional.empty(),
          false,
          List.of(),
          DRAIN_TIMEOUT,
          OnDrainTimeout.WAIT,
          OnFailure.STOP,
          List.of());

  /** Name in a pool that is about the hardware offload of Open vSwitch and about nothing else. */
  static Optional<String> hardwareOffload(SriovNetworkPoolConfig resource) {
    return Optional.ofNullable(resource.getSpec())
        .map(SriovNetworkPoolConfigSpec::ovsHardwareOffloadConfig)
        .map(SriovNetworkPoolConfigSpec.OvsHardwareOffloadConfig::name)
        .filter(name -> !name.isEmpty());
  }

  /** Reads a pool; empty for one that is not about nodes. */
  static Optional<Pool> of(SriovNetworkPoolConfig resource) {
    SriovNetworkPoolConfigSpec spec =
        resource.getSpec() == null ? SriovNetworkPoolConfigSpec.EMPTY : resource.getSpec();
    if (hardwareOffload(resource).isPresent()) {
      return Optional.empty();
    }
    NodeSelector selector = NodeSelector.of(spec.nodeSelector());
    List<String> faults = new ArrayList<>(selector.faults());
    return Optional.of(
        new Pool(
            resource.getMetadata().getName(),
            selector,
            read(
                faults,
                () -> MaxUnavailable.parse(spec.maxUnavailable()),
                new MaxUnavailable.Count(0)),
            Optional.ofNullable(spec.rdmaMode()),
            Boolean.TRUE.equals(spec.paused()),
            windows(faults, spec.maintenanceWindows()),
            timeout(faults, spec.drainTimeout()),
            spec.onDrainTimeout() == null ? OnDrainTimeout.WAIT : spec.onDrainTimeout(),
            spec.onFailure() == null ? OnFailure.STOP : spec.onFailure(),
            List.copyOf(faults)));
  }

  private static List<Window> windows(List<String> faults, List<MaintenanceWindow> given) {
    List<Window> windows = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      String field = "maintenanceWindows[" + i + "]";
      try {
        windows.add(Window.parse(field, given.get(i)));
      } catch (IllegalArgumentException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
    }
    return List.copyOf(windows);
  }

  private static Duration timeout(List<String> faults, @Nullable String text) {
    return text == null || text.isEmpty()
        ? DRAIN_TIMEOUT
        : read(faults, () -> Span.parse("drainTimeout", text), DRAIN_TIMEOUT);
  }

  private static <T> T read(List<String> faults, Supplier<T> field, T otherwise) {
    try {
      return field.get();
    } catch (IllegalArgumentException e) {
      faults.add(String.valueOf(e.getMessage()));
      return otherwise;
    }
  }

  /** Whether the node is in this pool or, where the selector cannot be read, may be. */
  boolean selects(Map<String, String> labels) {
    return selector.matches(labels);
  }

  /** Whether it is known which nodes the pool selects. */
  public boolean selectorReadable() {
    return selector.faults().isEmpty();
  }

  /** For people. */
  public String title() {
    return name.isEmpty() ? "the nodes without a pool" : "pool " + name;
  }

  /** Whether drains may start at {@code now}. */
  Gate gate(Instant now) {
    if (!faults.isEmpty()) {
      return shut(Gate.Reason.INVALID_SPEC, title() + ": " + String.join("; ", faults));
    }
    if (paused) {
      return shut(Gate.Reason.PAUSED, title() + " is paused");
    }
    if (windows.isEmpty()) {
      return Gate.OPEN;
    }
    Optional<Instant> closing =
        windows.stream()
            .flatMap(window -> window.closing(now).stream())
            .max(Comparator.naturalOrder());
    return closing.isPresent() ? new Gate(Optional.empty(), closing) : outside(now);
  }

  private Gate outside(Instant now) {
    Optional<ZonedDateTime> next =
        windows.stream()
            .flatMap(window -> window.opening(now).stream())
            .min(Comparator.comparing(ZonedDateTime::toInstant));
    String when =
        next.map(time -> "next opening at " + MINUTE.format(time) + " " + zone(time))
            .orElse("which never open");
    return new Gate(
        Optional.of(
            new Gate.Shut(
                Gate.Reason.OUTSIDE_MAINTENANCE_WINDOW,
                "outside the maintenance windows of " + title() + ", " + when)),
        next.map(ZonedDateTime::toInstant));
  }

  private static String zone(ZonedDateTime time) {
    return time.getZone().equals(ZoneOffset.UTC) ? "UTC" : time.getZone().getId();
  }

  private static Gate shut(Gate.Reason reason, String text) {
    return new Gate(Optional.of(new Gate.Shut(reason, text)), Optional.empty());
  }
}
