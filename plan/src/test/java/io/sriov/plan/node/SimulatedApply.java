package io.sriov.plan.node;

import java.util.List;

/** Carries steps out on a simulated host, the way a daemon does. */
public final class SimulatedApply {

  private SimulatedApply() {}

  public static void apply(SimulatedHost host, List<Step> steps) {
    steps.forEach(step -> apply(host, step));
  }

  static void apply(SimulatedHost host, Step step) {
    PciAddress pf = step.pf();
    switch (step) {
      case Step.LoadModule(_, var module) -> host.loadModule(module);
      case Step.SavePfRecord(_, var spec) -> host.saveRecord(pf, spec);
      case Step.RemovePfRecord _ -> host.removeRecord(pf);
      case Step.WriteUdevRule(_, var file, var content) -> host.writeRule(file, content);
      case Step.RemoveUdevRule(_, var file) -> host.removeRule(file);
      case Step.SetPfMtu(_, _, var to) -> host.setPfMtu(pf, to);
      case Step.SetPfUp _ -> host.setPfUp(pf);
      case Step.EnableAutoprobe _ -> host.setAutoprobe(pf, true);
      case Step.ResizeVfs(_, var from, var to) -> {
        if (from > 0) {
          host.writeNumVfs(pf, 0);
        }
        host.writeNumVfs(pf, to);
      }
      case Step.SetEswitchMode(_, _, var to) -> host.setEswitchMode(pf, to);
      case Step.EnableTcOffload _ -> host.enableTcOffload(pf);
      case Step.SetFlowSteering _ -> host.setFlowSteering(pf, "smfs");
      case Step.NameRepresentors(_, var name) -> {
        var found = host.eswitch(pf).orElseThrow();
        if (found.portName() != null && found.switchId() != null) {
          host.writeRule(
              UdevRules.representorsFile(pf),
              UdevRules.representors(name, found.portName(), found.switchId()));
          host.announceRepresentors(pf);
        }
      }
      case Step.UnbindDriver(_, var vf, _) -> {
        if (host.driver(pf, vf).isPresent()) {
          host.unbind(pf, vf);
        }
      }
      case Step.SetVfAdminMac(_, var vf, var required) -> {
        try {
          if (required || host.mac(pf, vf).isPresent()) {
            host.setAdminMac(pf, vf, host.mac(pf, vf).orElseThrow());
          }
        } catch (SimulatedHost.KernelError e) {
          if (!e.errno().equals("EOPNOTSUPP")) {
            throw e;
          }
        }
      }
      case Step.BindDriver(_, var vf, _, var driver) -> {
        if (host.driver(pf, vf).isPresent()) {
          host.unbind(pf, vf);
        }
        host.setOverride(pf, vf, driver);
        host.bind(pf, vf, driver);
        host.setOverride(pf, vf, "");
      }
      case Step.BindDefaultDriver(_, var vf, _) -> {
        if (host.driver(pf, vf).isPresent()) {
          host.unbind(pf, vf);
        }
        host.setOverride(pf, vf, "");
        host.probe(pf, vf);
      }
      case Step.RebindDriver(_, var vf) -> {
        host.unbind(pf, vf);
        host.probe(pf, vf);
      }
      case Step.ClearDriverOverride(_, var vf, _) -> host.setOverride(pf, vf, "");
      case Step.SetVfMtu(_, var vf, _, var to) -> host.setVfMtu(pf, vf, to);
    }
  }
}
