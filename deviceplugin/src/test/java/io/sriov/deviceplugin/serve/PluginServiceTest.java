package io.sriov.deviceplugin.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sriov.deviceplugin.config.ConfigDecoder;
import io.sriov.deviceplugin.host.HostDeviceFiles;
import io.sriov.deviceplugin.pool.Facts;
import io.sriov.deviceplugin.pool.Functions;
import io.sriov.deviceplugin.pool.Held;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.Pools;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.kubelet.v1beta1.AllocateRequest;
import io.sriov.kubelet.v1beta1.ContainerAllocateRequest;
import io.sriov.kubelet.v1beta1.DevicePluginGrpc;
import io.sriov.kubelet.v1beta1.DevicePluginGrpc.DevicePluginBlockingStub;
import io.sriov.kubelet.v1beta1.Empty;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls of one pool, over a real socket. */
class PluginServiceTest {

  @TempDir Path root;

  /** What cannot be sent: a list whose CDI file cannot be written. */
  @Test
  @Spec("05:89")
  void endsTheStreamWithAnErrorWhenTheFirstListCannotBeSent() throws Exception {
    Files.writeString(root.resolve("cdi"), "not a folder");
    serving(pool(1), (plugin, _) -> assertEndsWithError(plugin));
  }

  @Test
  @Spec("05:89")
  void endsTheStreamWithAnErrorWhenALaterListCannotBeSent() throws Exception {
    serving(
        pool(1),
        (plugin, service) -> {
          var lists = plugin.listAndWatch(Empty.getDefaultInstance());
          assertThat(lists.next().getDevicesList()).hasSize(1);
          for (var file : List.of("cdi/sriov-dp-openshift.io-net-pci-nic.yaml", "cdi")) {
            Files.deleteIfExists(root.resolve(file));
          }
          Files.writeString(root.resolve("cdi"), "not a folder");
          service.decide(pool(2));
          service.announce();
          assertThatThrownBy(lists::hasNext).satisfies(PluginServiceTest::isInternal);
        });
  }

  @Test
  void refusesADeviceThatIsDecidedAwayThoughTheKubeletStillSeesIt() throws Exception {
    serving(
        pool(2),
        (plugin, service) -> {
          var lists = plugin.listAndWatch(Empty.getDefaultInstance());
          assertThat(lists.next().getDevicesList()).hasSize(2);
          service.decide(pool(1));
          assertThatThrownBy(() -> plugin.allocate(allocating(Functions.vf("03", 1))))
              .hasMessageContaining("is not in pool");
          assertThat(plugin.allocate(allocating(Functions.vf("03", 0))).getContainerResponsesList())
              .hasSize(1);
          service.announce();
          assertThat(lists.next().getDevicesList()).hasSize(1);
        });
  }

  private static AllocateRequest allocating(String id) {
    return AllocateRequest.newBuilder()
        .addContainerRequests(ContainerAllocateRequest.newBuilder().addDevicesIds(id))
        .build();
  }

  private static void assertEndsWithError(DevicePluginBlockingStub plugin) {
    var lists = plugin.listAndWatch(Empty.getDefaultInstance());
    assertThatThrownBy(lists::hasNext).satisfies(PluginServiceTest::isInternal);
  }

  private static void isInternal(Throwable error) {
    assertThat(error)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL));
  }

  @FunctionalInterface
  private interface Calls {
    void make(DevicePluginBlockingStub plugin, PluginService service) throws Exception;
  }

  private void serving(Pool pool, Calls calls) throws Exception {
    try (var grpc = new UnixGrpc()) {
      var allocator =
          new Allocator(
              new HostDeviceFiles(new Sysfs(root), root),
              new DeviceInfoFolder(root.resolve("devinfo")),
              Optional.of(new CdiFolders(root.resolve("cdi"), root.resolve("etc"))),
              Clock.systemUTC());
      var service = new PluginService(pool, allocator, () -> {});
      var server = grpc.serve(root.resolve("s"), List.of(service));
      var channel = grpc.connect(root.resolve("s"));
      try {
        calls.make(
            DevicePluginGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS),
            service);
      } finally {
        channel.shutdownNow();
        server.shutdownNow();
      }
    }
  }

  /** Of vfio-pci devices, which have nodes and so a CDI file. */
  private static Pool pool(int vfs) throws Exception {
    var functions = Functions.pfWithVfs("03", "ens1", vfs);
    var config =
        new ConfigDecoder("openshift.io")
            .decode(
                "{\"resourceList\":[{\"resourceName\":\"nic\",\"selectors\":{\"pfNames\":[\"ens1\"]}}]}");
    var bound =
        functions.stream()
            .map(f ->
                f.physfn().isEmpty()
                    ? f
                    : Functions.function(
                        f.address(),
                        with -> {
                          with.physfn = f.physfn();
                          with.driver = Optional.of("vfio-pci");
                        }))
            .toList();
    return Pools.of(config.pools(), Facts.of(bound, false), Held.NONE).pools().getFirst();
  }
}
