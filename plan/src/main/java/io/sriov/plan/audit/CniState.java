package io.sriov.plan.audit;

import io.sriov.plan.node.PciAddress;
import java.util.List;

/**
 * State files of the CNI plugins: VFs that containers got by ADD and did not give back by DEL.
 *
 * @param unreadable files of which nothing is known
 */
public record CniState(List<Attached> attached, List<Unreadable> unreadable) {

  /** No pod has a VF. */
  public static final CniState EMPTY = new CniState(List.of(), List.of());

  public CniState {
    attached = List.copyOf(attached);
    unreadable = List.copyOf(unreadable);
  }

  /** Whether a path that was a pod's network namespace still exists on the host. */
  public enum NetnsPath {
    THERE,
    GONE,
    /** A file of the Go plugin whose allocation file is missing. */
    UNKNOWN
  }

  /**
   * A container's hold on a VF.
   *
   * @param file path of the state file on the host
   * @param vfExists whether a PCI device with this address exists at all
   * @param container its id, or the name of a file that does not tell it
   * @param hostName name of the VF's netdev before, empty if it had none
   * @param userspace whether the VF was attached without netdev
   * @param complete whether ADD ended; otherwise it is under way, or was cut off
   */
  public record Attached(
      String file,
      PciAddress vf,
      boolean vfExists,
      String container,
      String hostName,
      boolean userspace,
      boolean complete,
      NetnsPath netns) {}

  /** A state file that cannot be read. */
  public record Unreadable(String file, String why) {}
}
