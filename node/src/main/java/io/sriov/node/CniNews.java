package io.sriov.node;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.sriov.cni.CniServer;
import io.sriov.cni.plugin.Misspelling;
import io.sriov.node.reconcile.DaemonMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What CNI calls bring to light: counted, and told by an event. The event is the NodeState's, not
 * the pod's: the mistake is the network's and comes back with each of its pods, and the right to
 * write events into every namespace would be needed for nothing else.
 */
final class CniNews implements CniServer.CallListener {

  private static final Duration ONE_EVENT_PER = Duration.ofHours(1);
  private static final int REMEMBERED = 500;

  private final DaemonMetrics metrics;
  private final Supplier<? extends Optional<? extends HasMetadata>> nodeState;
  private final Clock clock;
  private final Map<Topic, Instant> told =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Topic, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };
  private volatile @Nullable Teller teller;

  /** Who makes events, see {@link io.sriov.kube.Events#warning}. */
  @FunctionalInterface
  interface Teller {
    void warning(HasMetadata regarding, String reason, String action, String note);
  }

  private record Topic(String network, String key) {}

  /**
   * @param nodeState what events are about, empty as long as there is none
   */
  CniNews(
      DaemonMetrics metrics,
      Supplier<? extends Optional<? extends HasMetadata>> nodeState,
      Clock clock) {
    this.metrics = metrics;
    this.nodeState = nodeState;
    this.clock = clock;
  }

  /** From now on there are events: CNI calls are served before the cluster can be told of them. */
  void to(Teller events) {
    teller = events;
  }

  @Override
  public void ended(String command, int code, Duration took) {
    metrics.cniCall(command, code, took);
  }

  @Override
  public void misspelt(String network, String pod, Misspelling key) {
    metrics.cniMisspelt(key.meant().getFirst());
    Teller events = teller;
    Optional<? extends HasMetadata> state = nodeState.get();
    if (events != null && state.isPresent() && isNew(new Topic(network, key.key()))) {
      events.warning(
          state.get(),
          "MisspeltKey",
          "AttachPod",
          "network %s, attached to %s: %s".formatted(network, pod, key.advice()));
    }
  }

  private synchronized boolean isNew(Topic topic) {
    Instant now = clock.instant();
    Instant last = told.get(topic);
    if (last != null && now.isBefore(last.plus(ONE_EVENT_PER))) {
      return false;
    }
    // Anew, so that the order stays that of time.
    told.remove(topic);
    told.put(topic, now);
    return true;
  }
}
