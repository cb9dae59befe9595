package io.sriov.cni.sriov;

import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.VfChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One change on the way of a VF into a pod. */
sealed interface Step {

  /**
   * A setting made through the PF.
   *
   * @param before what undoes it
   */
  record Configure(VfChange change, VfChange before) implements Step {}

  /** Takes an alternative name away that the netdev could not keep beside its name in the pod. */
  record DropAltName(String altName) implements Step {}

  /** Moves the netdev, as it was found on the host, into the pod and renames it, in one request. */
  record Enter(Link netdev, String podName) implements Step {}

  /** Lets the kernel announce the interface's addresses when its address or state changes. */
  record Notify(String podName) implements Step {}

  /** Sets the netdev's address while it is down. */
  record SetAddress(HardwareAddress address) implements Step {}

  /** Takes the interface up. */
  record BringUp(String podName) implements Step {}

  /**
   * The way of a VF into a pod: settings by the PF first, since some drivers let an untrusted VF
   * change nothing of its own.
   *
   * @param netdev empty for a VF that a userspace driver holds; then there is nothing to move
   */
  static List<Step> into(VfRequest request, FoundVf found, Optional<Link> netdev, String podName) {
    List<Step> steps = new ArrayList<>();
    request.changes().forEach(change -> steps.add(new Configure(change, found.insteadOf(change))));
    if (netdev.isPresent()) {
      Link link = netdev.get();
      if (link.altNames().contains(podName)) {
        steps.add(new DropAltName(podName));
      }
      steps.add(new Enter(link, podName));
      steps.add(new Notify(podName));
      request.mac().map(SetAddress::new).ifPresent(steps::add);
      steps.add(new BringUp(podName));
    }
    return List.copyOf(steps);
  }
}
