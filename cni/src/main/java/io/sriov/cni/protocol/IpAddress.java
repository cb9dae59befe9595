package io.sriov.cni.protocol;

import io.sriov.cni.json.JsonException;
import java.net.Inet6Address;
import java.net.InetAddress;

/** An IP address that remembers how it was written. */
public record IpAddress(InetAddress value, String text) {

  /** Reads an address without a name lookup. */
  public static IpAddress parse(String field, String text) throws JsonException {
    try {
      return new IpAddress(InetAddress.ofLiteral(text), text);
    } catch (IllegalArgumentException _) {
      throw new JsonException(field + " must be an IP address, not \"" + text + "\"");
    }
  }

  public boolean isV6() {
    return value instanceof Inet6Address;
  }

  /**
   * An address with the length of its network's prefix.
   *
   * @param length bits
   */
  public record Prefix(IpAddress address, int length) {

    public static Prefix parse(String field, String text) throws JsonException {
      int slash = text.indexOf('/');
      if (slash < 0) {
        throw new JsonException(field + " must be ADDRESS/LENGTH, not \"" + text + "\"");
      }
      IpAddress address = IpAddress.parse(field, text.substring(0, slash));
      try {
        int length = Integer.parseInt(text.substring(slash + 1));
        if (length >= 0 && length <= (address.isV6() ? 128 : 32)) {
          return new Prefix(address, length);
        }
      } catch (NumberFormatException _) {
        // Told below, as for a number out of range.
      }
      throw new JsonException(field + " has a bad prefix length: \"" + text + "\"");
    }

    public boolean isV6() {
      return address.isV6();
    }

    public String text() {
      return address.text() + "/" + length;
    }
  }
}
