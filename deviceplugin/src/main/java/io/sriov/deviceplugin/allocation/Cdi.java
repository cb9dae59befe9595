package io.sriov.deviceplugin.allocation;

import io.sriov.deviceplugin.allocation.DeviceFiles.Node;
import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Container Device Interface: device nodes by reference to a file instead of in the answer to the
 * kubelet (spec 05 §8, CDI specification 0.5.0). Devices without nodes are left out, because a CDI
 * device without edits is invalid.
 */
public final class Cdi {

  /** Begin of the name of each of our files. */
  public static final String FILE_PREFIX = "sriov-dp-";

  private static final String VERSION = "0.5.0";
  private static final int MAX_ANNOTATION_NAME = 63;
  private static final Pattern ANNOTATION_NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
  private static final Pattern VENDOR = Pattern.compile("[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
  private static final Pattern DEVICE =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?");

  private Cdi() {}

  /** Name of the pool's file in {@code /var/run/cdi}. */
  public static String fileName(PoolConfig pool) {
    return "%s%s-%s-%s.yaml"
        .formatted(FILE_PREFIX, pool.prefix(), pool.kind().cdiClass(), pool.name());
  }

  /** Text of the pool's file; absent when no device of it has nodes. */
  public static Optional<String> spec(Pool pool, Function<PoolDevice, DeviceFiles> files) {
    var yaml = new StringBuilder();
    for (var device : pool.devices()) {
      var nodes = Providers.nodes(device, files.apply(device));
      if (!nodes.isEmpty()) {
        yaml.append("- name: ").append(GoJson.text(device.id())).append('\n');
        yaml.append("  containerEdits:\n    deviceNodes:\n");
        nodes.forEach(node -> append(yaml, node));
      }
    }
    return yaml.isEmpty()
        ? Optional.empty()
        : Optional.of(
            """
            cdiVersion: "%s"
            kind: %s
            containerEdits: {}
            devices:
            %s\
            """
                .formatted(VERSION, GoJson.text(kind(pool.config())), yaml));
  }

  /**
   * Annotations of the answer for one container; empty when none of its devices has nodes.
   *
   * @throws NotAllocatable when prefix or device id break CDI's rules for names
   */
  public static Map<String, String> annotations(
      PoolConfig pool, List<PoolDevice> devices, Function<PoolDevice, DeviceFiles> files)
      throws NotAllocatable {
    var withNodes =
        devices.stream()
            .filter(device -> !Providers.nodes(device, files.apply(device)).isEmpty())
            .map(PoolDevice::id)
            .toList();
    if (withNodes.isEmpty()) {
      return Map.of();
    }
    var name = pool.prefix() + "_" + pool.kind().cdiClass();
    if (name.length() > MAX_ANNOTATION_NAME || !ANNOTATION_NAME.matcher(name).matches()) {
      throw new NotAllocatable(
          "CDI annotation name %s of %s is not valid: at most 63 letters, digits, _, - and ."
              .formatted(name, pool.resource()));
    }
    if (!VENDOR.matcher(pool.prefix()).matches()) {
      throw new NotAllocatable(
          "prefix %s of %s is not a CDI vendor".formatted(pool.prefix(), pool.resource()));
    }
    for (var id : withNodes) {
      if (!DEVICE.matcher(id).matches()) {
        throw new NotAllocatable(
            "%s of %s is not a CDI device name".formatted(id, pool.resource()));
      }
    }
    return Map.of(
        "cdi.k8s.io/" + name,
        withNodes.stream().map(id -> kind(pool) + "=" + id).collect(Collectors.joining(",")));
  }

  private static String kind(PoolConfig pool) {
    return pool.prefix() + "/" + pool.kind().cdiClass();
  }

  private static void append(StringBuilder yaml, Node node) {
    yaml.append("    - path: ").append(GoJson.text(node.containerPath())).append('\n');
    yaml.append("      hostPath: ").append(GoJson.text(node.hostPath())).append('\n');
    yaml.append("      permissions: rw\n");
  }
}
