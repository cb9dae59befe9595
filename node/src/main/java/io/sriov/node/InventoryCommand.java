package io.sriov.node;

import io.sriov.kube.Settings;
import io.sriov.kubelet.KubeletSockets;
import io.sriov.kubelet.PodResources;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.node.boot.BootPaths;
import io.sriov.node.boot.BootReader;
import io.sriov.node.boot.ChrootCommands;
import io.sriov.node.host.HostPaths;
import io.sriov.node.host.KernelEvents;
import io.sriov.node.host.LinuxHost;
import io.sriov.node.reconcile.KubeletPods;
import io.sriov.plan.node.Inventory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** {@code inventory}: all cards, supported or not, and who holds their VFs. */
final class InventoryCommand {

  private InventoryCommand() {}

  static void print(Settings settings, PrintStream out) throws IOException {
    var paths =
        new HostPaths(
            settings.env("HOST_ROOT").path().orElse(Path.of("/host")),
            settings.env("SYSFS").path().orElse(Path.of("/sys")),
            settings.env("DEST_DIR").path().orElse(Path.of("/host/tmp")));
    Path kubelet = settings.env("KUBELET_DIR").path().orElse(Path.of("/var/lib/kubelet"));
    settings.refuseRest();
    var boot =
        new BootReader(
            new BootPaths(paths.root(), Path.of("/proc"), paths.sys()),
            new ChrootCommands(paths.root()));
    try (var host = new LinuxHost(paths, List::of, true, new KernelEvents(), boot::read);
        var grpc = new UnixGrpc();
        var resources = new PodResources(grpc, new KubeletSockets(kubelet).podResources())) {
      Inventory inventory = host.inventory();
      if (inventory.pfs().stream().anyMatch(pf -> pf.numVfs() > 0)) {
        inventory = inventory.withInUse(new KubeletPods(resources).on(inventory));
      }
      out.println(inventory.toJson());
    }
  }
}
