package io.sriov.deviceplugin;

import static io.sriov.deviceplugin.TestNode.NIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.sriov.deviceplugin.host.SysfsTree;
import io.sriov.kubelet.v1beta1.AllocateRequest;
import io.sriov.kubelet.v1beta1.ContainerAllocateRequest;
import io.sriov.kubelet.v1beta1.ContainerPreferredAllocationRequest;
import io.sriov.kubelet.v1beta1.DevicePluginOptions;
import io.sriov.kubelet.v1beta1.Empty;
import io.sriov.kubelet.v1beta1.PreStartContainerRequest;
import io.sriov.kubelet.v1beta1.PreferredAllocationRequest;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin against a kubelet on real sockets, over a sysfs of the test's. */
class DevicePluginTest {

  private static final String ENS1 = "{\"pfNames\":[\"ens1\"]}";
  private static final String VF0 = SysfsTree.vf(0);
  private static final String VF1 = SysfsTree.vf(1);

  @TempDir Path root;
  private TestNode node;

  @BeforeEach
  void node() throws Exception {
    node = new TestNode(root);
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  @Test
  @Spec("05:82")
  void registersItselfWhereTheKubeletHasNoRegistry() {
    twoVfs();
    node.pool(ENS1).start();

    awaitHealthy(VF0, VF1);
    assertThat(node.kubelet.registrations)
        .singleElement()
        .satisfies(request -> {
          assertThat(request.getVersion()).isEqualTo("v1beta1");
          assertThat(request.getResourceName()).isEqualTo(NIC);
          assertThat(request.getEndpoint()).isEqualTo("openshift.io_nic.sock");
          assertThat(request.hasOptions()).isFalse();
        });
    assertThat(node.plugin().notReady()).isEmpty();
  }

  @Test
  @Spec("05:81")
  void letsTheKubeletFindItWhereThereIsARegistry() throws Exception {
    twoVfs();
    node.watchedByTheKubelet().pool(ENS1).start();
    var socket = node.kubelet.sockets.pluginsRegistry().resolve("openshift.io_nic.sock");
    await().until(() -> Files.exists(socket));
    await()
        .untilAsserted(() ->
            assertThat(node.kubelet.findPlugins(true))
                .singleElement()
                .satisfies(info -> {
                  assertThat(info.getType()).isEqualTo("DevicePlugin");
                  assertThat(info.getName()).isEqualTo(NIC);
                  assertThat(info.getEndpoint()).isEqualTo(socket.toString());
                  assertThat(info.getSupportedVersionsList())
                      .containsExactly("v1alpha1", "v1beta1");
                }));
    awaitHealthy(VF0, VF1);
    assertThat(node.kubelet.registrations).isEmpty();
  }

  @Test
  @Spec("05:86")
  void offersAPoolAgainThatTheKubeletRefused() throws Exception {
    twoVfs();
    node.watchedByTheKubelet().pool(ENS1).start();
    var socket = node.kubelet.sockets.pluginsRegistry().resolve("openshift.io_nic.sock");
    await().until(() -> Files.exists(socket));
    var before = Files.readAttributes(socket, java.nio.file.attribute.BasicFileAttributes.class);
    assertThat(node.kubelet.findPlugins(false)).hasSize(1);
    await()
        .ignoreExceptions()
        .until(() ->
            !Files.readAttributes(socket, java.nio.file.attribute.BasicFileAttributes.class)
                .lastModifiedTime()
                .equals(before.lastModifiedTime()));
    assertThat(node.running()).isTrue();
    await().ignoreExceptions().until(() -> node.kubelet.findPlugins(true).size() == 1);
    awaitHealthy(VF0, VF1);
  }

  @Test
  @Spec(value = "05:1", differs = "It waits for the file instead of ending; nothing is registered.")
  void waitsForTheConfiguration() {
    twoVfs();
    node.start();
    await().until(() -> node.plugin().notReady().isPresent());
    assertThat(node.kubelet.registrations).isEmpty();
    node.pool(ENS1);
    awaitHealthy(VF0, VF1);
  }

  @Test
  @Spec("05:2")
  void endsOnAFileThatIsNoConfiguration() throws Exception {
    node.configFile("junk").start();
    assertThat(node.exitCode()).isEqualTo(1);
    assertThat(node.kubelet.registrations).isEmpty();
  }

  @Test
  @Spec("05:11")
  void endsWhenNoPoolOfTheFileIsUsable() throws Exception {
    node.pool("[]").start();
    assertThat(node.exitCode()).isEqualTo(1);
  }

  @Test
  @Spec(value = "05:4", differs = "No pools is a wish for none: it waits for a change.")
  void servesNothingWhileTheConfigurationNamesNothing() {
    twoVfs();
    node.configFile("{}").start();
    await().until(() -> node.plugin().notReady().isEmpty());
    assertThat(node.kubelet.registrations).isEmpty();
    node.pool(ENS1);
    awaitHealthy(VF0, VF1);
  }

  @Test
  @Spec("05:16")
  void endsWithTwoOnAnInvalidPool() throws Exception {
    node.configure("{\"resourceName\":\"a b\",\"selectors\":{}}").start();
    assertThat(node.exitCode()).isEqualTo(2);
  }

  @Test
  void keepsTheLastGoodConfigurationWhenAChangeIsWrongOrTheFileGoes() throws Exception {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    node.configFile("junk");
    await().until(() -> node.plugin().rejectedConfigurations() == 1);
    node.configure("{\"resourceName\":\"a b\",\"selectors\":{}}");
    await().until(() -> node.plugin().rejectedConfigurations() == 2);
    Files.delete(node.configFile);
    node.sysfs.boundVf(2);
    node.uevent(SysfsTree.vf(2));
    awaitHealthy(VF0, VF1, SysfsTree.vf(2));
  }

  @Test
  void takesOverAChangeWithoutDisturbingUnchangedPools() {
    twoVfs();
    var kept = "{\"resourceName\":\"kept\",\"selectors\":{\"pfNames\":[\"ens1#0\"]}}";
    node.configure(kept + ",{\"resourceName\":\"old\",\"selectors\":{\"pfNames\":[\"ens1#1\"]}}")
        .start();
    await().until(() -> node.kubelet.healthy("openshift.io/old").equals(List.of(VF1)));
    await().until(() -> node.kubelet.healthy("openshift.io/kept").equals(List.of(VF0)));

    node.configure(kept + ",{\"resourceName\":\"new\",\"selectors\":{\"pfNames\":[\"ens1#1\"]}}");

    await().until(() -> node.kubelet.healthy("openshift.io/new").equals(List.of(VF1)));
    await()
        .untilAsserted(() -> {
          var old = node.kubelet.resources().get("openshift.io/old");
          assertThat(old.devices()).isEmpty();
          assertThat(old.connected()).isFalse();
        });
    var untouched = node.kubelet.resources().get("openshift.io/kept");
    assertThat(untouched.updates()).isEqualTo(1);
    assertThat(untouched.connected()).isTrue();
    assertThat(node.kubelet.registrations)
        .extracting(request -> request.getResourceName())
        .containsExactly("openshift.io/kept", "openshift.io/old", "openshift.io/new");
  }

  @Test
  void givesVhostNetWhoseModuleIsLoadedWhileTheConfigurationIsAwaited() throws Exception {
    twoVfs();
    node.start();
    await().until(() -> node.plugin().notReady().orElse("").startsWith("waiting"));
    node.device("vhost-net").device("net/tun");
    node.pool("{\"pfNames\":[\"ens1\"],\"needVhostNet\":true}");
    awaitHealthy(VF0, VF1);

    assertThat(node.kubelet.allocate("p", NIC, VF0).getContainerResponses(0).getDevicesList())
        .extracting(device -> device.getHostPath())
        .containsExactly("/dev/vhost-net", "/dev/net/tun");
  }

  @Test
  void tellsEachOfTwoPoolsThatExchangeTheirDevicesOnce() {
    twoVfs();
    var first = "{\"resourceName\":\"first\",\"selectors\":{\"pfNames\":[\"ens1#%s\"]}}";
    var second = ",{\"resourceName\":\"second\",\"selectors\":{\"pfNames\":[\"ens1\"]}}";
    node.configure(first.formatted("0") + second).start();
    await().until(() -> node.kubelet.healthy("openshift.io/second").equals(List.of(VF1)));

    node.configure(first.formatted("1") + second);

    await().until(() -> node.kubelet.healthy("openshift.io/first").equals(List.of(VF1)));
    await().until(() -> node.kubelet.healthy("openshift.io/second").equals(List.of(VF0)));
    assertThat(node.kubelet.lists("openshift.io/first"))
        .containsExactly(List.of(VF0), List.of(VF1));
    assertThat(node.kubelet.lists("openshift.io/second"))
        .containsExactly(List.of(VF1), List.of(VF0));
  }

  @Test
  @Spec("05:62")
  void doesNotRegisterAPoolWithoutDevicesUntilItHasSome() {
    node.pool(ENS1).start();
    await().until(() -> node.plugin().notReady().isEmpty());
    assertThat(node.kubelet.registrations).isEmpty();
    assertThat(node.kubelet.sockets.devicePlugins()).isDirectoryNotContaining("glob:**openshift*");

    twoVfs();
    node.uevent(VF0);
    node.uevent(VF1);
    awaitHealthy(VF0, VF1);
  }

  @Test
  void advertisesAVfWhenItsDriverIsBoundAndNotBefore() {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    var vf = node.sysfs.addVf(2);
    node.uevent(vf);
    assertThat(node.kubelet.healthy(NIC)).doesNotContain(vf);
    node.sysfs.bind(vf, "igbvf");
    long bound = System.nanoTime();
    node.uevent(vf);
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> node.kubelet.healthy(NIC).contains(vf));
    assertThat(Duration.ofNanos(System.nanoTime() - bound)).isLessThan(Duration.ofSeconds(1));
    assertThat(node.kubelet.registrations).hasSize(1);
  }

