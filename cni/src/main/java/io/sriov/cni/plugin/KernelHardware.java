package io.sriov.cni.plugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.PciDevice;
import java.nio.file.Files;
import java.util.Optional;

/** VFs as the kernel shows them. */
public final class KernelHardware implements VfHardware {

  private final PciBus bus;

  /** The VFs of {@code bus}. */
  public KernelHardware(PciBus bus) {
    this.bus = bus;
  }

  @Override
  public PfPort pf(RouteSocket links, String netdev) throws LinuxException {
    Link pf = links.link(netdev);
    return new PfPort() {

      /** Whether what was found with the PF still holds. */
      private boolean untouched = true;

      @Override
      public Optional<VfInfo> vf(int number) throws LinuxException {
        return (untouched ? pf : links.link(pf.index())).vf(number);
      }

      @Override
      public int mtu() {
        return pf.mtu();
      }

      @Override
      public void set(int number, VfChange change) throws LinuxException {
        untouched = false;
        links.setVf(pf, number, change);
      }
    };
  }

  @Override
  public Belongs belongs(String vf, Link link) {
    if (link.parentDevName().isEmpty()) {
      return link.kind().isEmpty() && link.type() != Link.LOOPBACK ? Belongs.UNKNOWN : Belongs.NO;
    }
    String parent = link.parentDevName().get();
    PciDevice device = bus.device(vf);
    // A virtio VF's netdev hangs below the virtio device, which is named as its folder.
    boolean virtio =
        parent.matches("virtio[0-9]+") && Files.isDirectory(device.path().resolve(parent));
    return parent.equals(vf) || virtio ? Belongs.YES : Belongs.NO;
  }
}
