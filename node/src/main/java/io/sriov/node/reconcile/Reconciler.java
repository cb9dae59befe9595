package io.sriov.node.reconcile;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateStatus;
import io.sriov.node.apply.StepExecutor;
import io.sriov.node.apply.StepResult;
import io.sriov.node.host.Host;
import io.sriov.node.reconcile.Wakeup.Cause;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofMinutes(1);

  /** A plan that is not empty after it was carried out without failure: somebody else is at it. */
  private static final int ROUNDS = 3;

  private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

  private final Host host;
  private final StepExecutor executor;
  private final DesiredState desired;
  private final PodsOnVfs pods;
  private final StatusPublisher publisher;
  private final PluginConfigFile pluginConfig;
  private final List<Refusal> refusedSettings;
  private final DaemonMetrics metrics;
  private final Wakeup wakeup = new Wakeup();
  private final Thread thread;
  private int failedPasses;
  private boolean checkpointSaved;
  private volatile String notReady = "no pass was made yet";
  private volatile boolean closed;

  /**
   * @param pluginConfigFile what the device plugin follows
   * @param refusedSettings settings of the process that ask for what is not supported
   */
  public Reconciler(
      Host host,
      StepExecutor executor,
      DesiredState desired,
      PodsOnVfs pods,
      StatusPublisher publisher,
      Path pluginConfigFile,
      List<Refusal> refusedSettings,
      DaemonMetrics metrics) {
    this.host = host;
    this.executor = executor;
    this.desired = desired;
    this.pods = pods;
    this.publisher = publisher;
    this.pluginConfig = new PluginConfigFile(pluginConfigFile);
    this.refusedSettings = List.copyOf(refusedSettings);
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
        Set<Cause> causes = wakeup.await(next, failedPasses > 0 ? retry() : Duration.ZERO);
        next = look(causes);
      }
    } catch (InterruptedException e) {
      log.debug("reconcile loop ends");
    }
  }

  /** Time until the next look if nothing happens. */
  private Duration look(Set<Cause> causes) throws InterruptedException {
    Optional<String> unknown = desired.notReady();
    if (unknown.isPresent()) {
      notReady = unknown.get();
      return LOOK_AGAIN;
    }
    notReady = "";
    SriovNetworkNodeState state = desired.nodeState().orElse(null);
    if (state == null) {
      return LOOK_AGAIN;
    }
    long start = System.nanoTime();
    try {
      Outcome outcome = pass(state);
      metrics.pass(outcome, Duration.ofNanos(System.nanoTime() - start));
      publisher.publish(state, outcome);
      // A refused wish fails the same way until somebody changes it: nothing to be tried again.
      failedPasses = outcome.unfinished() ? failedPasses + 1 : 0;
      if (state.getSpec() != null && outcome.usable() && desired.knowsPluginConfig()) {
        pluginConfig.write(desired.pluginConfig().orElse(null));
      }
      log.debug("pass after {} ended {}", causes, outcome.syncStatus());
      return outcome.remaining().blocked().isEmpty()
          ? failedPasses > 0 ? retry() : LOOK_AGAIN
          : LOOK_FOR_PODS;
    } catch (IOException e) {
      failedPasses++;
      log.error("pass failed, it is repeated in {}: {}", retry(), e.getMessage());
      publisher.failed(state, String.valueOf(e.getMessage()));
      return retry();
    } catch (RuntimeException e) {
      failedPasses++;
      log.atError().setCause(e).log("pass failed by a defect, it is repeated in {}", retry());
      publisher.failed(state, "internal error: " + e);
      return retry();
    }
  }

  private Duration retry() {
    long factor = 1L << Math.min(failedPasses - 1, 10);
    Duration wait = FIRST_RETRY.multipliedBy(factor);
    return wait.compareTo(LAST_RETRY) < 0 ? wait : LAST_RETRY;
  }

  private Outcome pass(SriovNetworkNodeState state) throws IOException, InterruptedException {
    Inventory inventory = host.inventory();
    saveCheckpoint(state, inventory);
    SriovNetworkNodeStateSpec spec = state.getSpec();
    if (spec == null) {
      // Not "nothing is wanted": the operator decides when it has seen the PFs reported here.
      return Outcome.of(inventory, NodePlan.refused(refusedSettings), List.of());
    }
    NodePlan plan = plan(spec, inventory);
    List<StepResult> results = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      if (plan.concernsExistingVfs(inventory)) {
        inventory = inventory.withInUse(pods.on(inventory));
        plan = plan(spec, inventory);
      }
      if (plan.steps().isEmpty()) {
        break;
      }
      publisher.inProgress(state);
      results = executor.execute(plan, StepExecutor.Guard.NONE);
      metrics.steps(results);
      inventory = host.inventory().withInUse(inventory.inUse());
      plan = plan(spec, inventory);
      if (results.stream().anyMatch(StepResult::failed)) {
        break;
      }
    }
    return Outcome.of(inventory, plan, results);
  }

  /** Before the first change, for resets to return to. */
  private void saveCheckpoint(SriovNetworkNodeState state, Inventory inventory) throws IOException {
    if (checkpointSaved) {
      return;
    }
    var now = new SriovNetworkNodeState();
    now.setMetadata(
        new ObjectMetaBuilder()
            .withName(state.getMetadata().getName())
            .withNamespace(state.getMetadata().getNamespace())
            .build());
    now.setStatus(
        new SriovNetworkNodeStateStatus(
            StatusOf.interfaces(inventory), null, null, null, null, List.of()));
    host.saveCheckpoint(now);
    checkpointSaved = true;
  }

  private NodePlan plan(SriovNetworkNodeStateSpec spec, Inventory inventory) {
    return Planner.plan(spec, inventory).refusing(refusedSettings);
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
