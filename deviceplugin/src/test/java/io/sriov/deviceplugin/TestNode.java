package io.sriov.deviceplugin;

import io.sriov.deviceplugin.config.ConfigDecoder;
import io.sriov.deviceplugin.host.FakeDrivers;
import io.sriov.deviceplugin.host.HostDeviceFiles;
import io.sriov.deviceplugin.host.HostFacts;
import io.sriov.deviceplugin.host.SysfsTree;
import io.sriov.deviceplugin.serve.Advertisement;
import io.sriov.deviceplugin.serve.Allocator;
import io.sriov.deviceplugin.serve.CdiFolders;
import io.sriov.deviceplugin.serve.DeviceInfoFolder;
import io.sriov.deviceplugin.serve.Rehearsal;
import io.sriov.kubelet.FakeKubelet;
import io.sriov.kubelet.PodResources;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A node in a folder: sysfs, kubelet, configuration file, and the plugin as a thread. */
final class TestNode implements AutoCloseable {

  static final String NIC = "openshift.io/nic";

  static final Duration LINK_GRACE = Duration.ofMillis(300);

  final SysfsTree sysfs;
  final FakeDrivers drivers = new FakeDrivers();
  final FakeKubelet kubelet;
  final Path configFile;
  final Path deviceInfo;
  final Path cdi;
  final Path etcCdi;
  private final Path root;
  private boolean useCdi;
  private Optional<DevicePlugin> plugin = Optional.empty();
  private CompletableFuture<Integer> exitCode = CompletableFuture.completedFuture(0);

  TestNode(Path root) throws IOException {
    this.root = root;
    this.sysfs = new SysfsTree(root.resolve("sys")).pf();
    this.kubelet = new FakeKubelet(root.resolve("kubelet")).start();
    // The plugin's own pod.
    kubelet.hold("device-plugin", "example.com/none");
    this.configFile = root.resolve("run/config.json");
    this.deviceInfo = root.resolve("devinfo");
    this.cdi = root.resolve("cdi");
    this.etcCdi = root.resolve("etc-cdi");
    Files.createDirectories(configFile.getParent());
    Files.createDirectories(root.resolve("proc/net"));
    Files.createDirectories(root.resolve("dev"));
  }

  TestNode watchedByTheKubelet() throws IOException {
    Files.createDirectories(kubelet.sockets.pluginsRegistry());
    return this;
  }

  /** A file below {@code /dev}. */
  TestNode device(String name) throws IOException {
    var file = root.resolve("dev").resolve(name);
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    return this;
  }

  TestNode withCdi() {
    useCdi = true;
    return this;
  }

  /** Replaces the configuration by one pool {@code nic} with these selectors. */
  TestNode pool(String selectors) {
    return configure("{\"resourceName\":\"nic\",\"selectors\":" + selectors + "}");
  }

  TestNode configure(String pools) {
    return configFile("{\"resourceList\":[" + pools + "]}");
  }

  TestNode configFile(String text) {
    try {
      var temporary = configFile.resolveSibling("config.tmp");
      Files.writeString(temporary, text);
      Files.move(
          temporary,
          configFile,
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  TestNode start() {
    var started = new CompletableFuture<Integer>();
    exitCode = started;
    var ready = new CompletableFuture<DevicePlugin>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            started.complete(run(ready));
          } catch (Exception e) {
            ready.completeExceptionally(e);
            started.completeExceptionally(e);
          }
        });
    plugin = Optional.of(ready.join());
    return this;
  }

  private int run(CompletableFuture<DevicePlugin> ready) throws Exception {
    var tree = new Sysfs(sysfs.root);
    var dev = root.resolve("dev");
    var cdiFolders =
        useCdi ? Optional.of(new CdiFolders(cdi, etcCdi)) : Optional.<CdiFolders>empty();
    if (cdiFolders.isPresent()) {
      cdiFolders.get().clean();
    }
    try (var grpc = new UnixGrpc()) {
      var allocator =
          new Allocator(
              new HostDeviceFiles(tree, dev),
              new DeviceInfoFolder(deviceInfo),
              cdiFolders,
              Clock.systemUTC());
      var started =
          new DevicePlugin(
              configFile,
              new ConfigDecoder("openshift.io"),
              new HostFacts(tree, root.resolve("proc"), dev, drivers),
              new HeldDevices(new PodResources(grpc, kubelet.sockets.podResources()), allocator),
              new LinkGrace(LINK_GRACE),
              heard -> new Advertisement(kubelet.sockets, grpc, allocator, heard),
              facts -> {
                boolean unused = Rehearsal.run(grpc, allocator, facts);
              });
      try (var folders = new FolderWatch(started::tell)) {
        folders.add(started.configFolder(), new Event.ConfigurationFile());
        folders.add(started.socketFolder(), new Event.Sockets());
        ready.complete(started);
        return started.run(() -> {});
      } finally {
        if (cdiFolders.isPresent()) {
          cdiFolders.get().clean();
        }
      }
    }
  }

  DevicePlugin plugin() {
    return plugin.orElseThrow();
  }

  /** The kernel tells of a change at {@code address}. */
  void uevent(String address) {
    plugin().tell(new Event.Functions(Set.of(address)));
  }

  int stop() throws Exception {
    plugin().tell(new Event.Stop(0));
    return exitCode();
  }

  /** Of a process that ends. */
  int exitCode() throws Exception {
    return exitCode.get(30, TimeUnit.SECONDS);
  }

  boolean running() {
    return !exitCode.isDone();
  }

  Path infoFile(String id) {
    return deviceInfo.resolve("openshift.io-nic-" + id + "-device.json");
  }

  @Override
  public void close() throws Exception {
    if (running()) {
      stop();
    }
    kubelet.close();
  }
}
