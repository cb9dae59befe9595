package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Features of links (generic netlink family {@code ethtool}, linux/ethtool_netlink.h). */
public final class EthtoolSocket implements AutoCloseable {

  private static final int CMD_FEATURES_GET = 11;
  private static final int CMD_FEATURES_SET = 12;

  private static final int FEATURES_HEADER = 1;
  private static final int FEATURES_HW = 2;
  private static final int FEATURES_WANTED = 3;
  private static final int FEATURES_ACTIVE = 4;

  private static final int HEADER_DEV_NAME = 2;

  private static final int BITSET_NOMASK = 1;
  private static final int BITSET_BITS = 3;
  private static final int BITS_BIT = 1;
  private static final int BIT_NAME = 2;
  private static final int BIT_VALUE = 3;

  private final GenericSocket socket;

  private EthtoolSocket(GenericSocket socket) {
    this.socket = socket;
  }

  /** A socket; succeeds without the family, which kernels before 5.6 have not. */
  public static EthtoolSocket open() throws LinuxException {
    return openIn(null);
  }

  static EthtoolSocket openIn(@Nullable NetNamespace namespace) throws LinuxException {
    return new EthtoolSocket(GenericSocket.open("ethtool", namespace));
  }

  /**
   * Whether a feature is on, e.g. {@code hw-tc-offload}; empty if the driver lets nobody switch it,
   * the link is gone or the kernel has no such family.
   */
  public Optional<Boolean> feature(String netdev, String name) throws LinuxException {
    try {
      return socket.get(
          CMD_FEATURES_GET,
          "ETHTOOL_MSG_FEATURES_GET of " + netdev,
          out -> header(out, netdev),
          in -> read(in, name));
    } catch (LinuxException e) {
      if (e.is(Errno.ENODEV, Errno.ENOENT, Errno.EOPNOTSUPP)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Switches a feature; a driver that does not follow leaves it as it was, without an error. */
  public void setFeature(String netdev, String name, boolean on) throws LinuxException {
    socket.change(
        CMD_FEATURES_SET,
        "ETHTOOL_MSG_FEATURES_SET " + name + (on ? " on" : " off") + " of " + netdev,
        out -> {
          header(out, netdev);
          pack(out, name, on);
        });
  }

  static void header(MessageWriter out, String netdev) {
    int header = out.startNest(FEATURES_HEADER | Attribute.NESTED);
    MessageWriter unused = out.text(HEADER_DEV_NAME, netdev).endNest(header);
  }

  static void pack(MessageWriter out, String name, boolean on) {
    int wanted = out.startNest(FEATURES_WANTED | Attribute.NESTED);
    int bits = out.startNest(BITSET_BITS | Attribute.NESTED);
    int bit = out.startNest(BITS_BIT | Attribute.NESTED);
    out.text(BIT_NAME, name);
    if (on) {
      out.bytes(BIT_VALUE, new byte[0]);
    }
    MessageWriter unused = out.endNest(bit).endNest(bits).endNest(wanted);
  }

  static Optional<Boolean> read(ByteBuffer in, String name) throws LinuxException {
    boolean switchable = false;
    boolean on = false;
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case FEATURES_HW -> switchable = names(attribute.nest()).contains(name);
        case FEATURES_ACTIVE -> on = names(attribute.nest()).contains(name);
        default -> {}
      }
    }
    return switchable || on ? Optional.of(on) : Optional.empty();
  }

  /** Names of the bits that are set. Without a mask the set ones are listed, else all. */
  private static Set<String> names(ByteBuffer bitset) throws LinuxException {
    Set<String> listed = new HashSet<>();
    Set<String> set = new HashSet<>();
    boolean masked = true;
    while (bitset.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(bitset);
      switch (attribute.type()) {
        case BITSET_NOMASK -> masked = false;
        case BITSET_BITS -> {
          ByteBuffer bits = attribute.nest();
          while (bits.remaining() >= Attribute.HEADER) {
            bit(Attribute.next(bits).nest(), listed, set);
          }
        }
        default -> {}
      }
    }
    return masked ? set : listed;
  }

  private static void bit(ByteBuffer in, Set<String> listed, Set<String> set)
      throws LinuxException {
    String name = "";
    boolean value = false;
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case BIT_NAME -> name = attribute.text();
        case BIT_VALUE -> value = true;
        default -> {}
      }
    }
    listed.add(name);
    if (value) {
      set.add(name);
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
