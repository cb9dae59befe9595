package io.sriov.linux.uevent;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A device event of the kernel (lib/kobject_uevent.c): {@code ACTION@DEVPATH}, then {@code
 * KEY=VALUE} entries, each closed by NUL.
 *
 * @param action {@code add}, {@code remove}, {@code change}, {@code move}, {@code bind}, {@code
 *     unbind}, {@code online} or {@code offline}
 * @param devpath path below {@code /sys}, e.g. {@code /devices/pci0000:00/0000:00:04.0/net/eth1}
 * @param subsystem e.g. {@code net}, {@code pci}, {@code vfio}; empty if the event names none
 * @param properties all entries, in order, {@code ACTION}, {@code DEVPATH} and {@code SEQNUM} too
 */
public record Uevent(
    String action, String devpath, String subsystem, Map<String, String> properties) {

  /** Value of {@code key}, e.g. {@code INTERFACE}, {@code DRIVER}, {@code PCI_SLOT_NAME}. */
  public Optional<String> property(String key) {
    return Optional.ofNullable(properties.get(key));
  }

  /** Reads a datagram; empty for what is no event of the kernel, such as udev's own messages. */
  static Optional<Uevent> parse(byte[] datagram) {
    String[] parts = new String(datagram, StandardCharsets.UTF_8).split("\0", -1);
    int at = parts[0].indexOf('@');
    if (at <= 0) {
      return Optional.empty();
    }
    Map<String, String> properties = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals > 0) {
        properties.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
      }
    }
    return Optional.of(
        new Uevent(
            parts[0].substring(0, at),
            parts[0].substring(at + 1),
            properties.getOrDefault("SUBSYSTEM", ""),
            Collections.unmodifiableMap(properties)));
  }
}
