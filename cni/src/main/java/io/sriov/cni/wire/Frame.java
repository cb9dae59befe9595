package io.sriov.cni.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One message between the forwarder and the server: u32 length of what follows, u8 type, payload;
 * integers are big-endian ({@code cni/shim/wire.h} is the other half). Strings and byte strings
 * carry a u32 length.
 */
@SuppressWarnings("ArrayRecordComponent") // carriers, never compared
public sealed interface Frame {

  /** Version of the protocol, the first byte of a {@link Call}. */
  int VERSION = 1;

  /** Longest frame, without its own length field. */
  int LONGEST = 4 * 1024 * 1024;

  /** Bytes of the length field. */
  int LENGTH_FIELD = 4;

  /** What became of {@code CNI_NETNS} when the forwarder opened it. */
  enum Netns {
    /** The variable is empty. */
    NONE,
    /** The descriptor rides on the first byte of the frame. */
    OPEN,
    /** {@code open} failed. */
    FAILED
  }

  /**
   * Forwarder to server: a CNI call.
   *
   * @param id 16 random bytes in hex, the same in every try of one call
   * @param errno of {@code open} when {@code netns} is FAILED
   * @param variables the {@code CNI_*} part of the environment
   */
  record Call(String id, Netns netns, int errno, Map<String, String> variables, byte[] stdin)
      implements Frame {}

  /** Server to forwarder: the call is being worked on. */
  record Accepted() implements Frame {}

  /**
   * Server to forwarder: run a plugin found in {@code CNI_PATH}, in the host's mount namespace.
   *
   * @param stdin empty for the call's own
   */
  record Run(String plugin, String command, Optional<byte[]> stdin) implements Frame {}

  /** How running a plugin went. */
  enum Outcome {
    RAN,
    NOT_FOUND,
    NOT_STARTED
  }

  /**
   * Forwarder to server: what the plugin did.
   *
   * @param errno when it was not started
   * @param status exit code, or 128 and the number of the signal that ended it
   * @param cut whether there was more on stdout than fits
   */
  record Ran(Outcome outcome, int errno, int status, boolean cut, byte[] stdout, byte[] stderr)
      implements Frame {}

  /** Server to forwarder: open a path in the host's mount namespace. */
  record Open(String path) implements Frame {}

  /**
   * Forwarder to server: the descriptor rides on the first byte.
   *
   * @param errno of {@code open}, 0 with a descriptor
   */
  record Opened(int errno) implements Frame {}

  /** Server to forwarder: print this and exit. */
  record Done(int exitCode, byte[] stdout, byte[] stderr) implements Frame {}

  /** Forwarder to server: the answer is printed. */
  record Printed() implements Frame {}

  /** The frame with its length field. */
  default byte[] pack() {
    Writer out = new Writer();
    switch (this) {
      case Call(String id, Netns netns, int errno, Map<String, String> variables, byte[] stdin) -> {
        out.u8(1).u8(VERSION).raw(HexFormat.of().parseHex(id)).u8(netns.ordinal()).u32(errno);
        out.u32(variables.size());
        variables.forEach((name, value) -> out.text(name + "=" + value));
        out.bytes(stdin);
      }
      case Accepted() -> out.u8(2).u8(VERSION);
      case Run(String plugin, String command, Optional<byte[]> stdin) ->
          out.u8(3)
              .u8(stdin.isEmpty() ? 1 : 0)
              .text(plugin)
              .text(command)
              .bytes(stdin.orElse(new byte[0]));
      case Ran(Outcome outcome, int errno, int status, boolean cut, byte[] o, byte[] e) ->
          out.u8(4)
              .u8(outcome.ordinal())
              .u32(errno)
              .u32(status)
              .u8(cut ? 1 : 0)
              .u32(o.length)
              .u32(e.length)
              .raw(o)
              .raw(e);
      case Open(String path) -> out.u8(5).text(path);
      case Opened(int errno) -> out.u8(6).u32(errno);
      case Done(int exitCode, byte[] stdout, byte[] stderr) ->
          out.u8(7).u32(exitCode).bytes(stdout).bytes(stderr);
      case Printed() -> out.u8(8);
    }
    return out.frame();
  }

