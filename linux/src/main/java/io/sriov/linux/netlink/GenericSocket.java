package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One family of generic netlink, found by name. {@code struct genlmsghdr} from linux/genetlink.h:
 * cmd (u8), version (u8), reserved (u16). A family comes and goes with its module: its absence is
 * not remembered, and its number only until the kernel knows it no more (ENOENT).
 */
final class GenericSocket implements AutoCloseable {

  private static final int NETLINK_GENERIC = 16;
  private static final int HEADER = 4;

  private static final int CONTROLLER = 16;
  private static final int CONTROLLER_VERSION = 2;
  private static final int GET_FAMILY = 3;
  private static final int FAMILY_ID = 1;
  private static final int FAMILY_NAME = 2;

  private final NetlinkSocket socket;
  private final String family;
  private volatile int id;

  private GenericSocket(NetlinkSocket socket, String family) {
    this.socket = socket;
    this.family = family;
  }

  /** Reads the attributes of one answer. */
  @FunctionalInterface
  interface Reader<T> {
    T read(ByteBuffer attributes) throws LinuxException;
  }

  /** Writes the attributes of a request. */
  @FunctionalInterface
  interface Arguments {
    void pack(MessageWriter out);
  }

  static GenericSocket open(String family, @Nullable NetNamespace namespace) throws LinuxException {
    return new GenericSocket(
        NetlinkSocket.open(NETLINK_GENERIC, family + " socket", namespace), family);
  }

  /** Whether the kernel has the family now. */
  boolean isPresent() throws LinuxException {
    return findId().isPresent();
  }

  void change(int command, String operation, Arguments arguments) throws LinuxException {
    MessageWriter request = request(command, MessageHeader.ACK, arguments);
    boolean unused =
        forgettingId(() -> {
          socket.change(request, operation);
          return true;
        });
  }

  <T> T get(int command, String operation, Arguments arguments, Reader<T> reader)
      throws LinuxException {
    MessageWriter request = request(command, MessageHeader.ACK, arguments);
    return forgettingId(
        () -> socket.get(request, operation, (_, payload) -> reader.read(behindHeader(payload))));
  }

  <T> List<T> dump(int command, String operation, Reader<Optional<T>> reader)
      throws LinuxException {
    MessageWriter request = request(command, MessageHeader.DUMP, _ -> {});
    return forgettingId(
        () -> socket.dump(request, operation, (_, payload) -> reader.read(behindHeader(payload))));
  }

  @FunctionalInterface
  private interface Call<T> {
    T run() throws LinuxException;
  }

  private <T> T forgettingId(Call<T> call) throws LinuxException {
    try {
      return call.run();
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        id = 0;
      }
      throw e;
    }
  }

  private MessageWriter request(int command, int flags, Arguments arguments) throws LinuxException {
    int type =
        findId()
            .orElseThrow(() ->
                new LinuxException(
                    Errno.ENOENT,
                    "netlink family " + family,
                    "the kernel has none; its module is not loaded"));
    return pack(type, command, flags, arguments);
  }

  static MessageWriter pack(int type, int command, int flags, Arguments arguments) {
    MessageWriter out = new MessageWriter(type, flags);
    out.room(HEADER)
        .put((byte) command)
        .put((byte) (type == CONTROLLER ? CONTROLLER_VERSION : 1))
        .putShort((short) 0);
    arguments.pack(out);
    return out;
  }

  private OptionalInt findId() throws LinuxException {
    if (id != 0) {
      return OptionalInt.of(id);
    }
    try {
      int found =
          socket.get(
              pack(CONTROLLER, GET_FAMILY, MessageHeader.ACK, out -> out.text(FAMILY_NAME, family)),
              "find netlink family " + family,
              (_, payload) -> familyId(behindHeader(payload)));
      id = found;
      return OptionalInt.of(found);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return OptionalInt.empty();
      }
      throw e;
    }
  }

  private static int familyId(ByteBuffer in) throws LinuxException {
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      if (attribute.type() == FAMILY_ID) {
        return attribute.u16();
      }
    }
    throw Malformed.because("family without an id");
  }

  private static ByteBuffer behindHeader(ByteBuffer payload) throws LinuxException {
    if (payload.remaining() < HEADER) {
      throw Malformed.because("genlmsghdr of %d bytes".formatted(payload.remaining()));
    }
    return payload.position(payload.position() + HEADER);
  }

  @Override
  public void close() {
    socket.close();
  }
}
