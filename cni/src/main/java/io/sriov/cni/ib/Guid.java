package io.sriov.cni.ib;

import io.sriov.linux.netlink.HardwareAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A GUID of an InfiniBand node or port.
 *
 * @param value most significant byte first as people write it
 */
record Guid(long value) {

  /** Gives a VF the GUID that its firmware chooses; also what a VF has that was never given one. */
  static final Guid ALL_ONES = new Guid(-1);

  private static final Pattern TEXT = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){7}");
  private static final int BYTES = 8;

  /** Length of an IPoIB address, whose last 8 bytes are the port's GUID. */
  private static final int IPOIB_ADDRESS = 20;

  /** Eight bytes in hex with colons; empty for anything else. */
  static Optional<Guid> parse(String text) {
    return TEXT.matcher(text).matches()
        ? Optional.of(new Guid(HexFormat.fromHexDigitsToLong(text.replace(":", ""))))
        : Optional.empty();
  }

  /** The GUID in the address of an IPoIB netdev; empty for an address of another kind. */
  static Optional<Guid> in(HardwareAddress address) {
    if (address.length() != IPOIB_ADDRESS) {
      return Optional.empty();
    }
    byte[] last = Arrays.copyOfRange(address.bytes(), IPOIB_ADDRESS - BYTES, IPOIB_ADDRESS);
    return Optional.of(new Guid(HexFormat.fromHexDigitsToLong(HexFormat.of().formatHex(last))));
  }

  /** Whether it names a port: all zeros and all ones name none. */
  boolean isUsable() {
    return value != 0 && value != ALL_ONES.value;
  }

  /** Lower case with colons. */
  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":")
        .formatHex(HexFormat.of().parseHex(HexFormat.of().toHexDigits(value)));
  }
}
