package io.sriov.kube;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a server listens, written as Go writes it: {@code :8081}, {@code 127.0.0.1:8081}, {@code
 * [::1]:8081}; {@code 0} or port 0 is off.
 *
 * @param host empty for every address of the machine
 * @param port 1–65535, or 0 for off
 */
public record BindAddress(String host, int port) {

  public static final BindAddress OFF = new BindAddress("", 0);

  /**
   * Reads {@code text}.
   *
   * @throws IllegalArgumentException saying what is allowed
   */
  public static BindAddress parse(String text) {
    if (text.equals("0")) {
      return OFF;
    }
    int colon = text.lastIndexOf(':');
    try {
      int port = colon < 0 ? -1 : Integer.parseInt(text.substring(colon + 1));
      if (port >= 0 && port <= 65535) {
        var host = text.substring(0, colon);
        return new BindAddress(
            host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host,
            port);
      }
    } catch (NumberFormatException e) {
      throw refused(text);
    }
    throw refused(text);
  }

  /** The socket address, empty when off. */
  Optional<InetSocketAddress> socketAddress() {
    if (port == 0) {
      return Optional.empty();
    }
    return Optional.of(
        host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port));
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    if (port == 0) {
      return "0";
    }
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is neither host:port, :port (0–65535) nor 0 for off");
  }
}