  /**
   * Reads a frame.
   *
   * @param content what follows the length field
   * @throws MalformedFrame if it is no frame of this version
   */
  static Frame parse(byte[] content) throws MalformedFrame {
    ByteBuffer in = ByteBuffer.wrap(content);
    try {
      Frame frame = parse(in);
      if (in.hasRemaining()) {
        throw new MalformedFrame(in.remaining() + " bytes too many in a frame");
      }
      return frame;
    } catch (BufferUnderflowException | ArrayIndexOutOfBoundsException _) {
      throw new MalformedFrame("a frame ends early or holds a number out of range");
    }
  }

  private static Frame parse(ByteBuffer in) throws MalformedFrame {
    int type = Byte.toUnsignedInt(in.get());
    return switch (type) {
      case 1 -> call(in);
      case 2 -> {
        byte unused = in.get();
        yield new Accepted();
      }
      case 3 -> {
        boolean own = (in.get() & 1) != 0;
        String plugin = text(in);
        String command = text(in);
        byte[] stdin = bytes(in);
        yield new Run(plugin, command, own ? Optional.empty() : Optional.of(stdin));
      }
      case 4 -> {
        Outcome outcome = Outcome.values()[in.get()];
        int errno = in.getInt();
        int status = in.getInt();
        boolean cut = in.get() != 0;
        int out = in.getInt();
        int err = in.getInt();
        yield new Ran(outcome, errno, status, cut, bytes(in, out), bytes(in, err));
      }
      case 5 -> new Open(text(in));
      case 6 -> new Opened(in.getInt());
      case 7 -> new Done(in.getInt(), bytes(in), bytes(in));
      case 8 -> new Printed();
      default -> throw new MalformedFrame("frame of unknown type " + type);
    };
  }

  private static Call call(ByteBuffer in) throws MalformedFrame {
    int version = Byte.toUnsignedInt(in.get());
    if (version != VERSION) {
      throw new MalformedFrame(
          "the forwarder speaks version " + version + ", this server version " + VERSION);
    }
    String id = HexFormat.of().formatHex(bytes(in, 16));
    Netns netns = Netns.values()[in.get()];
    int errno = in.getInt();
    int count = in.getInt();
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String variable = text(in);
      int separator = variable.indexOf('=');
      if (separator < 0) {
        throw new MalformedFrame("a variable without =");
      }
      // getenv finds the first of several.
      String unused =
          variables.putIfAbsent(
              variable.substring(0, separator), variable.substring(separator + 1));
    }
    return new Call(id, netns, errno, variables, bytes(in));
  }

  private static String text(ByteBuffer in) {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer in) {
    return bytes(in, in.getInt());
  }

  private static byte[] bytes(ByteBuffer in, int length) {
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /** Grows as needed; the length field is written last. */
  final class Writer {

    private ByteBuffer out = ByteBuffer.allocate(1024).position(LENGTH_FIELD);

    private Writer() {}

    Writer u8(int value) {
      room(1).put((byte) value);
      return this;
    }

    Writer u32(int value) {
      room(4).putInt(value);
      return this;
    }

    Writer raw(byte[] value) {
      room(value.length).put(value);
      return this;
    }

    Writer bytes(byte[] value) {
      return u32(value.length).raw(value);
    }

    Writer text(String value) {
      return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    byte[] frame() {
      out.putInt(0, out.position() - LENGTH_FIELD);
      return Arrays.copyOf(out.array(), out.position());
    }

    private ByteBuffer room(int size) {
      if (out.remaining() < size) {
        int capacity = Math.max(out.capacity() * 2, out.position() + size);
        out = ByteBuffer.wrap(Arrays.copyOf(out.array(), capacity)).position(out.position());
      }
      return out;
    }
  }
}
