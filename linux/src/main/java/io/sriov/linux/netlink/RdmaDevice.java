package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;

/**
 * An RDMA device, attributes of rdma/rdma_netlink.h.
 *
 * @param index number of the device
 * @param name e.g. {@code mlx5_0}
 * @param nodeGuid as a number, most significant byte first as people write it; 0 if not reported
 */
public record RdmaDevice(int index, String name, long nodeGuid) {

  static final int DEV_INDEX = 1;
  static final int DEV_NAME = 2;
  private static final int NODE_GUID = 6;

  static RdmaDevice parse(ByteBuffer in) throws LinuxException {
    int index = -1;
    String name = "";
    long guid = 0;
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case DEV_INDEX -> index = attribute.u32();
        case DEV_NAME -> name = attribute.text();
        case NODE_GUID -> guid = attribute.u64();
        default -> {}
      }
    }
    return new RdmaDevice(index, name, guid);
  }
}
