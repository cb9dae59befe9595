package io.sriov.node.audit;

import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.node.reconcile.DesiredState;
import io.sriov.plan.audit.Audit;
import io.sriov.plan.audit.Finding;
import io.sriov.plan.audit.FindingText;
import io.sriov.plan.audit.Ledger;
import io.sriov.plan.audit.Mend;
import io.sriov.plan.audit.Witnesses;
import io.sriov.plan.node.Inventory;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after VFs that no pod has: soon after the kernel tells of a change and every minute. What
 * is found twice is told by condition, event and metric; what is found a third time, and is free by
 * every witness, is put right. A look that finds nothing writes nothing and starts no process.
 */
public final class Auditor implements AutoCloseable {

  private static final Duration EVERY = Duration.ofMinutes(1);

  /** What others have read is taken at most this old: the loop reads every half minute. */
  private static final Duration FRESH = Duration.ofSeconds(35);

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(Auditor.class);

  private final Inquiry inquiry;
  private final Mender mender;
  private final DesiredState desired;
  private final Readings readings;
  private final Voice voice;
  private final AuditMetrics metrics;
  private final Clock clock;
  private final Cadence cadence = new Cadence();
  private final Repairs repairs = new Repairs();
  private final Set<Finding> mended = new HashSet<>();
  private final Thread thread;
  private Ledger ledger = Ledger.EMPTY;
  private List<Finding> told = List.of();
  private boolean complete;
  private boolean reported;
  private long lastLook = System.nanoTime();

  /** What somebody else reads of the host, which is most of a look. */
  @FunctionalInterface
  public interface Readings {
    /** The newest one, if it began at {@code System.nanoTime} {@code from} or later. */
    Optional<Inventory> since(long from);
  }

  public Auditor(
      Inquiry inquiry,
      Mender mender,
      DesiredState desired,
      Readings readings,
      Voice voice,
      AuditMetrics metrics,
      Clock clock) {
    this.inquiry = inquiry;
    this.mender = mender;
    this.desired = desired;
    this.readings = readings;
    this.voice = voice;
    this.metrics = metrics;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("audit").unstarted(this::run);
  }

  /** Looks until {@link #close}. */
  public void start() {
    thread.start();
  }

  /** The kernel reported a change of a device or link. */
  public void kernelChanged() {
    cadence.changed();
  }

  private void run() {
    try {
      Duration next = Ledger.APART;
      for (Cadence.Wake wake = cadence.await(next);
          wake != Cadence.Wake.END;
          wake = cadence.await(next)) {
        next = look(wake);
      }
    } catch (InterruptedException e) {
      log.debug("the auditor ends");
    }
  }

  /** Time until the next look if nothing happens. */
  Duration look(Cadence.Wake wake) {
    SriovNetworkNodeState state = desired.nodeState().orElse(null);
    if (desired.notReady().isPresent() || state == null || state.getSpec() == null) {
      return EVERY;
    }
    long before = lastLook;
    lastLook = System.nanoTime();
    try {
      Audit audit = heard(state, known(wake, before));
      if (repaired(state, audit)) {
        audit = heard(state, Optional.empty());
      }
      tell(state, audit);
    } catch (IOException e) {
      metrics.looked(AuditMetrics.Look.FAILED);
      log.warn("VFs cannot be looked at, it is tried again: {}", e.getMessage());
    } catch (RuntimeException e) {
      metrics.looked(AuditMetrics.Look.FAILED);
      log.atError().setCause(e).log("VFs are not looked at because of a defect");
    }
    return ledger.undecided() ? Ledger.APART : EVERY;
  }

  /**
   * What need not be read again. Suspicions, and what was told, are checked against the host
   * itself, and no look goes back behind the one before.
   */
  private Optional<Inventory> known(Cadence.Wake wake, long before) {
    if (wake != Cadence.Wake.TIME || !reported || ledger.undecided() || !told.isEmpty()) {
      return Optional.empty();
    }
    long fresh = lastLook - FRESH.toNanos();
    return readings.since(before - fresh > 0 ? before : fresh);
  }