  @Test
  void keepsAVfWhoseNetdevMovedIntoAPod() {
    twoVfs();
    node.pool("{\"pfNames\":[\"ens1\"],\"linkTypes\":[\"ether\"]}").start();
    awaitHealthy(VF0, VF1);
    node.sysfs.delete(VF0 + "/net");
    node.uevent(VF0);
    // The next change is seen after this one.
    node.sysfs.boundVf(2);
    node.uevent(SysfsTree.vf(2));
    awaitHealthy(VF0, VF1, SysfsTree.vf(2));
  }

  @Test
  void dropsAVfThatVanishedAndShowsOneThatAPodStillHoldsAsUnhealthy() {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    node.kubelet.hold("p", NIC, VF0);
    node.sysfs.removeVf(0);
    node.sysfs.removeVf(1);
    node.uevent(VF0);
    node.uevent(VF1);
    await().until(() -> node.kubelet.healthy(NIC).isEmpty());
    await().until(() -> node.kubelet.unhealthy(NIC).equals(List.of(VF0)));

    node.sysfs.boundVf(0);
    node.uevent(VF0);
    awaitHealthy(VF0);
  }

  /** The kernel takes the links between VF and PF away, then unbinds the VF, then tells its end. */
  @Test
  void seesThatAPfHasNoVfAnyMoreThoughTheirLinksGoFirst() {
    twoVfs();
    node.pool("{\"devices\":[\"10c9\",\"10ca\"]}").start();
    awaitHealthy(VF0, VF1);
    for (int index = 0; index < 2; index++) {
      node.sysfs.delete(SysfsTree.PF + "/virtfn" + index);
      node.sysfs.delete(SysfsTree.vf(index) + "/physfn");
      node.sysfs.delete(SysfsTree.vf(index) + "/driver");
      var vf = SysfsTree.vf(index);
      node.uevent(vf);
      await().until(() -> !node.kubelet.healthy(NIC).contains(vf));
      node.sysfs.removeVf(index);
      node.uevent(vf);
    }
    awaitHealthy(SysfsTree.PF);
  }

