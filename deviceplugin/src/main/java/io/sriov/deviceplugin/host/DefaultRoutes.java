package io.sriov.deviceplugin.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Names of the netdevs through which IPv4 default routes of the main table leave, read from {@code
 * /proc/net/route} (net/ipv4/fib_trie.c): a header, then interface, destination, gateway, flags,
 * three counters and the mask, in hex.
 */
final class DefaultRoutes {

  private static final String ZERO = "00000000";

  private DefaultRoutes() {}

  /** Empty also when the table cannot be read: the exclusion is a safeguard, not a promise. */
  static Set<String> read(Path proc) {
    var netdevs = new HashSet<String>();
    try {
      for (var line : Files.readAllLines(proc.resolve("net/route"))) {
        var fields = line.strip().split("\\s+");
        if (fields.length > 7 && fields[1].equals(ZERO) && fields[7].equals(ZERO)) {
          netdevs.add(fields[0]);
        }
      }
    } catch (IOException e) {
      return Set.of();
    }
    return netdevs;
  }
}
