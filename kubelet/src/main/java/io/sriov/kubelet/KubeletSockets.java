package io.sriov.kubelet;

import java.nio.file.Path;

/**
 * Where the kubelet keeps its sockets.
 *
 * @param folder {@code /var/lib/kubelet} unless the kubelet runs with another {@code --root-dir}
 */
public record KubeletSockets(Path folder) {

  public static KubeletSockets standard() {
    return new KubeletSockets(Path.of("/var/lib/kubelet"));
  }

  /** Sockets of device plugins that register themselves, beside {@link #registration()}. */
  public Path devicePlugins() {
    return folder.resolve("device-plugins");
  }

  /** Serves {@code v1beta1.Registration}; re-created at each start of the kubelet. */
  public Path registration() {
    return devicePlugins().resolve("kubelet.sock");
  }

  /** Sockets of plugins that the kubelet finds by itself. */
  public Path pluginsRegistry() {
    return folder.resolve("plugins_registry");
  }

  /** Serves {@code v1.PodResourcesLister}. */
  public Path podResources() {
    return folder.resolve("pod-resources").resolve("kubelet.sock");
  }
}
