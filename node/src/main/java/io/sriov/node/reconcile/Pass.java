package io.sriov.node.reconcile;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateStatus;
import io.sriov.node.apply.HostStepResult;
import io.sriov.node.apply.StepExecutor;
import io.sriov.node.apply.StepResult;
import io.sriov.node.boot.NodeBoot;
import io.sriov.node.drain.DrainDecision;
import io.sriov.node.drain.DrainDecision.Next;
import io.sriov.node.drain.DrainRules;
import io.sriov.node.drain.NodeDrain;
import io.sriov.node.drain.NodeDrain.Wish;
import io.sriov.node.drain.Waiting;
import io.sriov.node.host.Host;
import io.sriov.plan.node.Disruption;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.Planner;
import io.sriov.plan.node.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pass: from the facts to a plan, as far along the plan as pods and people allow, and to what
 * is left. Used by one thread.
 */
public final class Pass {

  /** A plan that is not empty after it was carried out without failure: somebody else is at it. */
  private static final int ROUNDS = 3;

  private final Host host;
  private final StepExecutor executor;
  private final NodeBoot boot;
  private final PodsOnVfs pods;
  private final NodeDrain drain;
  private final List<Refusal> refusedSettings;
  private final DaemonMetrics metrics;
  private boolean checkpointSaved;
  private @Nullable Planned last;

  /** A plan and what it was made of. */
  private record Planned(SriovNetworkNodeStateSpec spec, Inventory inventory, NodePlan plan) {}

  /**
   * @param refusedSettings settings of the process that ask for what is not supported
   */
  public Pass(
      Host host,
      StepExecutor executor,
      NodeBoot boot,
      PodsOnVfs pods,
      NodeDrain drain,
      List<Refusal> refusedSettings,
      DaemonMetrics metrics) {
    this.host = host;
    this.executor = executor;
    this.boot = boot;
    this.pods = pods;
    this.drain = drain;
    this.refusedSettings = List.copyOf(refusedSettings);
    this.metrics = metrics;
  }

  /**
   * Makes the pass.
   *
   * @param seen facts of the last look, if nobody has told of a change since: good enough to begin
   *     what nobody notices; for everything else the host is looked at first
   * @param begun run when something is going to be changed
   */
  Outcome over(
      SriovNetworkNodeState state, DrainRules rules, @Nullable Inventory seen, Runnable begun)
      throws IOException, InterruptedException {
    if (seen != null && checkpointSaved && state.getSpec() != null) {
      NodePlan plan = plan(state.getSpec(), seen);
      if (unnoticed(plan, seen)) {
        return new Run(state, state.getSpec(), rules, begun, seen, plan).finished();
      }
    }
    Inventory inventory = host.inventory();
    saveCheckpoint(state, inventory);
    SriovNetworkNodeStateSpec spec = state.getSpec();
    if (spec == null) {
      // Not "nothing is wanted": the operator decides when it has seen the PFs reported here.
      return Outcome.seen(inventory, NodePlan.refused(refusedSettings));
    }
    return new Run(state, spec, rules, begun, inventory, null).finished();
  }

  private NodePlan plan(SriovNetworkNodeStateSpec spec, Inventory inventory) throws IOException {
    return boot.planFor(spec, Planner.plan(spec, inventory).refusing(refusedSettings));
  }

  /**
   * The plan before anybody asked who uses the VFs. What is made of the same is the same, and most
   * passes find what the one before found.
   */
  private NodePlan before(SriovNetworkNodeStateSpec spec, Inventory inventory) {
    if (last == null || !last.spec.equals(spec) || !last.inventory.equals(inventory)) {
      last = new Planned(spec, inventory, Planner.plan(spec, inventory).refusing(refusedSettings));
    }
    return last.plan;
  }

  /** Whether there is something to do, and all of it is such that no pod and no peer notices. */
  private static boolean unnoticed(NodePlan plan, Inventory inventory) {
    return !plan.steps().isEmpty()
        && plan.hostSteps().isEmpty()
        && plan.rebootReasons().isEmpty()
        && plan.blocked().isEmpty()
        && !plan.concernsExistingVfs(inventory)
        && plan.steps().stream().allMatch(step -> step.disruption() == Disruption.NONE);
  }

