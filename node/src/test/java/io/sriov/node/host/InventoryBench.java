package io.sriov.node.host;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.EswitchMode;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.plan.node.PciAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Time of an inventory over a simulated sysfs tree. Arguments: PFs, VFs of each; 8 and 127 without.
 * Prints {@code pfs vfs-each first-ms median-ms best-ms} on one line.
 */
public final class InventoryBench {

  private static final int RUNS = 30;

  private InventoryBench() {}

  /** As the class says. */
  public static void main(String[] arguments) throws IOException {
    int pfs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8;
    int vfs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 127;
    Path folder = Files.createTempDirectory("inventory-bench");
    try {
      var tree = new SysfsTree(folder.resolve("sys"));
      tree.cards(pfs, vfs);
      var reader = reader(folder, tree);
      double[] millis = new double[RUNS];
      for (int run = 0; run < RUNS; run++) {
        long start = System.nanoTime();
        int found = reader.read().pfs().size();
        millis[run] = (System.nanoTime() - start) / 1e6;
        if (found != pfs) {
          throw new IllegalStateException(found + " PFs found instead of " + pfs);
        }
      }
      double first = millis[0];
      Arrays.sort(millis);
      System.out.printf(
          "inventory of %d PFs with %d VFs each: first %.1f ms, median %.1f ms, best %.1f ms%n",
          pfs, vfs, first, millis[RUNS / 2], millis[0]);
    } finally {
      delete(folder);
    }
  }

  private static InventoryReader reader(Path folder, SysfsTree tree) {
    var paths = new HostPaths(folder.resolve("host"), tree.sys, folder.resolve("tmp"));
    return new InventoryReader(
        new Sysfs(tree.sys),
        new StoredFiles(paths),
        () -> tree.links,
        new NoSwitches(),
        () -> List.of(new SupportedNic("8086", "10c9", "10ca")),
        false,
        new NoExperience());
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static final class NoSwitches implements InventoryReader.Switches {
    @Override
    public boolean known(PciAddress pf) throws LinuxException {
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
  }

  private static final class NoExperience implements InventoryReader.Experience {
    @Override
    public boolean refusesAdminMacs(PciAddress pf) {
      return false;
    }

    @Override
    public Optional<String> hanging(PciAddress pf) {
      return Optional.empty();
    }
  }
}