  private Audit heard(SriovNetworkNodeState state, Optional<Inventory> known) throws IOException {
    Witnesses witnesses =
        known.isPresent()
            ? inquiry.since(known.get(), state.getSpec(), PATIENCE)
            : inquiry.now(state.getSpec(), PATIENCE);
    Audit audit = Audit.of(witnesses);
    complete = witnesses.complete();
    ledger = ledger.after(audit.findings(), complete, clock.instant());
    metrics.looked(complete ? AuditMetrics.Look.COMPLETE : AuditMetrics.Look.PARTIAL);
    return audit;
  }

  /** Whether something was put right. */
  private boolean repaired(SriovNetworkNodeState state, Audit audit) throws IOException {
    if (reportOnly(state)) {
      return false;
    }
    boolean any = false;
    for (Finding finding : ledger.ripe()) {
      List<Mend> mends = audit.mends(finding);
      if (!mends.isEmpty() && told.contains(finding) && repairs.due(finding, clock.instant())) {
        for (Mend mend : mends) {
          any |= repaired(state, finding, mend);
        }
      }
    }
    return any;
  }

  private boolean repaired(SriovNetworkNodeState state, Finding finding, Mend mend)
      throws IOException {
    String kind = finding.kind().label();
    switch (mender.mend(finding, mend, state.getSpec())) {
      case Mender.Result.Mended() -> {
        metrics.repaired(kind, true);
        mended.add(finding);
        log.info("repaired {}: {}", FindingText.what(finding), mend.text());
        voice.normal(state, "VfRepaired", FindingText.what(finding) + ". Done: " + mend.text());
        return true;
      }
      case Mender.Result.PutOff(String why) -> {
        log.debug("{} is put off: {}", mend.text(), why);
        return false;
      }
      case Mender.Result.Failed(String why) -> {
        metrics.repaired(kind, false);
        String text = mend.at() + ": could not " + mend.text() + ": " + why;
        log.warn("{}", text);
        if (repairs.failed(finding, why, clock.instant())) {
          voice.warning(state, "VfRepairFailed", text);
        }
        return false;
      }
    }
  }

  private void tell(SriovNetworkNodeState state, Audit audit) {
    List<Finding> now = ledger.told();
    repairs.keep(now);
    metrics.found(now);
    if (now.isEmpty() && ledger.undecided() && !reported) {
      // After a restart: whatever the last process told may still hold.
      return;
    }
    if (!complete && reported && now.equals(told)) {
      // What a witness that is silent for a moment would say about repairs is no news.
      return;
    }
    var news = News.between(told, now);
    for (Finding finding : news.appeared()) {
      String text = text(state, audit, finding);
      log.warn("{}", text);
      voice.warning(state, "VfDirty", text);
    }
    for (Finding finding : news.gone()) {
      if (!mended.remove(finding)) {
        log.info("no more: {}", FindingText.what(finding));
        voice.normal(state, "VfClean", "No more: " + FindingText.what(finding));
      }
    }
    told = now;
    reported = true;
    voice.report(
        state,
        Report.condition(
            now,
            finding -> text(state, audit, finding),
            Objects.requireNonNullElse(state.getMetadata().getGeneration(), 0L)));
  }

  private String text(SriovNetworkNodeState state, Audit audit, Finding finding) {
    List<Mend> mends = audit.mends(finding);
    String since =
        ledger
            .since(finding)
            .map(instant -> " (since " + instant.truncatedTo(ChronoUnit.SECONDS) + ")")
            .orElse("");
    String advice =
        !mends.isEmpty() && reportOnly(state)
            ? "annotation "
                + Names.VF_AUDIT
                + " of the SriovNetworkNodeState keeps the daemon from putting it right"
            : FindingText.advice(finding, mends);
    return FindingText.what(finding)
        + since
        + "; "
        + repairs
            .failure(finding)
            .map(why -> "the daemon could not put it right: " + why)
            .orElse(advice);
  }

  private static boolean reportOnly(SriovNetworkNodeState state) {
    Map<String, String> annotations = state.getMetadata().getAnnotations();
    return annotations != null && "report".equals(annotations.get(Names.VF_AUDIT));
  }

  /** Lets a repair that is under way finish. */
  @Override
  public void close() throws InterruptedException {
    cadence.close();
    if (!thread.join(Duration.ofSeconds(10))) {
      thread.interrupt();
    }
  }
}
