package io.sriov.plan.node;

import io.sriov.plan.node.Inventory.Eswitch;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Vf;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Steps from a PF's present eswitch mode and VF count to others (spec 03 §4.6.4). Cards differ in
 * what they allow: Intel's {@code ice} changes its mode only without VFs, all others change it with
 * VFs that have no driver, and leave switchdev mode before their count changes.
 *
 * @param mode to reach
 * @param count VFs to have
 */
record EswitchPlan(Pf pf, String mode, int count) {

  static final String LEGACY = "legacy";
  static final String SWITCHDEV = "switchdev";

  /** {@code flow_steering_mode} with which the driver steers flows by itself. */
  private static final String DRIVER_STEERING = "smfs";

  private static final String MODE_CHANGES = "VFs must have no driver while the eswitch changes";

  /** Whether every VF that exists is destroyed. */
  boolean recreates() {
    return changesMode() || pf.numVfs() != count;
  }

  boolean changesMode() {
    return !pf.eswitchMode().equals(mode);
  }

  /** Whether new VFs are without driver when these steps are done. */
  boolean leavesVfsUnbound() {
    return mode.equals(SWITCHDEV) && !changesWithoutVfs();
  }

  /** The step that tells best what happens. */
  Step essence() {
    return changesMode()
        ? new Step.SetEswitchMode(pf.pci(), pf.eswitchMode(), mode)
        : new Step.ResizeVfs(pf.pci(), pf.numVfs(), count);
  }

  /**
   * The steps.
   *
   * @param beforeUnbinding of new VFs while they still have the kernel's driver
   * @param probed whether the kernel binds new VFs to its driver
   */
  List<Step> steps(List<Step> beforeUnbinding, boolean probed) {
    if (!recreates()) {
      return List.of();
    }
    var steps = new ArrayList<Step>();
    if (changesWithoutVfs() ? !changesMode() : !changesMode() && mode.equals(LEGACY)) {
      steps.add(new Step.ResizeVfs(pf.pci(), pf.numVfs(), count));
      return steps;
    }
    destroy(steps);
    if (mode.equals(SWITCHDEV)) {
      options(steps);
    }
    if (changesWithoutVfs()) {
      steps.add(new Step.SetEswitchMode(pf.pci(), pf.eswitchMode(), mode));
    }
    if (count > 0) {
      steps.add(new Step.ResizeVfs(pf.pci(), 0, count));
    }
    if (leavesVfsUnbound()) {
      steps.addAll(beforeUnbinding);
      if (probed) {
        IntStream.range(0, count)
            .mapToObj(vf -> new Step.UnbindDriver(pf.pci(), vf, MODE_CHANGES))
            .forEach(steps::add);
      }
      steps.add(new Step.SetEswitchMode(pf.pci(), LEGACY, SWITCHDEV));
    }
    return steps;
  }

  private void destroy(List<Step> steps) {
    if (!changesWithoutVfs() && pf.eswitchMode().equals(SWITCHDEV)) {
      unbindings(pf, MODE_CHANGES).forEach(steps::add);
      steps.add(new Step.SetEswitchMode(pf.pci(), SWITCHDEV, LEGACY));
    }
    if (pf.numVfs() > 0) {
      steps.add(new Step.ResizeVfs(pf.pci(), pf.numVfs(), 0));
    }
  }

  /**
   * What the driver shall do in switchdev mode. Compared only when the switch is set up anyway: a
   * driver that does not follow must not be asked for ever.
   */
  private void options(List<Step> steps) {
    Eswitch eswitch = pf.sriov() == null ? null : pf.sriov().eswitch();
    if (eswitch == null) {
      return;
    }
    if (Boolean.FALSE.equals(eswitch.tcOffload())) {
      steps.add(new Step.EnableTcOffload(pf.pci()));
    }
    String steering = eswitch.flowSteering();
    if (steering != null && !steering.isEmpty() && !steering.equals(DRIVER_STEERING)) {
      steps.add(new Step.SetFlowSteering(pf.pci(), steering));
    }
  }

  private boolean changesWithoutVfs() {
    return pf.driver().equals("ice");
  }

  /** Unbinds every VF that has a driver. */
  static Stream<Step> unbindings(Pf pf, String reason) {
    return pf.vfs().stream()
        .filter(vf -> vf.driver() != null)
        .mapToInt(Vf::id)
        .sorted()
        .mapToObj(vf -> new Step.UnbindDriver(pf.pci(), vf, reason));
  }
}
