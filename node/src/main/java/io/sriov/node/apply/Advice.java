package io.sriov.node.apply;

import io.sriov.linux.LinuxException;
import io.sriov.plan.node.Step;
import java.io.IOException;

/** Texts about failed steps. */
final class Advice {

  private Advice() {}

  /** {@code <pf>: <step> of VF <n> (<address>): <operation: errno>; <what to do>}. */
  static String failure(Step step, String vfAddress, IOException cause) {
    var text = new StringBuilder().append(step.pf()).append(": ").append(name(step));
    if (step instanceof Step.OfVf ofVf) {
      text.append(" of VF ").append(ofVf.vf());
      if (!vfAddress.isEmpty()) {
        text.append(" (").append(vfAddress).append(')');
      }
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return text.append(": ").append(message).append("; ").append(whatToDo(step, cause)).toString();
  }

  /** What the step does, in the kernel's words. */
  static String name(Step step) {
    return switch (step) {
      case Step.LoadModule load -> "load module " + load.module();
      case Step.SavePfRecord _ -> "save /etc/sriov-operator/pci/" + step.pf();
      case Step.RemovePfRecord _ -> "remove /etc/sriov-operator/pci/" + step.pf();
      case Step.WriteUdevRule rule -> "write udev rule " + rule.file();
      case Step.RemoveUdevRule rule -> "remove udev rule " + rule.file();
      case Step.SetPfMtu mtu -> "set MTU " + mtu.to();
      case Step.SetPfUp _ -> "set link up";
      case Step.EnableAutoprobe _ -> "set sriov_drivers_autoprobe";
      case Step.ResizeVfs resize -> "set sriov_numvfs from " + resize.from() + " to " + resize.to();
      case Step.SetEswitchMode mode -> "set eswitch mode " + mode.to();
      case Step.EnableTcOffload _ -> "enable hw-tc-offload";
      case Step.SetFlowSteering _ -> "set flow_steering_mode smfs";
      case Step.NameRepresentors _ -> "name representors";
      case Step.UnbindDriver _ -> "unbind driver";
      case Step.SetVfAdminMac _ -> "set administrative MAC address";
      case Step.BindDriver bind -> "bind driver " + bind.driver();
      case Step.BindDefaultDriver _ -> "bind kernel driver";
      case Step.RebindDriver _ -> "rebind driver";
      case Step.ClearDriverOverride _ -> "clear driver_override";
      case Step.SetVfMtu mtu -> "set MTU " + mtu.to();
    };
  }

  private static String whatToDo(Step step, IOException cause) {
    if (!(cause instanceof LinuxException linux)) {
      return "it is retried";
    }
    return switch (linux.error()) {
      case ENOSPC ->
          step instanceof Step.ResizeVfs
              ? "the bus has no room for so many VFs: ask for fewer, or enable ARI in the BIOS"
              : "the disk is full: make room";
      case ENOMEM ->
          "the VFs' memory does not fit below the bridge: boot with pci=realloc, or enable SR-IOV"
              + " in the BIOS";
      case EROFS -> "the host's file system is read-only: mount it read-write";
      case EOPNOTSUPP -> "the driver does not support it: remove it from the policy";
      case ETIMEDOUT -> "the driver hangs: look into the kernel log; it is retried";
      case EINVAL ->
          step instanceof Step.SetPfMtu || step instanceof Step.SetVfMtu
              ? "the driver does not allow this MTU: choose another"
              : "look into the kernel log; it is retried";
      case ENOENT ->
          step instanceof Step.LoadModule
              ? "install the module on the host"
              : "the device or its driver went away; it is retried";
      case EACCES, EPERM -> "the daemon must run privileged with the host's /sys";
      default -> "it is retried";
    };
  }
}
