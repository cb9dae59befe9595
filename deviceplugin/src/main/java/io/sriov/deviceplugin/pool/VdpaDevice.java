package io.sriov.deviceplugin.pool;

/**
 * The vDPA device on top of a function.
 *
 * @param type {@code vhost} or {@code virtio} by the driver it is bound to, else {@code invalid}
 */
public record VdpaDevice(String name, String type) {

  public static final String VHOST = "vhost";

  /** Type of a vDPA device bound to kernel driver {@code driver}. */
  public static String typeOf(String driver) {
    return switch (driver) {
      case "vhost_vdpa" -> VHOST;
      case "virtio_vdpa" -> "virtio";
      default -> "invalid";
    };
  }
}
