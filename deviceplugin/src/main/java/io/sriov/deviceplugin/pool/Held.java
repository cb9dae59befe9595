package io.sriov.deviceplugin.pool;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Devices that the kubelet has given to pods, by device id.
 *
 * @param byId who holds the device
 */
public record Held(Map<String, Holder> byId) {

  public static final Held NONE = new Held(Map.of());

  public Held {
    byId = Map.copyOf(byId);
  }

  /**
   * @param resource name under which the kubelet counts the device, e.g. {@code openshift.io/nic}
   * @param pod {@code namespace/name}
   */
  public record Holder(String resource, String pod) {}

  public Optional<Holder> holder(String id) {
    @Nullable Holder holder = byId.get(id);
    return Optional.ofNullable(holder);
  }
}
