package io.sriov.linux.unix;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.NativeSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@code struct sockaddr_un} from sys/un.h: sun_family (u16), sun_path (108 bytes with NUL). */
final class UnixAddress {

  private static final int PATH_SIZE = 108;

  private UnixAddress() {}

  static byte[] of(Path path) throws LinuxException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length >= PATH_SIZE) {
      throw new LinuxException(
          Errno.ENAMETOOLONG, "unix socket " + path, "at most " + (PATH_SIZE - 1) + " bytes");
    }
    return ByteBuffer.allocate(2 + name.length + 1)
        .order(ByteOrder.nativeOrder())
        .putShort((short) NativeSocket.AF_UNIX)
        .put(name)
        .array();
  }
}