  /** See {@link NodeDrain#newest}. */
  SriovNetworkNodeState newest(SriovNetworkNodeState state) {
    return drain.newest(state);
  }

  /** One pass under way. */
  private final class Run {

    private final SriovNetworkNodeState state;
    private final SriovNetworkNodeStateSpec spec;
    private final DrainRules rules;
    private final Runnable begun;
    private final List<HostStepResult> ofHost = new ArrayList<>();
    private final List<StepResult> ofPfs = new ArrayList<>();
    private Set<String> allowed = Set.of();
    private Inventory inventory;
    private NodePlan plan;

    Run(
        SriovNetworkNodeState state,
        SriovNetworkNodeStateSpec spec,
        DrainRules rules,
        Runnable begun,
        Inventory inventory,
        @Nullable NodePlan known)
        throws IOException {
      this.state = state;
      this.spec = spec;
      this.rules = rules;
      this.begun = begun;
      this.inventory = inventory;
      this.plan = known != null ? known : planned();
    }

    Outcome finished() throws IOException, InterruptedException {
      metrics.planned(state, plan);
      DrainDecision decision = null;
      for (int round = 0; round < ROUNDS && failures().isEmpty(); round++) {
        if (!hostStepsDone()) {
          break;
        }
        decision = decided();
        if (decision.next() instanceof Next.Reboot) {
          return rebooted();
        }
        if (decision.next() instanceof Next.Stay || plan.steps().isEmpty()) {
          break;
        }
        apply();
        decision = null;
      }
      if (decision == null) {
        decision = drain.decide(wish());
      }
      decision = drain.written(wish(), decision);
      return outcome(decision);
    }

    /** What may be done now, with the plan made accordingly. */
    private DrainDecision decided() throws IOException {
      DrainDecision decision = drain.decide(wish());
      boolean grave =
          decision.next() instanceof Next.Reboot || decision.next() instanceof Next.Take;
      if (grave) {
        decision = drain.confirm(wish());
      }
      if (decision.next() instanceof Next.Take take) {
        drain.announce(wish(), take.from());
        allowed = Set.copyOf(take.from());
        plan = planned();
      }
      return decision;
    }

    private boolean hostStepsDone() throws IOException, InterruptedException {
      if (plan.hostSteps().isEmpty()) {
        return true;
      }
      begun.run();
      List<HostStepResult> results = boot.execute(plan.hostSteps());
      metrics.hostSteps(results);
      ofHost.addAll(results);
      lookAgain();
      return failures().isEmpty();
    }

    private void apply() throws IOException, InterruptedException {
      begun.run();
      List<StepResult> results = executor.execute(plan, new Recheck(host, pods, allowed));
      metrics.steps(results);
      ofPfs.clear();
      ofPfs.addAll(results);
      allowed = Set.of();
      lookAgain();
    }

    private void lookAgain() throws IOException {
      inventory = host.inventory();
      plan = planned();
    }

    private NodePlan planned() throws IOException {
      NodePlan planned = before(spec, inventory);
      if (!planned.concernsExistingVfs(inventory)) {
        return boot.planFor(spec, planned);
      }
      Inventory asked =
          inventory.withInUse(
              pods.on(inventory).stream().filter(use -> !allowed.contains(use.pod())).toList());
      return plan(spec, asked);
    }

    private List<String> failures() {
      return Outcome.failures(ofHost, ofPfs);
    }

    private Wish wish() {
      boolean applied =
          failures().isEmpty() && plan.steps().isEmpty() && plan.hostSteps().isEmpty();
      return new Wish(state, rebootable(), applied, rules, inventory.boot().id());
    }

    /** A reboot is of no use before the steps that shall take effect by it are done. */
    private NodePlan rebootable() {
      return plan.hostSteps().isEmpty() ? plan : plan.withoutReboot();
    }

    private Outcome rebooted() throws IOException, InterruptedException {
      begun.run();
      drain.reboot(wish());
      metrics.reboot();
      return new Outcome(inventory, plan, failures(), List.of(new Waiting.Rebooting()), true, null);
    }

    private Outcome outcome(DrainDecision decision) {
      boolean putOff = decision.next() instanceof Next.Stay;
      return new Outcome(
          inventory, plan, failures(), decision.waiting(), putOff, boot.result().orElse(null));
    }
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
}
