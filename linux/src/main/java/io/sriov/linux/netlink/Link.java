package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network link as RTM_NEWLINK describes it (linux/if_link.h).
 *
 * @param index number of the link in its namespace; a move to another namespace may change it
 * @param name at most 15 bytes
 * @param altNames further names, unique in the namespace together with {@code name}
 * @param type {@code ARPHRD_*}: {@link #ETHERNET}, {@link #INFINIBAND}, …
 * @param flags {@code IFF_*}
 * @param operState state seen from above
 * @param carrier whether the wire is alive, as the driver says; see {@link #isRunning}
 * @param mtu bytes
 * @param minMtu bytes, 0 if not limited
 * @param maxMtu bytes, 0 if not limited
 * @param mac present address; of length 0 for a link without
 * @param permanentAddress address in the hardware, if the driver reports it
 * @param kind e.g. {@code veth}, {@code bridge}; empty for a device of a hardware driver
 * @param parent index of the lower link (IFLA_LINK), e.g. of a macvlan; a veth's peer
 * @param parentNamespaceId namespace of {@code parent} where it is another one
 * @param master index of the bridge, bond or VRF it belongs to
 * @param physSwitchId lower-case hex; present only on ports of a switch, e.g. in switchdev mode
 * @param physPortName e.g. {@code p0} or {@code pf0vf3}
 * @param parentDevName name of the device below, e.g. the PCI address (Linux 5.14)
 * @param parentDevBus bus of that device, e.g. {@code pci}
 * @param numVfs number of VFs of a PF
 * @param vfs VFs as the PF's driver reports them, ascending
 */
public record Link(
    int index,
    String name,
    List<String> altNames,
    int type,
    int flags,
    OperState operState,
    boolean carrier,
    int mtu,
    int minMtu,
    int maxMtu,
    HardwareAddress mac,
    Optional<HardwareAddress> permanentAddress,
    Optional<String> kind,
    OptionalInt parent,
    OptionalInt parentNamespaceId,
    OptionalInt master,
    Optional<String> physSwitchId,
    Optional<String> physPortName,
    Optional<String> parentDevName,
    Optional<String> parentDevBus,
    int numVfs,
    List<VfInfo> vfs) {

  /** {@code ARPHRD_ETHER}. */
  public static final int ETHERNET = 1;

  /** {@code ARPHRD_INFINIBAND}. */
  public static final int INFINIBAND = 32;

  /** {@code ARPHRD_LOOPBACK}. */
  public static final int LOOPBACK = 772;

  private static final int IFF_UP = 0x1;
  private static final int IFF_RUNNING = 0x40;

  /** Administrative state. */
  public boolean isUp() {
    return (flags & IFF_UP) != 0;
  }

  /** IFF_RUNNING: up and with carrier, so that frames leave. */
  public boolean isRunning() {
    return (flags & IFF_RUNNING) != 0;
  }

  /** Whether {@code other} is the name or an alternative name. */
  public boolean isNamed(String other) {
    return name.equals(other) || altNames.contains(other);
  }

  /** The VF with this number, if the driver reports it. */
  public Optional<VfInfo> vf(int number) {
    return vfs.stream().filter(vf -> vf.index() == number).findFirst();
  }

  /** Reads the payload of RTM_NEWLINK or RTM_DELLINK. */
  static Link parse(ByteBuffer in) throws LinuxException {
    LinkHeader header = LinkHeader.parse(in);
    Builder link = new Builder();
    while (in.remaining() >= Attribute.HEADER) {
      link.add(Attribute.next(in));
    }
    return link.build(header);
  }

  /** Collects attributes, which come in no promised order. */
  private static final class Builder {

    String name = "";
    List<String> altNames = List.of();
    OperState operState = OperState.UNKNOWN;
    boolean carrier;
    int mtu;
    int minMtu;
    int maxMtu;
    HardwareAddress mac = HardwareAddress.of();
    Optional<HardwareAddress> permanentAddress = Optional.empty();
    Optional<String> kind = Optional.empty();
    OptionalInt parent = OptionalInt.empty();
    OptionalInt parentNamespaceId = OptionalInt.empty();
    OptionalInt master = OptionalInt.empty();
    Optional<String> physSwitchId = Optional.empty();
    Optional<String> physPortName = Optional.empty();
    Optional<String> parentDevName = Optional.empty();
    Optional<String> parentDevBus = Optional.empty();
    int numVfs;
    Optional<Attribute> vfList = Optional.empty();

    void add(Attribute attribute) throws LinuxException {
      switch (attribute.type()) {
        case LinkAttribute.IFNAME -> name = attribute.text();
        case LinkAttribute.PROP_LIST -> altNames = altNames(attribute.nest());
        case LinkAttribute.OPERSTATE -> operState = OperState.of(attribute.u8());
        case LinkAttribute.CARRIER -> carrier = attribute.u8() != 0;
        case LinkAttribute.MTU -> mtu = attribute.u32();
        case LinkAttribute.MIN_MTU -> minMtu = attribute.u32();
        case LinkAttribute.MAX_MTU -> maxMtu = attribute.u32();
        case LinkAttribute.ADDRESS -> mac = HardwareAddress.of(attribute.bytes());
        case LinkAttribute.PERM_ADDRESS ->
            permanentAddress = Optional.of(HardwareAddress.of(attribute.bytes()));
        case LinkAttribute.LINKINFO -> kind = kind(attribute.nest());
        case LinkAttribute.LINK -> parent = OptionalInt.of(attribute.u32());
        case LinkAttribute.LINK_NETNSID -> parentNamespaceId = OptionalInt.of(attribute.u32());
        case LinkAttribute.MASTER -> master = OptionalInt.of(attribute.u32());
        case LinkAttribute.PHYS_SWITCH_ID ->
            physSwitchId = Optional.of(HexFormat.of().formatHex(attribute.bytes()));
        case LinkAttribute.PHYS_PORT_NAME -> physPortName = Optional.of(attribute.text());
        case LinkAttribute.PARENT_DEV_NAME -> parentDevName = Optional.of(attribute.text());
        case LinkAttribute.PARENT_DEV_BUS_NAME -> parentDevBus = Optional.of(attribute.text());
        case LinkAttribute.NUM_VF -> numVfs = attribute.u32();
        case LinkAttribute.VFINFO_LIST -> vfList = Optional.of(attribute);
        default -> {}
      }
    }

    Link build(LinkHeader header) throws LinuxException {
      return new Link(
          header.index(),
          name,
          altNames,
          header.type(),
          header.flags(),
          operState,
          carrier,
          mtu,
          minMtu,
          maxMtu,
          mac,
          permanentAddress,
          kind,
          parent,
          parentNamespaceId,
          master,
          physSwitchId,
          physPortName,
          parentDevName,
          parentDevBus,
          numVfs,
          vfs());
    }

    private List<VfInfo> vfs() throws LinuxException {
      if (vfList.isEmpty()) {
        return List.of();
      }
      List<VfInfo> vfs = new ArrayList<>();
      ByteBuffer nest = vfList.get().nest();
      while (nest.remaining() >= Attribute.HEADER) {
        Attribute attribute = Attribute.next(nest);
        if (attribute.type() == LinkAttribute.VF_INFO) {
          vfs.add(VfInfo.parse(attribute.nest(), mac.length()));
        }
      }
      return List.copyOf(vfs);
    }

    private static List<String> altNames(ByteBuffer nest) throws LinuxException {
      List<String> names = new ArrayList<>();
      while (nest.remaining() >= Attribute.HEADER) {
        Attribute attribute = Attribute.next(nest);
        if (attribute.type() == LinkAttribute.ALT_IFNAME) {
          names.add(attribute.text());
        }
      }
      return List.copyOf(names);
    }

    private static Optional<String> kind(ByteBuffer nest) throws LinuxException {
      while (nest.remaining() >= Attribute.HEADER) {
        Attribute attribute = Attribute.next(nest);
        if (attribute.type() == LinkAttribute.INFO_KIND) {
          return Optional.of(attribute.text());
        }
      }
      return Optional.empty();
    }
  }
}