  /** The kernel tells of a VF before it links VF and PF. */
  @Test
  void findsThePfOfAVfThatWasSeenBeforeItsLinks() {
    twoVfs();
    node.pool("{\"pfNames\":[\"ens1#0-3\"]}").start();
    awaitHealthy(VF0, VF1);
    var vf = SysfsTree.vf(2);
    node.sysfs.function(vf, "pci:v00008086d000010CAsv00008086sd0000A03Cbc02sc00i00");
    node.uevent(vf);
    await()
        .until(() -> node.plugin().pools().notes().stream().anyMatch(note -> note.startsWith(vf)));
    node.sysfs.boundVf(2);
    node.uevent(vf);
    awaitHealthy(VF0, VF1, vf);
  }

  @Test
  void showsVfsOfAPfWithoutLinkAsUnhealthyOnlyWhenItLasts() {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    node.sysfs.text(SysfsTree.PF + "/net/ens1/carrier", "0");
    long lost = System.nanoTime();
    node.plugin().tell(new Event.Carrier("ens1"));
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(() -> node.kubelet.unhealthy(NIC).equals(List.of(VF0, VF1)));
    assertThat(Duration.ofNanos(System.nanoTime() - lost))
        .isGreaterThanOrEqualTo(TestNode.LINK_GRACE);

    node.sysfs.text(SysfsTree.PF + "/net/ens1/carrier", "1");
    node.plugin().tell(new Event.Carrier("ens1"));
    awaitHealthy(VF0, VF1);
    assertThat(node.kubelet.lists(NIC))
        .containsExactly(List.of(VF0, VF1), List.of(), List.of(VF0, VF1));
  }

