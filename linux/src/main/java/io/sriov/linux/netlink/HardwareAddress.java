package io.sriov.linux.netlink;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** Link-layer address: 6 bytes on Ethernet, 20 on IPoIB, 8 for a GUID. */
public final class HardwareAddress {

  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");
  private static final Pattern WITH_COLONS = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})+");
  private static final Pattern WITH_HYPHENS = Pattern.compile("[0-9a-fA-F]{2}(-[0-9a-fA-F]{2})+");
  private static final Pattern WITH_DOTS = Pattern.compile("[0-9a-fA-F]{4}(\\.[0-9a-fA-F]{4})+");

  private final byte[] bytes;

  private HardwareAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies {@code bytes}. */
  public static HardwareAddress of(byte... bytes) {
    return new HardwareAddress(bytes.clone());
  }

  /**
   * Reads {@code aa:bb:cc:dd:ee:ff}, {@code aa-bb-…} or {@code aabb.ccdd.eeff} in either case, of
   * 6, 8 or 20 bytes; empty for anything else.
   */
  public static Optional<HardwareAddress> parse(String text) {
    String digits;
    if (WITH_COLONS.matcher(text).matches()) {
      digits = text.replace(":", "");
    } else if (WITH_HYPHENS.matcher(text).matches()) {
      digits = text.replace("-", "");
    } else if (WITH_DOTS.matcher(text).matches()) {
      digits = text.replace(".", "");
    } else {
      return Optional.empty();
    }
    int length = digits.length() / 2;
    return length == 6 || length == 8 || length == 20
        ? Optional.of(new HardwareAddress(HexFormat.of().parseHex(digits)))
        : Optional.empty();
  }

  /** A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  public int length() {
    return bytes.length;
  }

  /** Whether every byte is 0. */
  public boolean isZero() {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether every byte is ff. */
  public boolean isBroadcast() {
    for (byte b : bytes) {
      if (b != (byte) 0xff) {
        return false;
      }
    }
    return true;
  }

  /** Whether the group bit of the first byte is set. */
  public boolean isMulticast() {
    return bytes.length > 0 && (bytes[0] & 1) != 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HardwareAddress that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Lower case with colons, e.g. {@code 0a:00:27:00:00:01}. */
  @Override
  public String toString() {
    return COLONS.formatHex(bytes);
  }
}
