package io.sriov.node.reconcile;

import io.sriov.api.FeatureGate;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovOperatorConfigSpec;
import io.sriov.node.drain.DrainRules;
import io.sriov.node.drain.Waiting;
import io.sriov.node.reconcile.Wakeup.Cause;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.PciAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the host to what the NodeState says, and the NodeState's status to what the host says: at
 * once when either changes, and every 30 s anyway. One thread; a pass with nothing to do writes
 * nothing and starts no process.
 */
public final class Reconciler implements AutoCloseable {

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  /** The kubelet tells nobody when a pod gives a VF back. */
  private static final Duration LOOK_FOR_PODS = Duration.ofSeconds(2);

  /** As long as nobody makes pods leave they rarely do; and the wait may last for days. */
  private static final Duration LOOK_FOR_PODS_IDLY = Duration.ofSeconds(5);

  /** Longest time until an API server that is away is asked again; at first it is 1 s. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

  /** For the links of new VFs to come up and for udev to be done with them. */
  private static final Duration SETTLE = Duration.ofSeconds(2);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofMinutes(1);

  private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

  private final Pass pass;
  private final DesiredState desired;
  private final StatusPublisher publisher;
  private final PluginConfigFile pluginConfig;
  private final boolean externalDrainer;
  private final DaemonMetrics metrics;
  private final Wakeup wakeup = new Wakeup();
  private final Thread thread;
  private int failedPasses;
  private int askedInVain;
  private boolean worked;
  private @Nullable Outcome last;
  private long lastLook;
  private volatile @Nullable Reading reading;

  /** Version of the NodeState with the last status: unless it changed, there is nothing to tell. */
  private @Nullable String told;

  private volatile String notReady = "no pass was made yet";
  private volatile boolean closed;

  /**
   * @param pluginConfigFile what the device plugin follows
   * @param externalDrainer whether somebody else than the operator drains this node
   */
  public Reconciler(
      Pass pass,
      DesiredState desired,
      StatusPublisher publisher,
      Path pluginConfigFile,
      boolean externalDrainer,
      DaemonMetrics metrics) {
    this.pass = pass;
    this.desired = desired;
    this.publisher = publisher;
    this.pluginConfig = new PluginConfigFile(pluginConfigFile);
    this.externalDrainer = externalDrainer;
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().name("reconcile").unstarted(this::run);
  }

  /** Makes the first pass and goes on until {@link #close}. */
  public void start() {
    thread.start();
  }

  /** The desired state changed. */
  public void desiredChanged() {
    wakeup.wake(Cause.DESIRED);
  }

  /** The device plugin's configuration changed. */
  public void pluginConfigChanged() {
    wakeup.wake(Cause.PLUGIN_CONFIG);
  }

  /** The kernel reported a change of a device or link. */
  public void kernelChanged() {
    wakeup.wake(Cause.KERNEL);
  }

  /** Why the daemon does not do its work, empty when it does. */
  public Optional<String> notReady() {
    return notReady.isEmpty() ? Optional.empty() : Optional.of(notReady);
  }

  private void run() {
    Duration next = Duration.ZERO;
    try {
      while (!closed) {
        Set<Cause> causes = wakeup.await(next, holdOff());
        next = look(causes);
      }
    } catch (InterruptedException e) {
      log.debug("reconcile loop ends");
    }
  }

  private Duration holdOff() {
    if (failedPasses > 0) {
      return retry();
    }
    return worked ? SETTLE : Duration.ZERO;
  }

  /** Time until the next look if nothing happens. */
  private Duration look(Set<Cause> causes) throws InterruptedException {
    Optional<String> unknown = desired.notReady();
    if (unknown.isPresent()) {
      notReady = unknown.get();
      last = null;
      return LOOK_AGAIN;
    }
    notReady = "";
    SriovNetworkNodeState state = desired.nodeState().orElse(null);
    if (state == null) {
      // What the kernel tells meanwhile is not looked at.
      last = null;
      return LOOK_AGAIN;
    }
    SriovOperatorConfigSpec config = desired.operatorConfig();
    long start = System.nanoTime();
    try {
      if (causes.equals(EnumSet.of(Cause.PLUGIN_CONFIG)) && last != null) {
        // The host is as it was at the end of the last pass, or the kernel would have told.
        writePluginConfig(state, config, last);
        return next(last);
      }
      worked = false;
      Inventory known = seen(causes, start);
      Outcome outcome = pass.over(state, rules(config), known, () -> begun(state));
      if (outcome.inventory() != known) {
        reading = new Reading(outcome.inventory(), start);
      }
      boolean news = !outcome.equals(last) || !outcome.waiting().isEmpty();
      last = outcome;
      lastLook = System.nanoTime();
      metrics.pass(state, outcome, Duration.ofNanos(System.nanoTime() - start));
      String version = state.getMetadata().getResourceVersion();
      if (news || worked || !Objects.equals(version, told)) {
        publisher.publish(pass.newest(state), generation(state), outcome);
        told = version;
      }
      // A refused wish fails the same way until somebody changes it: nothing to be tried again.
      failedPasses = outcome.unfinished() ? failedPasses + 1 : 0;
      writePluginConfig(state, config, outcome);
      log.debug("pass after {} ended {}", causes, outcome.syncStatus());
      return next(outcome);
    } catch (IOException e) {
      failedPasses++;
      told = null;
      log.error("pass failed, it is repeated in {}: {}", retry(), e.getMessage());
      publisher.failed(state, generation(state), String.valueOf(e.getMessage()));
      return retry();
    } catch (RuntimeException e) {
      failedPasses++;
      told = null;
      log.atError().setCause(e).log("pass failed by a defect, it is repeated in {}", retry());
      publisher.failed(state, generation(state), "internal error: " + e);
      return retry();
    }
  }