  @Test
  void showsAVfWithPciErrorsAsUnhealthyUntilItIsRecoveredOrMadeAnew() {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    node.plugin().tell(new Event.PciErrors(VF1, true));
    await().until(() -> node.kubelet.unhealthy(NIC).equals(List.of(VF1)));
    assertThat(node.kubelet.healthy(NIC)).containsExactly(VF0);
    assertThatThrownBy(() -> node.kubelet.allocate("p", NIC, VF1))
        .hasMessageContaining("PCI errors");
    node.plugin().tell(new Event.PciErrors(VF1, false));
    awaitHealthy(VF0, VF1);
  }

  @Test
  void comesBackAfterARestartWithTheDevicesThatPodsHold() throws Exception {
    twoVfs();
    node.pool("{\"pfNames\":[\"ens1\"],\"isRdma\":false,\"drivers\":[\"igbvf\"]}").start();
    awaitHealthy(VF0, VF1);
    node.kubelet.allocate("p", NIC, VF0);
    assertThat(node.stop()).isZero();
    // What its selectors need is hidden or changed while the pod runs.
    node.pool("{\"pfNames\":[\"ens1#1\"]}").start();
    awaitHealthy(VF0, VF1);
    assertThat(node.infoFile(VF0)).exists();
  }

  @Test
  @Spec("05:85")
  void listensAndRegistersAgainWhenItsSocketIsDeleted() throws Exception {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    Files.delete(node.kubelet.sockets.devicePlugins().resolve("openshift.io_nic.sock"));
    await().until(() -> node.kubelet.registrations.size() == 2);
    awaitHealthy(VF0, VF1);
  }

  @Test
  void registersAgainAtEachRestartOfTheKubelet() throws Exception {
    twoVfs();
    node.pool(ENS1).start();
    for (int restart = 1; restart <= 3; restart++) {
      awaitHealthy(VF0, VF1);
      node.kubelet.stop();
      assertThat(node.kubelet.resources()).isEmpty();
      node.kubelet.start();
    }
    awaitHealthy(VF0, VF1);
    assertThat(node.running()).isTrue();
  }

