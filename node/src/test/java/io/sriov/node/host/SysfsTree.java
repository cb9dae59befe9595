package io.sriov.node.host;

import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.OperState;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netlink.VfLinkState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A sysfs tree in a temporary folder, laid out as the kernel does it. */
public final class SysfsTree {

  public final Path sys;
  final List<Link> links = new ArrayList<>();

  public SysfsTree(Path sys) throws IOException {
    this.sys = sys;
    Files.createDirectories(sys.resolve("bus/pci/devices"));
  }

  public Path device(String pci) {
    return sys.resolve("bus/pci/devices").resolve(pci);
  }

  public SysfsTree nic(String pci, String vendor, String device, String driver) throws IOException {
    write(device(pci).resolve("vendor"), "0x" + vendor);
    write(device(pci).resolve("device"), "0x" + device);
    write(device(pci).resolve("class"), "0x020000");
    if (driver != null) {
      driver(pci, driver);
    }
    return this;
  }

  public void driver(String pci, String driver) throws IOException {
    Path target = sys.resolve("bus/pci/drivers").resolve(driver);
    Files.createDirectories(target);
    Files.deleteIfExists(device(pci).resolve("driver"));
    Files.createSymbolicLink(device(pci).resolve("driver"), target);
  }

  /** A netdev below {@code folder}, e.g. {@code net} or {@code virtio3/net}. */
  void netdev(String pci, String folder, Link link) throws IOException {
    Files.createDirectories(device(pci).resolve(folder).resolve(link.name()));
    Files.createDirectories(sys.resolve("class/net").resolve(link.name()));
    links.add(link);
  }

  /** {@code pfs} cards with {@code each} VFs, every one with a netdev. */
  void cards(int pfs, int each) throws IOException {
    for (int p = 0; p < pfs; p++) {
      String pf = "0000:%02x:00.0".formatted(0x10 + p);
      String pfMac = "52:54:00:00:%02x:00".formatted(p);
      nic(pf, "8086", "10c9", "igb");
      sriov(pf, each, each);
      var infos = new ArrayList<VfInfo>();
      for (int i = 0; i < each; i++) {
        String vf = "0000:%02x:%02x.%d".formatted(0x10 + p, 2 + i / 8, i % 8);
        String mac = "52:54:00:01:%02x:%02x".formatted(p, i);
        vf(pf, i, vf);
        nic(vf, "8086", "10ca", "igbvf");
        write(device(vf).resolve("driver_override"), "(null)");
        netdev(vf, "net", of(vf, link("v" + p + "-" + i, mac)));
        infos.add(vfInfo(i, mac));
      }
      netdev(pf, "net", of(pf, link("ens" + p, pfMac, Optional.empty(), Optional.empty(), infos)));
    }
  }

  /** The link as Linux 5.14 and later tell of it. */
  static Link of(String pci, Link link) {
    return copy(link, link.master(), Optional.of(pci), Optional.of("pci"));
  }

  /** A link that belongs to a bond. */
  static Link slave(String name, String mac, int bond) {
    return copy(link(name, mac), OptionalInt.of(bond), Optional.empty(), Optional.empty());
  }

  private static Link copy(
      Link link, OptionalInt master, Optional<String> parent, Optional<String> parentBus) {
    return new Link(
        link.index(),
        link.name(),
        link.altNames(),
        link.type(),
        link.flags(),
        link.operState(),
        link.carrier(),
        link.mtu(),
        link.minMtu(),
        link.maxMtu(),
        link.mac(),
        link.permanentAddress(),
        link.kind(),
        link.parent(),
        link.parentNamespaceId(),
        master,
        link.physSwitchId(),
        link.physPortName(),
        parent,
        parentBus,
        link.numVfs(),
        link.vfs());
  }

  void speed(String netdev, String text) throws IOException {
    write(sys.resolve("class/net").resolve(netdev).resolve("speed"), text);
  }

  public void sriov(String pci, int total, int count) throws IOException {
    write(device(pci).resolve("sriov_totalvfs"), Integer.toString(total));
    write(device(pci).resolve("sriov_numvfs"), Integer.toString(count));
    write(device(pci).resolve("sriov_drivers_autoprobe"), "1");
    write(device(pci).resolve("sriov_vf_device"), "10ca");
  }

  public void vf(String pf, int index, String pci) throws IOException {
    Files.createDirectories(device(pci));
    Files.createSymbolicLink(device(pf).resolve("virtfn" + index), device(pci));
    Files.createSymbolicLink(device(pci).resolve("physfn"), device(pf));
  }

  public static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  static VfInfo vfInfo(int index, String mac) {
    return new VfInfo(
        index,
        HardwareAddress.parse(mac).orElseThrow(),
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        VfLinkState.AUTO,
        0,
        0,
        Optional.empty());
  }

  static Link link(String name, String mac) {
    return link(name, mac, Optional.empty(), Optional.empty(), List.of());
  }

  static Link link(
      String name, String mac, Optional<String> switchId, Optional<String> port, List<VfInfo> vfs) {
    return new Link(
        name.hashCode() & 0xffff,
        name,
        name.startsWith("ens") ? List.of("alt-" + name) : List.of(),
        Link.ETHERNET,
        1,
        OperState.UP,
        true,
        1500,
        68,
        9216,
        HardwareAddress.parse(mac).orElseThrow(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        switchId,
        port,
        Optional.empty(),
        Optional.empty(),
        vfs.size(),
        vfs);
  }
}
