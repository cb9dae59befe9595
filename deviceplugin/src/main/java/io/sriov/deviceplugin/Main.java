package io.sriov.deviceplugin;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.deviceplugin.config.ConfigDecoder;
import io.sriov.deviceplugin.host.DdpTool;
import io.sriov.deviceplugin.host.DevlinkFacts;
import io.sriov.deviceplugin.host.HostDeviceFiles;
import io.sriov.deviceplugin.host.HostFacts;
import io.sriov.deviceplugin.serve.Advertisement;
import io.sriov.deviceplugin.serve.Allocator;
import io.sriov.deviceplugin.serve.CdiFolders;
import io.sriov.deviceplugin.serve.DeviceInfoFolder;
import io.sriov.deviceplugin.serve.Rehearsal;
import io.sriov.kube.BindAddress;
import io.sriov.kube.HttpEndpoints;
import io.sriov.kube.SettingException;
import io.sriov.kube.Settings;
import io.sriov.kube.log.Logging;
import io.sriov.kubelet.KubeletSockets;
import io.sriov.kubelet.PodResources;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.linux.netlink.DevlinkSocket;
import io.sriov.linux.netlink.RouteEvents;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.linux.uevent.UeventSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/** The SR-IOV network device plugin. */
public final class Main {

  private static final Path DEVICE_INFO = Path.of("/var/run/k8s.cni.cncf.io/devinfo/dp");
  private static final CdiFolders CDI =
      new CdiFolders(Path.of("/var/run/cdi"), Path.of("/etc/cdi"));

  /** Longer than a card's reset and the negotiation with a switch after it. */
  private static final Duration LINK_GRACE = Duration.ofSeconds(30);

  private Main() {}

  public static void main(String... arguments) throws InterruptedException {
    if (Arrays.stream(arguments).anyMatch(a -> a.equals("-h") || a.equals("--help"))) {
      System.out.print(PluginSettings.USAGE);
      return;
    }
    System.exit(run(arguments));
  }

  private static int run(String... arguments) throws InterruptedException {
    Logging.start();
    var log = LoggerFactory.getLogger(Main.class);
    try {
      var settings = PluginSettings.of(Settings.of(System.getenv(), arguments));
      Logging.verbosity(settings.verbosity());
      if (settings.logFolder().isPresent()) {
        Logging.alsoInto(settings.logFolder().get().resolve("sriov-device-plugin.log"));
      }
      int exitCode = serve(settings);
      log.info("Ended with code {}", exitCode);
      return exitCode;
    } catch (SettingException e) {
      log.error("{}", e.getMessage());
      System.err.print(PluginSettings.USAGE);
      return 1;
    } catch (IOException e) {
      log.error("Does not start: {}", e.getMessage());
      return 1;
    }
  }

  private static int serve(PluginSettings settings) throws IOException, InterruptedException {
    var sysfs = new Sysfs(Path.of("/sys"));
    var dev = Path.of("/dev");
    var sockets = KubeletSockets.standard();
    var cdi = settings.useCdi() ? Optional.of(CDI) : Optional.<CdiFolders>empty();
    if (cdi.isPresent()) {
      cdi.get().clean();
    }
    try (var grpc = new UnixGrpc();
        var resources = new PodResources(grpc, sockets.podResources());
        var devlink = DevlinkSocket.open()) {
      var allocator =
          new Allocator(
              new HostDeviceFiles(sysfs, dev),
              new DeviceInfoFolder(DEVICE_INFO),
              cdi,
              Clock.systemUTC());
      var plugin =
          new DevicePlugin(
              settings.configFile(),
              new ConfigDecoder(settings.resourcePrefix()),
              new HostFacts(
                  sysfs, Path.of("/proc"), dev, new DevlinkFacts(devlink, new DdpTool("ddptool"))),
              new HeldDevices(resources, allocator),
              new LinkGrace(LINK_GRACE),
              heard -> new Advertisement(sockets, grpc, allocator, heard),
              facts -> {
                boolean unused = Rehearsal.run(grpc, allocator, facts);
              });
      // SIGQUIT, the fourth that upstream ends on, prints the threads of a JVM instead.
      for (var name : new String[] {"HUP", "INT", "TERM"}) {
        Signal.handle(new Signal(name), _ -> plugin.tell(new Event.Stop(0)));
      }
      try (var folders = new FolderWatch(plugin::tell);
          var kernel = UeventSocket.open();
          var links = RouteEvents.ofLinks()) {
        folders.add(plugin.configFolder(), new Event.ConfigurationFile());
        folders.add(plugin.socketFolder(), new Event.Sockets());
        StallGuard.watch(plugin::busy, StallGuard.LIMIT, () -> StallGuard.report(plugin::serves));
        // From here on the kernel keeps what happens. It is heard after the first look: on a node
        // whose pods come and go, its threads would take the processor from the start.
        Runnable hear =
            () -> {
              kernel.deliverTo(new KernelEvents(plugin::tell));
              links.deliverTo(new LinkEvents(plugin::tell));
            };
        if (settings.metrics().equals(BindAddress.OFF)) {
          return plugin.run(hear);
        }
        return observed(settings, plugin, hear);
      } finally {
        if (cdi.isPresent()) {
          cdi.get().clean();
        }
      }
    }
  }

  private static int observed(PluginSettings settings, DevicePlugin plugin, Runnable hear)
      throws IOException, InterruptedException {
    var registry = new PrometheusRegistry();
    PluginMetrics.register(plugin, registry);
    try (var unused =
        HttpEndpoints.start(settings.metrics(), plugin::notReady, settings.metrics(), registry)) {
      return plugin.run(hear);
    }
  }
}
