package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Answer to {@code DEVLINK_CMD_INFO_GET} (linux/devlink.h): among others one nest {@code
 * DEVLINK_ATTR_INFO_VERSION_RUNNING} for each version the device runs, with name and value.
 */
final class DevlinkInfo {

  private static final int VERSION_RUNNING = 101;
  private static final int VERSION_NAME = 103;
  private static final int VERSION_VALUE = 104;

  private DevlinkInfo() {}

  /** Value of the running version {@code name}. */
  static Optional<String> running(ByteBuffer in, String name) throws LinuxException {
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      if (attribute.type() == VERSION_RUNNING) {
        Optional<String> value = valueOf(attribute.nest(), name);
        if (value.isPresent()) {
          return value;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> valueOf(ByteBuffer version, String name) throws LinuxException {
    boolean named = false;
    Optional<String> value = Optional.empty();
    while (version.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(version);
      switch (attribute.type()) {
        case VERSION_NAME -> named = attribute.text().equals(name);
        case VERSION_VALUE -> value = Optional.of(attribute.text());
        default -> {}
      }
    }
    return named ? value : Optional.empty();
  }
}
