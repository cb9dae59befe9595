package io.sriov.node.host;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.linux.netlink.EswitchMode;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.plan.node.PciAddress;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A host whose sysfs is a folder: everything is read as on a real one, only the kernel does not
 * answer to writes.
 */
public final class TreeHost {

  private TreeHost() {}

  /** One of {@code pfs} cards with {@code vfs} VFs each, bound to the kernel's driver. */
  public static Host with(Path folder, int pfs, int vfs) throws IOException {
    var tree = new SysfsTree(folder.resolve("sys"));
    for (int p = 0; p < pfs; p++) {
      String pf = address(p);
      tree.nic(pf, "8086", "10c9", "igb");
      tree.netdev(pf, "net", SysfsTree.link("ens" + p, mac(p, 0xff)));
      tree.sriov(pf, vfs, vfs);
      for (int i = 0; i < vfs; i++) {
        String vf = "0000:%02x:%02x.%d".formatted(0x10 + p, 2 + i / 8, i % 8);
        tree.vf(pf, i, vf);
        tree.nic(vf, "8086", "10ca", "igbvf");
        tree.netdev(vf, "net", SysfsTree.link("v" + p + "-" + i, mac(p, i)));
      }
    }
    var files =
        new StoredFiles(
            new HostPaths(folder.resolve("host"), folder.resolve("sys"), folder.resolve("tmp")));
    var reader =
        new InventoryReader(
            new Sysfs(folder.resolve("sys")),
            files,
            () -> tree.links,
            LEGACY,
            List::of,
            true,
            NO_EXPERIENCE);
    return (Host)
        Proxy.newProxyInstance(
            Host.class.getClassLoader(),
            new Class<?>[] {Host.class},
            (_, method, arguments) -> {
              switch (method.getName()) {
                case "inventory" -> {
                  return reader.read();
                }
                case "saveCheckpoint" -> {}
                case "saveRecord" ->
                    files.saveRecord((PciAddress) arguments[0], (Interface) arguments[1]);
                case "writeUdevRule" ->
                    files.writeUdevRule((String) arguments[0], (String) arguments[1]);
                default -> throw new UnsupportedOperationException(method.getName());
              }
              return null;
            });
  }

  private static String mac(int pf, int vf) {
    return "52:54:00:00:%02x:%02x".formatted(pf, vf);
  }

  /** Address of a PF. */
  public static String address(int pf) {
    return "0000:%02x:00.0".formatted(0x10 + pf);
  }

  private static final InventoryReader.Switches LEGACY =
      new InventoryReader.Switches() {
        @Override
        public boolean known(PciAddress pf) {
          return false;
        }

        @Override
        public Optional<EswitchMode> mode(PciAddress pf) {
          return Optional.empty();
        }

        @Override
        public Optional<String> flowSteering(PciAddress pf) {
          return Optional.empty();
        }

        @Override
        public Optional<Boolean> tcOffload(String netdev) {
          return Optional.empty();
        }
      };

  private static final InventoryReader.Experience NO_EXPERIENCE =
      new InventoryReader.Experience() {
        @Override
        public boolean refusesAdminMacs(PciAddress pf) {
          return false;
        }

        @Override
        public Optional<String> hanging(PciAddress pf) {
          return Optional.empty();
        }
      };
}
