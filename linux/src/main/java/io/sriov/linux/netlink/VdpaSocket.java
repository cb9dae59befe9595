package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * vDPA devices (generic netlink family {@code vdpa}, linux/vdpa.h). Without the family there is no
 * device.
 */
public final class VdpaSocket implements AutoCloseable {

  private static final int CMD_DEV_NEW = 3;
  private static final int CMD_DEV_DEL = 4;
  private static final int CMD_DEV_GET = 5;

  private static final int MGMTDEV_BUS_NAME = 1;
  private static final int MGMTDEV_DEV_NAME = 2;
  private static final int DEV_NAME = 4;
  private static final int DEV_VENDOR_ID = 6;
  private static final int DEV_MAX_VQS = 7;
  private static final int DEV_NET_CFG_MAX_VQP = 12;

  private final GenericSocket socket;

  private VdpaSocket(GenericSocket socket) {
    this.socket = socket;
  }

  /**
   * A vDPA device.
   *
   * @param name as given when it was made
   * @param managementBus bus of the device it was made on, e.g. {@code pci}; empty if that has none
   * @param managementDevice e.g. the PCI address of a VF
   * @param maxVqs most virtqueues it can have, 0 if not reported
   * @param vendorId 0 if not reported
   */
  public record Device(
      String name, String managementBus, String managementDevice, int maxVqs, int vendorId) {

    static Device parse(ByteBuffer in) throws LinuxException {
      String name = "";
      String managementBus = "";
      String managementDevice = "";
      int maxVqs = 0;
      int vendorId = 0;
      while (in.remaining() >= Attribute.HEADER) {
        Attribute attribute = Attribute.next(in);
        switch (attribute.type()) {
          case DEV_NAME -> name = attribute.text();
          case MGMTDEV_BUS_NAME -> managementBus = attribute.text();
          case MGMTDEV_DEV_NAME -> managementDevice = attribute.text();
          case DEV_MAX_VQS -> maxVqs = attribute.u32();
          case DEV_VENDOR_ID -> vendorId = attribute.u32();
          default -> {}
        }
      }
      return new Device(name, managementBus, managementDevice, maxVqs, vendorId);
    }
  }

  /** A socket; succeeds without the family, which may come later. */
  public static VdpaSocket open() throws LinuxException {
    return new VdpaSocket(GenericSocket.open("vdpa", null));
  }

  /** The device with this name; empty if there is none (ENODEV) or no family (ENOENT). */
  public Optional<Device> device(String name) throws LinuxException {
    try {
      return Optional.of(
          socket.get(
              CMD_DEV_GET,
              "VDPA_CMD_DEV_GET " + name,
              out -> out.text(DEV_NAME, name),
              Device::parse));
    } catch (LinuxException e) {
      if (e.is(Errno.ENODEV, Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Makes a device on a management device.
   *
   * @param maxVqPairs most pairs of virtqueues; empty leaves it to the driver, as one that answers
   *     EOPNOTSUPP demands
   */
  public void add(
      String name, String managementBus, String managementDevice, OptionalInt maxVqPairs)
      throws LinuxException {
    socket.change(
        CMD_DEV_NEW,
        "VDPA_CMD_DEV_NEW " + name + " on " + managementBus + "/" + managementDevice,
        out -> packNew(out, name, managementBus, managementDevice, maxVqPairs));
  }

  static void packNew(
      MessageWriter out,
      String name,
      String managementBus,
      String managementDevice,
      OptionalInt maxVqPairs) {
    out.text(DEV_NAME, name)
        .text(MGMTDEV_BUS_NAME, managementBus)
        .text(MGMTDEV_DEV_NAME, managementDevice);
    if (maxVqPairs.isPresent()) {
      out.u16(DEV_NET_CFG_MAX_VQP, maxVqPairs.getAsInt());
    }
  }

  /** Deletes a device; whether there was one. */
  public boolean delete(String name) throws LinuxException {
    try {
      socket.change(CMD_DEV_DEL, "VDPA_CMD_DEV_DEL " + name, out -> out.text(DEV_NAME, name));
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.ENODEV, Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