  @Test
  void registersAgainWithinASecondWhenTheKubeletClosesTheStream() {
    twoVfs();
    node.pool(ENS1).start();
    for (int time = 1; time <= 2; time++) {
      awaitHealthy(VF0, VF1);
      int registrations = node.kubelet.registrations.size();
      long closed = System.nanoTime();
      node.kubelet.closeStream(NIC);
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(5))
          .until(() ->
              node.kubelet.registrations.size() > registrations
                  && node.kubelet.resources().get(NIC).connected());
      assertThat(Duration.ofNanos(System.nanoTime() - closed)).isLessThan(Duration.ofSeconds(1));
    }
    awaitHealthy(VF0, VF1);
    await().until(() -> node.plugin().notReady().isEmpty());
  }

  @Test
  void showsItsSocketAnewWhenTheKubeletThatFoundItClosesTheStream() throws Exception {
    twoVfs();
    node.watchedByTheKubelet().pool(ENS1).start();
    var socket = node.kubelet.sockets.pluginsRegistry().resolve("openshift.io_nic.sock");
    await().ignoreExceptions().until(() -> node.kubelet.findPlugins(true).size() == 1);
    awaitHealthy(VF0, VF1);
    var before = Files.getLastModifiedTime(socket);

    node.kubelet.closeStream(NIC);

    await().ignoreExceptions().until(() -> !Files.getLastModifiedTime(socket).equals(before));
    await().ignoreExceptions().until(() -> node.kubelet.findPlugins(true).size() == 1);
    awaitHealthy(VF0, VF1);
  }

  @Test
  void outlivesAKubeletThatEndsAndLeavesItsSocket() throws Exception {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    var socket = node.kubelet.sockets.registration();
    node.kubelet.stop();
    // As after kill -9: nobody listens.
    Files.deleteIfExists(socket);
    try (var dead =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      dead.bind(java.net.UnixDomainSocketAddress.of(socket));
    }
    await().until(() -> node.plugin().notReady().isPresent());
    node.kubelet.start();
    awaitHealthy(VF0, VF1);
    assertThat(node.running()).isTrue();
  }

  @Test
  void asksAgainWhichPodsHoldDevicesWhenTheKubeletDidNotKnowYet() throws Exception {
    twoVfs();
    node.kubelet.hold("p", NIC, VF0);
    node.kubelet.knowPods(false);
    // The selector does not keep the VF, only the pod does.
    node.pool("{\"pfNames\":[\"ens1#1\"]}").start();
    awaitHealthy(VF1);
    node.kubelet.knowPods(true);
    awaitHealthy(VF0, VF1);
  }

  @Test
  void staysWhileTheKubeletIsAway() throws Exception {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    node.kubelet.stop();
    Files.deleteIfExists(node.kubelet.sockets.registration());
    await().until(() -> node.plugin().notReady().isPresent());
    node.sysfs.boundVf(2);
    node.uevent(SysfsTree.vf(2));
    node.kubelet.start();
    awaitHealthy(VF0, VF1, SysfsTree.vf(2));
  }

  @Test
  @Spec("05:83")
  void endsWithTwoWhenTheKubeletRefuses() throws Exception {
    twoVfs();
    node.kubelet.refuse("no such version");
    node.pool(ENS1).start();
    assertThat(node.exitCode()).isEqualTo(2);
  }

  @Test
  @Spec("05:83")
  void endsWithTwoWhenThereIsNoKubelet() throws Exception {
    twoVfs();
    node.kubelet.stop();
    Files.deleteIfExists(node.kubelet.sockets.registration());
    node.pool(ENS1).start();
    assertThat(node.exitCode()).isEqualTo(2);
  }

  @Test
  @Spec("05:84")
  void replacesASocketLeftByAnEarlierProcess() throws Exception {
    twoVfs();
    Files.writeString(
        node.kubelet.sockets.devicePlugins().resolve("openshift.io_nic.sock"), "stale");
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
  }

  @Test
  @Spec("05:88")
  void answersTheOptionalCallsWithNothing() {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    var plugin = node.kubelet.plugin(NIC);
    assertThat(plugin.preStartContainer(PreStartContainerRequest.getDefaultInstance())).isNotNull();
    assertThat(plugin.allocate(AllocateRequest.getDefaultInstance()).getContainerResponsesList())
        .isEmpty();
    assertThat(
            plugin
                .allocate(
                    AllocateRequest.newBuilder()
                        .addContainerRequests(
                            ContainerAllocateRequest.newBuilder().addDevicesIds(VF0))
                        .addContainerRequests(
                            ContainerAllocateRequest.newBuilder().addDevicesIds(VF1))
                        .build())
                .getContainerResponsesList())
        .extracting(response -> response.getEnvsMap().get("PCIDEVICE_OPENSHIFT_IO_NIC"))
        .containsExactly(VF0, VF1);
  }

  @Test
  @Spec(
      value = "05:87",
      differs = "A preferred allocation is available: one NUMA node, spread over the PFs.")
  void saysWhichDevicesItPrefers() {
    IntStream.range(0, 4).forEach(node.sysfs::boundVf);
    for (int vf = 0; vf < 4; vf++) {
      node.sysfs.text(SysfsTree.vf(vf) + "/numa_node", vf == 0 ? "0" : "1");
    }
    node.pool(ENS1).start();
    await().until(() -> node.kubelet.healthy(NIC).size() == 4);
    var plugin = node.kubelet.plugin(NIC);
    assertThat(plugin.getDevicePluginOptions(Empty.getDefaultInstance()))
        .isEqualTo(
            DevicePluginOptions.newBuilder().setGetPreferredAllocationAvailable(true).build());
    assertThat(plugin.preStartContainer(PreStartContainerRequest.getDefaultInstance())).isNotNull();
    assertThat(
            plugin
                .getPreferredAllocation(
                    PreferredAllocationRequest.newBuilder()
                        .addContainerRequests(
                            ContainerPreferredAllocationRequest.newBuilder()
                                .addAllAvailableDeviceIDs(node.kubelet.healthy(NIC))
                                .setAllocationSize(2))
                        .build())
                .getContainerResponsesList())
        .singleElement()
        .satisfies(answer ->
            assertThat(answer.getDeviceIDsList())
                .containsExactly(SysfsTree.vf(1), SysfsTree.vf(2)));
  }

  @Test
  @Spec("05:91")
  void writesAReadOnlyDeviceInfoFileAndReplacesIt() throws Exception {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    node.kubelet.allocate("p", NIC, VF0);
    node.kubelet.allocate("q", NIC, VF0);
    assertThat(node.infoFile(VF0))
        .hasContent(
            "{\"type\":\"pci\",\"version\":\"1.1.0\",\"pci\":{\"pci-address\":\"%s\"}}"
                .formatted(VF0));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(node.infoFile(VF0))))
        .isEqualTo("r--r--r--");
  }

  @Test
  @Spec("05:58")
  void asksDriversAgainWhenAChangeOfTheConfigurationNeedsIt() {
    twoVfs();
    node.drivers.rdma.add(VF1);
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    node.pool("{\"pfNames\":[\"ens1\"],\"isRdma\":true}");
    awaitHealthy(VF1);
    assertThat(node.kubelet.allocate("p", NIC, VF1).getContainerResponses(0))
        .satisfies(container -> {
          assertThat(container.getDevicesList()).isEmpty();
          assertThat(container.getEnvsMap().get("PCIDEVICE_OPENSHIFT_IO_NIC_INFO"))
              .doesNotContain("rdma_dev");
        });
  }

  @Test
  void saysHowLongItHasBeenAtOneThing() {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    await().untilAsserted(() -> assertThat(node.plugin().busy()).isEmpty());

    node.drivers.ready = new CountDownLatch(1);
    node.pool("{\"pfNames\":[\"ens1\"],\"isRdma\":true}");
    await()
        .untilAsserted(() ->
            assertThat(node.plugin().busy())
                .hasValueSatisfying(time -> assertThat(time).isGreaterThan(Duration.ofSeconds(1))));

    node.drivers.ready.countDown();
    await().untilAsserted(() -> assertThat(node.plugin().busy()).isEmpty());
  }

  @Test
  @Spec("05:80")
  void failsTheAllocationOfADeviceThatIsNotInThePool() {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    assertThatThrownBy(() -> node.kubelet.allocate("p", NIC, "0000:99:00.0"))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("device 0000:99:00.0 is not in pool openshift.io/nic");
  }

  @Test
  @Spec("05:64")
  void givesAVfioVfItsGroup() {
    var vf = node.sysfs.addVf(0);
    node.sysfs.bind(vf, "vfio-pci");
    node.sysfs.text("/kernel/iommu_groups/17/type", "DMA");
    node.sysfs.link(vf + "/iommu_group", "../../../../kernel/iommu_groups/17");
    node.pool("{\"pfNames\":[\"ens1\"],\"drivers\":[\"vfio-pci\"]}").start();
    awaitHealthy(VF0);
    var response = node.kubelet.allocate("p", NIC, VF0).getContainerResponses(0);
    assertThat(response.getDevicesList())
        .extracting(
            device -> device.getHostPath(),
            device -> device.getContainerPath(),
            device -> device.getPermissions())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("/dev/vfio/vfio", "/dev/vfio/vfio", "rw"),
            org.assertj.core.groups.Tuple.tuple("/dev/vfio/17", "/dev/vfio/17", "rw"));
    assertThat(response.getMountsList()).isEmpty();
    assertThat(response.getAnnotationsMap()).isEmpty();
  }

  @Test
  @Spec("05:34")
  @Spec("05:35")
  void tellsTheKubeletTheNumaNode() {
    twoVfs();
    node.sysfs.text(VF1 + "/numa_node", "1");
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    assertThat(node.kubelet.resources().get(NIC).devices())
        .satisfiesExactlyInAnyOrder(
            device -> assertThat(device.hasTopology()).isFalse(),
            device -> {
              assertThat(device.getID()).isEqualTo(VF1);
              assertThat(device.getTopology().getNodesList())
                  .singleElement()
                  .satisfies(numa -> assertThat(numa.getID()).isEqualTo(1));
            });
    node.configure(
        "{\"resourceName\":\"nic\",\"excludeTopology\":true,\"selectors\":" + ENS1 + "}");
    await()
        .untilAsserted(() ->
            assertThat(node.kubelet.resources().get(NIC).devices())
                .hasSize(2)
                .noneMatch(device -> device.hasTopology()));
  }

  @Test
  @Spec(
      value = "05:90",
      differs = "The files of devices that pods hold stay: their pods may not be set up yet.")
  void leavesNoSocketAndNoFileOfFreeDevicesWhenToldToStop() throws Exception {
    twoVfs();
    node.pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    node.kubelet.allocate("p", NIC, VF0);
    Files.writeString(node.infoFile(VF1), "stale");

    assertThat(node.stop()).isZero();
    assertThat(node.kubelet.sockets.devicePlugins().resolve("openshift.io_nic.sock"))
        .doesNotExist();
    assertThat(node.infoFile(VF1)).doesNotExist();
    assertThat(node.infoFile(VF0)).exists();
  }

  @Test
  @Spec("05:28")
  void keepsRunningWithoutAnyPciDevice() {
    node.sysfs.delete(SysfsTree.PF);
    node.pool("{}").start();
    await().until(() -> node.plugin().notReady().isEmpty());
    assertThat(node.kubelet.registrations).isEmpty();
    assertThat(node.running()).isTrue();
  }

  @Test
  @Spec("05:95")
  @Spec("05:96")
  @Spec("05:97")
  void handsOutDevicesByCdiFiles() throws Exception {
    Files.createDirectories(node.cdi);
    Files.writeString(node.cdi.resolve("sriov-dp-stale.yaml"), "");
    Files.writeString(node.cdi.resolve("other.yaml"), "");
    Files.createDirectories(node.etcCdi);
    Files.writeString(node.etcCdi.resolve("sriov-dp-stale.yaml"), "");
    var vf = node.sysfs.addVf(0);
    node.sysfs.bind(vf, "vfio-pci");
    node.sysfs.boundVf(1);
    node.withCdi().pool(ENS1).start();
    awaitHealthy(VF0, VF1);
    assertThat(node.cdi.resolve("sriov-dp-stale.yaml")).doesNotExist();
    assertThat(node.etcCdi).isEmptyDirectory();
    assertThat(node.cdi.resolve("sriov-dp-openshift.io-net-pci-nic.yaml"))
        .content()
        .contains("kind: \"openshift.io/net-pci\"", VF0)
        .doesNotContain(VF1);

    var response = node.kubelet.allocate("p", NIC, VF0).getContainerResponses(0);
    assertThat(response.getDevicesList()).isEmpty();
    assertThat(response.getCdiDevicesList()).isEmpty();
    assertThat(response.getEnvsMap()).containsEntry("PCIDEVICE_OPENSHIFT_IO_NIC", VF0);
    assertThat(response.getAnnotationsMap())
        .isEqualTo(Map.of("cdi.k8s.io/openshift.io_net-pci", "openshift.io/net-pci=" + VF0));

    assertThat(node.stop()).isZero();
    assertThat(node.cdi).isDirectoryContaining("glob:**other.yaml");
    assertThat(node.cdi).isDirectoryNotContaining("glob:**sriov-dp-*");
  }

  @Test
  @Spec("05:99")
  void usesThePoolsOwnPrefixEverywhere() {
    twoVfs();
    node.configure(
            "{\"resourceName\":\"nic\",\"resourcePrefix\":\"intel.com\",\"selectors\":"
                + ENS1
                + "}")
        .start();
    await().until(() -> node.kubelet.healthy("intel.com/nic").size() == 2);
    assertThat(node.kubelet.sockets.devicePlugins().resolve("intel.com_nic.sock")).exists();
    assertThat(
            node.kubelet.allocate("p", "intel.com/nic", VF0).getContainerResponses(0).getEnvsMap())
        .containsKey("PCIDEVICE_INTEL_COM_NIC");
    assertThat(node.deviceInfo.resolve("intel.com-nic-" + VF0 + "-device.json")).exists();
  }

  private void twoVfs() {
    node.sysfs.boundVf(0);
    node.sysfs.boundVf(1);
  }

  private void awaitHealthy(String... ids) {
    await().untilAsserted(() -> assertThat(node.kubelet.healthy(NIC)).containsExactly(ids));
  }
}
