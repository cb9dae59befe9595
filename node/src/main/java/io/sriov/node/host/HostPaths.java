package io.sriov.node.host;

import io.sriov.api.Names;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.UdevRules;
import java.nio.file.Path;

/**
 * Where the host's files are.
 *
 * @param root the host's root, {@code /host} in the pod
 * @param sys its sysfs, {@code /sys} in the pod too
 * @param checkpointFolder folder of the first discovered NodeState
 */
public record HostPaths(Path root, Path sys, Path checkpointFolder) {

  Path records() {
    return under(Names.HOST_STATE_FOLDER).resolve("pci");
  }

  Path record(PciAddress pf) {
    return records().resolve(pf.value());
  }

  Path udevRules() {
    return under(UdevRules.FOLDER);
  }

  Path nmScript() {
    return under("/etc/udev/disable-nm-sriov.sh");
  }

  Path representorScript() {
    return under("/etc/udev/switchdev-vf-link-name.sh");
  }

  Path checkpoint() {
    return checkpointFolder.resolve("sno-initial-node-state.json");
  }

  private Path under(String absolute) {
    return root.resolve(absolute.substring(1));
  }
}
