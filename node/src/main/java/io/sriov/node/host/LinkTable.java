package io.sriov.node.host;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.sysfs.PciDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The links of one dump, by name and by the PCI function below them. */
final class LinkTable {

  private final Map<String, Link> byName = new HashMap<>();
  private final Map<String, List<String>> byFunction = new HashMap<>();

  LinkTable(List<Link> links) {
    for (Link link : links) {
      byName.put(link.name(), link);
      if (link.parentDevBus().equals(Optional.of("pci"))) {
        link.parentDevName()
            .ifPresent(function ->
                byFunction.computeIfAbsent(function, _ -> new ArrayList<>(1)).add(link.name()));
      }
    }
    byFunction.values().forEach(names -> names.sort(null));
  }

  @Nullable Link named(String name) {
    return byName.get(name);
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  /** The link that is the device's own among {@code names}. */
  Optional<Link> choose(List<String> names) {
    return PfNetdev.choose(names, byName).map(byName::get);
  }

  /**
   * The VF's link. The kernel tells the function since Linux 5.14, but not for the link of a virtio
   * device; only then the folder is listed, which would cost the most for a thousand VFs.
   */
  Optional<Link> of(PciDevice vf) throws LinuxException {
    List<String> names = byFunction.get(vf.address());
    return choose(names == null ? vf.netNames() : names);
  }
}
