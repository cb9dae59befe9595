package io.sriov.node;

import io.sriov.kube.Settings;
import io.sriov.kube.log.Logging;
import io.sriov.kubelet.KubeletSockets;
import io.sriov.kubelet.PodResources;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.node.boot.BootPaths;
import io.sriov.node.boot.BootReader;
import io.sriov.node.boot.BootService;
import io.sriov.node.boot.ChrootCommands;
import io.sriov.node.boot.ServicePhase;
import io.sriov.node.host.HostPaths;
import io.sriov.node.host.KernelEvents;
import io.sriov.node.host.KernelFeed;
import io.sriov.node.host.LinuxHost;
import io.sriov.node.reconcile.KubeletPods;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code service}: one phase of the boot services, on the host itself (spec 03 §5.5.4). */
final class ServiceCommand {

  private static final Logger log = LoggerFactory.getLogger(ServiceCommand.class);

  private ServiceCommand() {}

  /**
   * @return exit status
   * @throws io.sriov.kube.SettingException for an unknown phase, before anything is touched
   */
  static int run(Settings settings) throws IOException {
    ServicePhase phase = phase(settings);
    Path root = settings.env("HOST_ROOT").path().orElse(Path.of("/"));
    Path sysfs = settings.env("SYSFS").path().orElse(Path.of("/sys"));
    Path kubelet = settings.env("KUBELET_DIR").path().orElse(Path.of("/var/lib/kubelet"));
    settings.refuseRest();
    Logging.start();
    var paths = new BootPaths(root, Path.of("/proc"), sysfs);
    var commands = new ChrootCommands(root);
    var boot = new BootReader(paths, commands);
    var kernel = new KernelEvents();
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      opened.push(
          KernelFeed.start(
              kernel, () -> {}, broken -> log.warn("kernel events: {}", broken.getMessage())));
      return new BootService(
              phase,
              paths,
              commands,
              (supported, anyModel) -> {
                var host =
                    new LinuxHost(
                        new HostPaths(root, sysfs, root.resolve("tmp")),
                        () -> supported,
                        anyModel,
                        kernel,
                        boot::read);
                opened.push(host);
                return host;
              },
              inventory -> holders(inventory, kubelet))
          .run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      opened.forEach(ServiceCommand::close);
    }
  }

  private static ServicePhase phase(Settings settings) {
    return settings
        .flag("phase")
        .as(ServiceCommand::parsed)
        .or(() -> settings.flag("p").as(ServiceCommand::parsed))
        .orElse(ServicePhase.PRE);
  }

  private static ServicePhase parsed(String text) {
    return switch (text) {
      case "pre" -> ServicePhase.PRE;
      case "post" -> ServicePhase.POST;
      default -> throw new IllegalArgumentException("\"" + text + "\" is neither pre nor post");
    };
  }

  /** At boot there is no kubelet, and so no pod; started by hand there may be both. */
  private static List<VfInUse> holders(Inventory inventory, Path kubelet) {
    Path socket = new KubeletSockets(kubelet).podResources();
    try (var connection = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        var grpc = new UnixGrpc();
        var resources = new PodResources(grpc, socket)) {
      log.debug("a kubelet listens: {}", connection.isConnected());
      return new KubeletPods(resources).on(inventory);
    } catch (IOException e) {
      log.debug("no kubelet listens at {}: {}", socket, e.getMessage());
      return List.of();
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      log.debug("closing {}", part, e);
    }
  }
}
