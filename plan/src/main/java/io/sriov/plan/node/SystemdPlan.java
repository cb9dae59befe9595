package io.sriov.plan.node;

import io.sriov.api.Names;
import io.sriov.plan.node.BootServices.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a plan is carried out by services that run at boot (spec 03 §5.5.3): the daemon prepares
 * their files and asks for a reboot, and leaves PFs alone.
 *
 * @param config what {@link BootServices#CONFIG_FILE} shall say
 * @param supportedNics what {@link BootServices#SUPPORTED_NICS_FILE} shall say
 * @param runtime identity of the daemon's copy that the host shall have
 */
public record SystemdPlan(String config, String supportedNics, String runtime) {

  /**
   * @param plan what the daemon would do by itself
   */
  public NodePlan of(NodePlan plan, BootServices found) {
    var steps = new ArrayList<>(plan.hostSteps());
    var reasons = new ArrayList<>(plan.rebootReasons());
    var refusals = new ArrayList<>(plan.nodeRefusals());
    List<String> changes = changes(found);
    if (!runtime.equals(found.runtime())) {
      steps.add(new HostStep.InstallRuntime("the host's copy of the daemon is not this version"));
    }
    boolean reported = found.result() != null || found.resultError() != null;
    if (!changes.isEmpty() && reported) {
      // First: a crash in between must not leave a report of another configuration.
      steps.add(
          new HostStep.RemoveFile(
              BootServices.RESULT_FILE, "the report is of an earlier configuration"));
    }
    files(found, steps);
    for (BootUnit unit : BootUnit.ALL) {
      install(unit, found.unit(unit.name()), steps);
    }
    reasons.addAll(changes);
    if (changes.isEmpty() && !reported) {
      reasons.add("the boot services have not applied the configuration yet");
    } else if (changes.isEmpty() && found.resultError() != null) {
      refusals.add(new Refusal.BootResultUnreadable(found.resultError()));
    } else if (changes.isEmpty() && succeeded(found)) {
      // After a failure the next boot would fail the same way.
      reasons.addAll(drift(plan));
      refusals.addAll(gone(plan));
    }
    return new NodePlan(refused(plan), steps, reasons, refusals, plan.unsettled());
  }

  private static boolean succeeded(BootServices found) {
    return found.result() != null && found.result().syncStatus().equals(Names.SUCCEEDED);
  }

  private List<String> changes(BootServices found) {
    var changes = new ArrayList<String>();
    for (BootUnit unit : BootUnit.ALL) {
      Optional<Unit> installed = found.unit(unit.name());
      if (installed.isEmpty()) {
        changes.add("boot service " + unit.name() + " is not installed");
      } else if (!unit.coveredBy(installed.get().content())) {
        changes.add("boot service " + unit.name() + " is outdated");
      } else if (!installed.get().enabled()) {
        changes.add("boot service " + unit.name() + " is not enabled");
      }
    }
    if (!config.equals(found.config())) {
      changes.add("the configuration that the boot services apply changed");
    }
    return changes;
  }

  private void files(BootServices found, List<HostStep> steps) {
    if (!supportedNics.equals(found.supportedNics())) {
      steps.add(
          new HostStep.WriteFile(
              BootServices.SUPPORTED_NICS_FILE,
              supportedNics,
              "the boot services need the supported cards"));
    }
    if (!config.equals(found.config())) {
      steps.add(
          new HostStep.WriteFile(
              BootServices.CONFIG_FILE, config, "the boot services need the configuration"));
    }
  }

  private static void install(BootUnit unit, Optional<Unit> installed, List<HostStep> steps) {
    boolean current = installed.filter(found -> unit.coveredBy(found.content())).isPresent();
    if (!current) {
      steps.add(
          new HostStep.WriteFile(
              unit.path(), unit.content(), "the boot service is not installed or outdated"));
    }
    if (!current || installed.filter(Unit::enabled).isEmpty()) {
      steps.add(new HostStep.EnableUnit(unit.name(), "the boot service is to run at boot"));
    }
  }

  /** A PF without VFs is used by nobody and not worth a reboot; the next one configures it. */
  private static List<String> drift(NodePlan plan) {
    return plan.pfs().stream()
        .filter(SystemdPlan::concernsVfs)
        .map(pf -> pf.pf() + " is not as the boot services left it")
        .toList();
  }

  /** VFs that somebody removed, or of a card that came later: no pod is disturbed by a report. */
  private static List<Refusal> gone(NodePlan plan) {
    return plan.steps().stream()
        .filter(Step.ResizeVfs.class::isInstance)
        .map(Step.ResizeVfs.class::cast)
        .filter(resize -> resize.from() == 0)
        .<Refusal>map(resize -> new Refusal.VfsMadeAtBoot(resize.pf(), resize.to()))
        .toList();
  }

  private static boolean concernsVfs(PfPlan pf) {
    return !pf.blocked().isEmpty()
        || pf.steps().stream()
            .anyMatch(step ->
                step instanceof Step.ResizeVfs resize && resize.from() > 0
                    || step instanceof Step.OfVf && step.disruption() != Disruption.NONE);
  }

  private static List<PfPlan> refused(NodePlan plan) {
    return plan.pfs().stream()
        .filter(pf -> !pf.refusals().isEmpty())
        .map(pf -> PfPlan.refused(pf.pf(), pf.refusals()))
        .toList();
  }
}
