package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A port of a devlink device, attributes of linux/devlink.h.
 *
 * @param bus e.g. {@code pci}
 * @param device e.g. {@code 0000:3b:00.0}
 * @param index number of the port on its device
 * @param flavour {@code DEVLINK_PORT_FLAVOUR_*}, see {@link #PHYSICAL} and {@link #PCI_VF}
 * @param controller number of the host it belongs to, 0 for the local one
 * @param pf number of the PF of a PF or VF port
 * @param vf number of the VF of a VF port
 * @param netdev name of its link; empty if it has none in this namespace
 */
public record DevlinkPort(
    String bus,
    String device,
    int index,
    int flavour,
    int controller,
    OptionalInt pf,
    OptionalInt vf,
    Optional<String> netdev) {

  /** {@code DEVLINK_PORT_FLAVOUR_PHYSICAL}: the uplink. */
  public static final int PHYSICAL = 0;

  /** {@code DEVLINK_PORT_FLAVOUR_PCI_PF}. */
  public static final int PCI_PF = 3;

  /** {@code DEVLINK_PORT_FLAVOUR_PCI_VF}: its link is the VF's representor. */
  public static final int PCI_VF = 4;

  static final int NO_FLAVOUR = -1;

  private static final int PORT_INDEX = 3;
  private static final int PORT_NETDEV_NAME = 7;
  private static final int PORT_FLAVOUR = 77;
  private static final int PORT_PCI_PF_NUMBER = 127;
  private static final int PORT_PCI_VF_NUMBER = 128;
  private static final int PORT_CONTROLLER_NUMBER = 150;

  static DevlinkPort parse(ByteBuffer in) throws LinuxException {
    String bus = "";
    String device = "";
    int index = -1;
    int flavour = NO_FLAVOUR;
    int controller = 0;
    OptionalInt pf = OptionalInt.empty();
    OptionalInt vf = OptionalInt.empty();
    Optional<String> netdev = Optional.empty();
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case DevlinkSocket.BUS_NAME -> bus = attribute.text();
        case DevlinkSocket.DEV_NAME -> device = attribute.text();
        case PORT_INDEX -> index = attribute.u32();
        case PORT_FLAVOUR -> flavour = attribute.u16();
        case PORT_CONTROLLER_NUMBER -> controller = attribute.u32();
        case PORT_PCI_PF_NUMBER -> pf = OptionalInt.of(attribute.u16());
        case PORT_PCI_VF_NUMBER -> vf = OptionalInt.of(attribute.u16());
        case PORT_NETDEV_NAME -> netdev = Optional.of(attribute.text());
        default -> {}
      }
    }
    return new DevlinkPort(bus, device, index, flavour, controller, pf, vf, netdev);
  }
}
