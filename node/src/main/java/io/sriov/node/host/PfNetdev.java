package io.sriov.node.host;

import io.sriov.linux.netlink.Link;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which of the netdevs below a device is its own (spec 03 §2.2 {@code name}). */
final class PfNetdev {

  private static final Pattern UPLINK = Pattern.compile("p\\d+");

  private PfNetdev() {}

  /**
   * The first, unless one is the uplink port of a switch: representors of VFs hang below the PF
   * too.
   *
   * @param names sorted
   */
  static Optional<String> choose(List<String> names, Map<String, Link> links) {
    return names.stream()
        .filter(name -> isUplink(links.get(name)))
        .findFirst()
        .or(() -> names.stream().findFirst());
  }

  private static boolean isUplink(@org.jspecify.annotations.Nullable Link link) {
    return link != null
        && link.physSwitchId().filter(id -> !id.isEmpty()).isPresent()
        && link.physPortName().map(port -> UPLINK.matcher(port).find()).orElse(true);
  }
}