  /** Facts that still hold: the kernel tells of every change of devices and links. */
  private @Nullable Inventory seen(Set<Cause> causes, long now) {
    return causes.equals(EnumSet.of(Cause.DESIRED))
            && last != null
            && failedPasses == 0
            && now - lastLook < LOOK_AGAIN.toNanos()
        ? last.inventory()
        : null;
  }

  /** What was read of the host, and at which {@code System.nanoTime} that began. */
  private record Reading(Inventory inventory, long from) {}

  /**
   * What the last pass that read the host saw of it; empty if that began before {@code
   * System.nanoTime} {@code from}.
   */
  public Optional<Inventory> readSince(long from) {
    Reading newest = reading;
    return newest != null && newest.from() - from >= 0
        ? Optional.of(newest.inventory())
        : Optional.empty();
  }

  private void begun(SriovNetworkNodeState state) {
    worked = true;
    publisher.inProgress(state);
  }

  private void writePluginConfig(
      SriovNetworkNodeState state, SriovOperatorConfigSpec config, Outcome outcome)
      throws IOException {
    if (state.getSpec() != null && desired.knowsPluginConfig()) {
      pluginConfig.write(desired.pluginConfig().orElse(null), heldBack(config, outcome));
    }
  }

  private Duration next(Outcome outcome) {
    Duration wait = failedPasses > 0 ? retry() : LOOK_AGAIN;
    if (outcome.waiting().stream().anyMatch(Waiting.ForApiServer.class::isInstance)) {
      askedInVain = Math.min(askedInVain + 1, 10);
      return shorter(wait, shorter(ASK_AGAIN, FIRST_RETRY.multipliedBy(1L << (askedInVain - 1))));
    }
    askedInVain = 0;
    if (outcome.remaining().blocked().isEmpty()) {
      return wait;
    }
    boolean forTurn =
        outcome.waiting().stream()
            .anyMatch(w ->
                w instanceof Waiting.ForTurn
                    || w instanceof Waiting.Held
                    || w instanceof Waiting.GivenUp);
    return shorter(wait, forTurn ? LOOK_FOR_PODS_IDLY : LOOK_FOR_PODS);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private DrainRules rules(SriovOperatorConfigSpec config) {
    return new DrainRules(
        Boolean.TRUE.equals(config.disableDrain()),
        externalDrainer,
        Objects.requireNonNullElse(config.rebootPolicy(), DrainRules.DEFAULT.rebootPolicy()),
        Objects.requireNonNullElse(config.maxReboots(), DrainRules.MAX_REBOOTS));
  }

  /** PFs of which nothing new is offered: none, where nobody wants to wait for them. */
  private static List<Pf> heldBack(SriovOperatorConfigSpec config, Outcome outcome) {
    if (!FeatureGate.BLOCK_DEVICE_PLUGIN_UNTIL_CONFIGURED.in(config.featureGates())) {
      return List.of();
    }
    Set<PciAddress> unsettled = outcome.unsettled();
    return outcome.inventory().pfs().stream().filter(pf -> unsettled.contains(pf.pci())).toList();
  }

  private static long generation(SriovNetworkNodeState state) {
    return Objects.requireNonNullElse(state.getMetadata().getGeneration(), Long.valueOf(0));
  }

  private Duration retry() {
    long factor = 1L << Math.min(failedPasses - 1, 10);
    Duration wait = FIRST_RETRY.multipliedBy(factor);
    return wait.compareTo(LAST_RETRY) < 0 ? wait : LAST_RETRY;
  }

  /** Lets a pass that is under way finish, within the 20 s that the kubelet leaves. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    wakeup.wake(Cause.DESIRED);
    if (!thread.join(Duration.ofSeconds(20))) {
      thread.interrupt();
    }
  }
}
