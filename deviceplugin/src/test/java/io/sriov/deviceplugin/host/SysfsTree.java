package io.sriov.deviceplugin.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A sysfs of the test's, laid out as the kernel does. */
public final class SysfsTree {

  public static final String PF = "0000:03:00.0";

  public final Path root;
  private final Path devices;

  public SysfsTree(Path root) {
    this.root = root;
    this.devices = root.resolve("bus/pci/devices");
    folder(devices);
  }

  /** An 82576 PF named {@code ens1} without VFs, bound to igb. */
  public SysfsTree pf() {
    function(PF, "pci:v00008086d000010C9sv00008086sd0000A03Cbc02sc00i00");
    text(PF + "/sriov_totalvfs", "7");
    text(PF + "/sriov_numvfs", "0");
    text(PF + "/net/ens1/type", "1");
    driver(PF, "igb");
    return this;
  }

  /** Makes VF {@code index} of the PF, without driver, as the kernel does before it probes. */
  public String addVf(int index) {
    var vf = vf(index);
    function(vf, "pci:v00008086d000010CAsv00008086sd0000A03Cbc02sc00i00");
    link(vf + "/physfn", "../" + PF);
    link(PF + "/virtfn" + index, "../" + vf);
    text(vf + "/numa_node", "-1");
    return vf;
  }

  /** {@link #addVf} bound to igbvf with a netdev. */
  public String boundVf(int index) {
    var vf = addVf(index);
    bind(vf, "igbvf");
    text(vf + "/net/ens1v" + index + "/type", "1");
    return vf;
  }

  public static String vf(int index) {
    return "0000:03:1%d.%d".formatted(index / 8, index % 8);
  }

  public void bind(String address, String driver) {
    delete(address + "/driver");
    driver(address, driver);
  }

  public void removeVf(int index) {
    delete(vf(index));
    delete(PF + "/virtfn" + index);
  }

  public void function(String address, String modalias) {
    text(address + "/modalias", modalias);
  }

  public void driver(String address, String driver) {
    folder(root.resolve("bus/pci/drivers/" + driver));
    link(address + "/driver", "../../drivers/" + driver);
  }

  /** {@code path} below bus/pci/devices, or below the root with a leading slash. */
  public void text(String path, String value) {
    try {
      var file = at(path);
      folder(file.getParent());
      Files.writeString(file, value + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void link(String path, String target) {
    try {
      var link = at(path);
      folder(link.getParent());
      Files.createSymbolicLink(link, Path.of(target));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void delete(String path) {
    var top = at(path);
    if (!Files.exists(top, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var all = Files.walk(top)) {
      for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path at(String path) {
    return path.startsWith("/") ? root.resolve(path.substring(1)) : devices.resolve(path);
  }

  private static void folder(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
