package io.sriov.cni.sriov;

import static io.sriov.cni.sriov.Kubelet.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sriov.cni.VethNode;
import io.sriov.cni.json.Fields;
import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Frame;
import io.sriov.linux.Errno;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkAddress;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VlanProtocol;
import io.sriov.testkit.Spec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddTest {

  private static final String MAC = "02:00:00:00:00:e1";
  private static final String IPAM = "'ipam':{'type':'ipam'}";
  private static final String V4 =
      "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24','gateway':'192.0.2.1'}],"
          + "'routes':[{'dst':'198.51.100.0/24'},{'dst':'203.0.113.0/24','priority':7}]}";

  private static final Frame.Ran NO_SUCH_PLUGIN =
      new Frame.Ran(Frame.Outcome.NOT_FOUND, 0, 0, false, new byte[0], new byte[0]);

  @TempDir Path folder;
  VethNode node;
  Kubelet kubelet;
  VethNode.PodNetns pod;

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, 2);
    kubelet = new Kubelet(node);
    pod = node.pod();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private Link inPod() throws Exception {
    return pod.links.link("net1");
  }

  private String hostAddress(int vf) throws Exception {
    return node.hostLinks.link(VethNode.hostName(vf)).mac().toString();
  }

  private static Fields first(Fields result, String array) throws Exception {
    return Fields.of(result.array(array).getFirst());
  }

  @Test
  @Spec("04:71")
  @Spec("04:57")
  @Spec("04:19")
  void movesTheNetdevIntoThePodAndBringsItUp() throws Exception {
    String mac = hostAddress(0);

    Fields interfaces = first(kubelet.add(pod, conf()), "interfaces");

    assertThat(inPod().isUp()).isTrue();
    assertThat(inPod().mac()).hasToString(mac);
    assertThat(node.hostLinks.findLink(VethNode.hostName(0))).isEmpty();
    assertThat(interfaces.text("mac")).isEqualTo(mac);
    assertThat(interfaces.text("sandbox")).isEqualTo(pod.path());
    assertThat(interfaces.optionalInteger("mtu")).contains(1500L);
  }

  @Test
  @Spec("04:33")
  void makesNoSettingThatIsNotAskedFor() throws Exception {
    kubelet.add(pod, conf());
    kubelet.del(pod, conf());

    assertThat(node.pf.calls).isEmpty();
  }

  @Test
  @Spec("04:32")
  @Spec("04:38")
  void makesSettingsInTheOrderThatDriversNeed() throws Exception {
    kubelet.add(
        pod,
        conf(
            "'trust':'on'",
            "'spoofchk':'off'",
            "'max_tx_rate':100",
            "'mac':'" + MAC + "'",
            "'vlan':0"));

    assertThat(node.pf.calls)
        .containsExactly(
            "0 " + new VfChange.Vlan(0, 0, VlanProtocol.DOT1Q),
            "0 " + new VfChange.Mac(HardwareAddress.parse(MAC).orElseThrow()),
            "0 " + new VfChange.Rate(0, 100),
            "0 " + new VfChange.SpoofChk(false),
            "0 " + new VfChange.Trust(true));
  }

  @Test
  @Spec("04:37")
  void takesEveryOtherWordThanOnForOff() throws Exception {
    kubelet.add(pod, conf("'spoofchk':'ON'", "'trust':'true'"));

    assertThat(node.pf.state(0)).containsEntry("spoofchk", "false").containsEntry("trust", "false");
  }

  @Test
  @Spec("04:47")
  void appliesAnUpperCaseAddressAndReportsItInLowerCase() throws Exception {
    String before = node.snapshot();
    String conf = conf("'mac':'" + MAC.toUpperCase(Locale.ROOT) + "'");
    Fields result = kubelet.add(pod, conf);

    assertThat(inPod().mac()).hasToString(MAC);
    assertThat(node.pf.state(0)).containsEntry("mac", MAC);
    assertThat(first(result, "interfaces").text("mac")).isEqualTo(MAC);

    kubelet.del(pod, conf);
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec(value = "04:51", differs = "the address is taken in every notation")
  void takesAnAddressInEveryNotation() throws Exception {
    kubelet.add(pod, conf("'mac':'0200.0000.00e1'"));

    assertThat(inPod().mac()).hasToString(MAC);
  }

  @Test
  @Spec("04:54")
  void givesUpOnAnAddressThatTheDriverNeverShows() throws Exception {
    String before = node.snapshot();
    node.pf.lateReads = Integer.MAX_VALUE;
    CniException e = kubelet.addFails(pod, conf("'mac':'" + MAC + "'"));
    node.pf.lateReads = 0;

    assertThat(e).hasMessageContaining("hardware address still differs");
    assertThat(e.code()).isEqualTo(999);
    // What could not be undone while the driver did so is left to DEL.
    kubelet.del(pod, conf());
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:56")
  void waitsForADriverThatTakesAnAddressInItsOwnTime() throws Exception {
    node.pf.lateReads = 3;

    kubelet.add(pod, conf("'mac':'" + MAC + "'"));

    assertThat(node.pf.state(0)).containsEntry("mac", MAC);
  }

  @Test
  @Spec(value = "04:52", differs = "nothing is changed")
  @Spec("04:53")
  void refusesABadAddressBeforeAnythingIsChanged() throws Exception {
    String before = node.snapshot();

    for (String bad : List.of("zz", "01:00:5e:00:00:01", "02:00:00:00:00:00:00:01")) {
      assertThat(kubelet.addFails(pod, conf("'vlan':5", "'mac':'" + bad + "'")))
          .hasMessageContaining("mac");
    }
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec(value = "04:75", differs = "the foreign interface is left alone")
  @Spec("04:110b")
  void leavesAPodsOwnInterfaceOfThatNameAlone() throws Exception {
    pod.links.add(new NewLink.Veth("net1", "other"));
    Link foreign = inPod();
    pod.links.change(foreign, LinkChange.none().up(true));
    String before = node.snapshot();
    Link upBefore = inPod();

    CniException e = kubelet.addFails(pod, conf("'vlan':5"));

    assertThat(e).hasMessageContaining("net1");
    assertThat(node.snapshot()).isEqualTo(before);
    assertThat(inPod()).isEqualTo(upBefore);
  }

  @Test
  @Spec(value = "04:76", differs = "the alternative name is dropped, and given back by DEL")
  @Spec("04:77")
  void dropsOnlyTheAlternativeNameThatIsInTheWay() throws Exception {
    Link link = node.hostLinks.link(VethNode.hostName(0));
    node.hostLinks.addAltName(link, "net1");
    node.hostLinks.addAltName(link, "enp1s16");
    String before = node.snapshot();

    kubelet.add(pod, conf());
    assertThat(inPod().altNames()).containsExactly("enp1s16");
    kubelet.del(pod, conf());

    assertThat(node.hostLinks.link(VethNode.hostName(0)).altNames())
        .containsExactlyInAnyOrder("net1", "enp1s16");
    assertThat(sorted(node.snapshot())).isEqualTo(sorted(before));
  }

  /** The kernel lists alternative names in the order in which they came. */
  private static String sorted(String snapshot) {
    return snapshot.replace("[net1, enp1s16]", "[enp1s16, net1]");
  }

  @Test
  @Spec("04:62")
  @Spec("04:63")
  void tellsThatAVfHasNeitherNetdevNorUserspaceDriver() throws Exception {
    String gone = node.hostLinks.link(VethNode.hostName(0)).name();
    node.hostLinks.change(
        node.hostLinks.link(gone), LinkChange.none().moveTo(pod.netns).name("elsewhere"));

    assertThat(kubelet.addFails(pod, conf())).hasMessageContaining("igbvf");
    Files.delete(node.sysfs().resolve("bus/pci/devices/0000:01:10.0/driver"));
    assertThat(kubelet.addFails(pod, conf())).hasMessageContaining("none");
    node.bind(0, "mlx5_vfio_pci");
    assertThat(kubelet.addFails(pod, conf())).hasMessageContaining("mlx5_vfio_pci");
  }

  @Test
  @Spec("04:20")
  @Spec("04:21")
  @Spec("04:23")
  void tellsWhatIsWrongWithTheDevice() throws Exception {
    String base = "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\"";

    assertThat(kubelet.addFails(pod, base + "}")).hasMessageContaining("resourceName");
    assertThat(kubelet.addFails(pod, base + ",\"deviceID\":\"0000:ff:00.0\"}"))
        .hasMessageContaining("does not exist");
    assertThat(kubelet.addFails(pod, base + ",\"deviceID\":\"0000:01:00.0\"}"))
        .hasMessageContaining("not a VF");
    assertThat(kubelet.addFails(pod, base + ",\"deviceID\":\"../../etc\"}"))
        .hasMessageContaining("not a PCI address");
  }

  @Test
  @Spec("04:65")
  void tellsThatThePfDoesNotReportTheVf() throws Exception {
    Files.delete(folder.resolve("pf/vf-0"));

    assertThat(kubelet.addFails(pod, conf("'vlan':5"))).hasMessageContaining("does not report");
    assertThat(node.hostLinks.findLink(VethNode.hostName(0))).isPresent();
  }

  @Test
  @Spec("04:64")
  @Spec("04:57")
  void attachesAVfThatAUserspaceDriverHas() throws Exception {
    asUserspace();
    node.pf.preset(0, new VfChange.Mac(HardwareAddress.parse(MAC).orElseThrow()));

    Fields interfaces = first(kubelet.add(pod, conf("'vlan':7")), "interfaces");

    assertThat(pod.links.links()).hasSize(1);
    assertThat(interfaces.text("mac")).isEqualTo(MAC);
    assertThat(node.pf.state(0)).containsEntry("vlan", "7");
  }

  private void asUserspace() throws Exception {
    node.bind(0, "vfio-pci");
    node.hostLinks.delete(node.hostLinks.link(VethNode.hostName(0)));
  }

  @Test
  @Spec("04:110")
  @Spec("04:110a")
  void releasesAUserspaceVfWithoutTouchingThePodsInterface() throws Exception {
    asUserspace();
    pod.links.add(new NewLink.Veth("net1", "other"));
    pod.links.change(inPod(), LinkChange.none().up(true));
    Link own = inPod();
    String before = node.snapshot();

    kubelet.add(pod, conf("'vlan':7"));
    kubelet.del(pod, conf());
    kubelet.del(pod, conf());

    assertThat(inPod()).isEqualTo(own);
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:15")
  void refusesTheHostsNamespaceBeforeAnythingIsChanged() throws Exception {
    String before = node.snapshot();
    CniException e = hostCall("ADD");

    assertThat(e.code()).isEqualTo(8);
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:16")
  void stagesTheHostsNamespaceIfTold() throws Exception {
    String before = node.snapshot();
    kubelet.with("CNI_NETNS_OVERRIDE", "true");

    assertThat(hostCall("ADD")).isNull();
    assertThat(node.hostLinks.link("net1").isUp()).isTrue();
    assertThat(hostCall("DEL")).isNull();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  private CniException hostCall(String command) throws Exception {
    String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + node.host.fd().number();
    kubelet.with("CNI_NETNS", path);
    return catchThrowableOfType(
        CniException.class,
        () -> {
          node.refreshSysfs();
          Map<String, String> variables = new HashMap<>(kubelet.more);
          variables.put("CNI_COMMAND", command);
          variables.put("CNI_CONTAINERID", "c1");
          variables.put("CNI_IFNAME", "net1");
          variables.put("CNI_PATH", "/opt/cni/bin");
          var request = Request.of(variables, conf().getBytes(StandardCharsets.UTF_8));
          try (PodNamespace netns = PodNamespace.of(Fd.open(Path.of(path), Fd.READ_ONLY))) {
            String unused =
                Kubelet.onThreadOfItsOwn(() ->
                    kubelet.plugin.run(
                        "id",
                        request,
                        netns,
                        kubelet,
                        CallLog.of(SriovPlugin.NAME, request, folder)));
          }
        });
  }

  @Test
  void refusesWhatIsNoNetworkNamespace() throws Exception {
    assertThat(catchThrowable(() -> kubelet.callGone("ADD", "c1", "/tmp", conf())))
        .hasMessageContaining("CNI_NETNS /tmp is no network namespace");
  }

  @Test
  @Spec("04:12")
  void refusesAResultThatCouldNotBePrintedBeforeAnythingIsChanged() throws Exception {
    String before = node.snapshot();
    String old = conf().replace("1.0.0", "0.2.0");

    assertThat(kubelet.addFails(pod, old)).hasMessageContaining("set ipam");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:96")
  void writesTheFilesOfTheGoPlugin() throws Exception {
    kubelet.add(pod, conf("'vlan':100", "'dns':{'domain':'x.y'}"));

    Path state = node.state().resolve("c1-net1");
    assertThat(Files.readString(state))
        .doesNotContain("\n")
        .startsWith("{\"MAC\":\"\",\"MTU\":1500,\"Master\":\"pf0\",\"OrigVfState\":{\"AdminMAC\":")
        .contains("\"deviceID\":\"0000:01:10.0\",\"dns\":{\"domain\":\"x.y\"},\"ipam\":{}")
        .endsWith("\"vlan\":100,\"vlanProto\":\"802.1q\",\"vlanQoS\":0}");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rw-------");
    assertThat(node.state().resolve("pci/0000:01:10.0")).hasContent(pod.path());
    assertThat(node.state().resolve("pci/vf_lock/0000:01:10.0.lock")).isEmptyFile();
  }

  @Test
  @Spec("04:97")
  @Spec("04:99")
  void refusesAVfThatALivingPodHas() throws Exception {
    kubelet.add(pod, conf("'vlan':5"));
    String before = node.snapshot();
    VethNode.PodNetns second = node.pod();

    assertThat(kubelet.addFails(pod, conf("'vlan':6")))
        .hasMessageContaining("pci address 0000:01:10.0 is already allocated");
    assertThat(catchThrowable(() -> kubelet.call("ADD", "c2", second, conf("'vlan':6"))))
        .hasMessageContaining("pci address 0000:01:10.0 is already allocated");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void givesARepeatedCallTheResultOfTheFirst() throws Exception {
    kubelet.giving(V4);
    kubelet.id = "same";
    String first = kubelet.call("ADD", "c1", pod, conf(IPAM));
    String second = kubelet.call("ADD", "c1", pod, conf(IPAM));

    assertThat(second).isEqualTo(first);
    assertThat(kubelet.told).containsExactly("ADD");
  }

  @Test
  @Spec("04:100")
  void letsCallsOnOneVfWaitForEachOther() throws Exception {
    CountDownLatch inIpam = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    kubelet.ipam =
        command -> {
          inIpam.countDown();
          try {
            assertThat(go.await(10, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          return Kubelet.ran(0, V4);
        };
    CompletableFuture<Fields> first = inBackground(kubelet, pod, conf(IPAM));
    assertThat(inIpam.await(10, TimeUnit.SECONDS)).isTrue();
    VethNode.PodNetns secondPod = node.pod();
    VethNode.PodNetns thirdPod = node.pod();
    CompletableFuture<Fields> second = inBackground(new Kubelet(node), secondPod, conf());
    // Another VF is not held up.
    assertThat(new Kubelet(node).call("ADD", "c3", thirdPod, Kubelet.confOf(1))).isNotEmpty();
    assertThat(second).isNotDone();
    go.countDown();

    assertThat(first.get(10, TimeUnit.SECONDS).array("ips")).hasSize(1);
    Awaitility.await().until(second::isCompletedExceptionally);
    assertThat(second.exceptionNow()).hasMessageContaining("already allocated");
  }

  private static CompletableFuture<Fields> inBackground(
      Kubelet kubelet, VethNode.PodNetns pod, String conf) {
    CompletableFuture<Fields> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            result.complete(kubelet.add(pod, conf));
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  @Test
  @Spec("04:101")
  @Spec("04:114")
  void givesUpOnALockThatAnotherProgramHolds() throws Exception {
    kubelet = new Kubelet(node, node.settings(Duration.ofMillis(300), Duration.ofMillis(300)));
    Path lock = node.state().resolve("pci/vf_lock/0000:01:10.0.lock");
    Files.createDirectories(lock.getParent());
    Process holder =
        new ProcessBuilder("flock", lock.toString(), "-c", "echo held; cat")
            .redirectErrorStream(true)
            .start();
    assertThat(holder.getInputStream().read()).isEqualTo('h');

    assertThat(kubelet.addFails(pod, conf())).hasMessageContaining("ETIMEDOUT");
    holder.getOutputStream().close();
    assertThat(holder.waitFor()).isZero();
    assertThat(kubelet.add(pod, conf()).array("interfaces")).hasSize(1);
  }

  @Test
  @Spec("04:86")
  @Spec("04:87")
  @Spec("04:88")
  void appliesTheAddressesThatTheIpamPluginGives() throws Exception {
    for (String version : List.of("'cniVersion':'0.3.1',", "")) {
      kubelet.giving(
          "{"
              + version
              + "'interfaces':[{'name':'x'}],'ips':[{'version':'4','interface':3,"
              + "'address':'192.0.2.5/24','gateway':'192.0.2.1'}],"
              + "'routes':[{'dst':'198.51.100.0/24'}]}");

      Fields result = kubelet.add(pod, conf(IPAM));

      assertThat(first(result, "ips").optionalInteger("interface")).contains(0L);
      assertThat(result.array("interfaces")).hasSize(1);
      assertThat(first(result, "interfaces").text("name")).isEqualTo("net1");
      List<LinkAddress> addresses = pod.links.addresses(inPod().index());
      assertThat(addresses).anyMatch(address -> address.toString().equals("192.0.2.5/24"));
      assertThat(pod.links.routes())
          .anyMatch(route -> route.toString().equals("198.51.100.0/24 via 192.0.2.1"));
      kubelet.del(pod, conf(IPAM));
    }
  }

  @Test
  @Spec("04:83")
  @Spec("04:84")
  @Spec("04:85")
  void takesEverythingBackWhenTheIpamPluginFails() throws Exception {
    String before = node.snapshot();
    kubelet.ipam = command -> NO_SUCH_PLUGIN;
    assertThat(kubelet.addFails(pod, conf(IPAM, "'vlan':5"))).hasMessageContaining("CNI_PATH");
    assertThat(kubelet.told).containsExactly("ADD");

    kubelet.ipam = command -> Kubelet.ran(1, "{'code':11,'msg':'busy'}");
    CniException e = kubelet.addFails(pod, conf(IPAM, "'vlan':5"));
    assertThat(e.code()).isEqualTo(999);
    assertThat(e).hasMessageContaining("busy");

    kubelet.told.clear();
    kubelet.giving("{'cniVersion':'1.0.0'}");
    assertThat(kubelet.addFails(pod, conf(IPAM, "'vlan':5"))).hasMessageContaining("no IP address");
    assertThat(kubelet.told).containsExactly("ADD", "DEL");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void takesEverythingBackWhenARouteCannotBeMade() throws Exception {
    String before = node.snapshot();
    kubelet.giving(
        "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24'}],"
            + "'routes':[{'dst':'198.51.100.0/24','gw':'203.0.113.9'}]}");

    assertThat(kubelet.addFails(pod, conf(IPAM, "'vlan':5", "'mac':'" + MAC + "'")))
        .hasMessageContaining("RTM_NEWROUTE");
    assertThat(kubelet.told).containsExactly("ADD", "DEL");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:90")
  @Spec("04:91")
  void makesIpv6PossibleInThePod() throws Exception {
    inPod("ipv6/conf/all/disable_ipv6", "1");
    inPod("ipv6/conf/default/disable_ipv6", "1");
    kubelet.giving("{'cniVersion':'1.0.0','ips':[{'address':'2001:db8::5/64'}]}");
    long began = System.nanoTime();

    kubelet.add(pod, conf(IPAM));

    assertThat(System.nanoTime() - began).isLessThan(1_300_000_000L);
    assertThat(inPod("ipv6/conf/net1/disable_ipv6", "")).isEqualTo("0");
    assertThat(inPod("ipv6/conf/lo/disable_ipv6", "")).isEqualTo("0");
    assertThat(inPod("ipv6/conf/net1/keep_addr_on_down", "")).isEqualTo("1");
    assertThat(inPod("ipv4/conf/net1/arp_notify", "")).isEqualTo("1");
    assertThat(inPod("ipv6/conf/net1/ndisc_notify", "")).isEqualTo("1");
  }

  /** Reads a setting of the pod's, after writing it unless {@code value} is empty. */
  private String inPod(String setting, String value) throws Exception {
    return Kubelet.onThreadOfItsOwn(() -> {
      try (Pod inside = Pod.enter(pod.netns)) {
        if (!value.isEmpty()) {
          inside.set(setting, value);
        }
        return inside.setting(setting).orElseThrow();
      }
    });
  }

  @Test
  @Spec("04:89")
  void waitsUntilAnIpv6AddressIsKnownToBeUnique() throws Exception {
    kubelet.giving(
        "{'cniVersion':'1.0.0','ips':[{'address':'2001:db8::5/64','gateway':'2001:db8::1'}],"
            + "'routes':[{'dst':'::/0'}]}");

    kubelet.add(pod, conf(IPAM));

    assertThat(pod.links.addresses(inPod().index()))
        .anyMatch(address -> address.toString().contains("2001:db8") && !address.isTentative());
    assertThat(pod.links.routes()).anyMatch(route -> route.prefixLength() == 0);
  }

  @Test
  @Spec("04:92")
  void onlyReportsTheAddressesOfAUserspaceVf() throws Exception {
    asUserspace();
    kubelet.giving(V4);

    Fields result = kubelet.add(pod, conf(IPAM));

    assertThat(first(result, "ips").text("address")).isEqualTo("192.0.2.5/24");
    assertThat(pod.links.addresses()).isEmpty();
  }

  @Test
  @Spec("04:40")
  @Spec("04:43")
  @Spec("04:44")
  void ignoresKeysThatAreNotItsOwn() throws Exception {
    Link vf = node.hostLinks.link(VethNode.hostName(0));
    node.hostLinks.change(vf, LinkChange.none().mtu(1400));
    Fields result =
        kubelet.add(
            pod,
            conf(
                "'mtu':9000",
                "'vf':0",
                "'vlan_trunk':'1-5'",
                "'runtimeConfig':{'deviceID':'x','CNIDeviceInfoFile':'/nonexistent/file'}"));

    assertThat(first(result, "interfaces").optionalInteger("mtu")).contains(1400L);
    assertThat(inPod().mtu()).isEqualTo(1400);
  }

  @Test
  @Spec("04:48")
  void prefersThePodsAddressToTheRuntimesToTheNetworks() throws Exception {
    String low = "'mac':'02:00:00:00:00:01'";
    kubelet.with("CNI_ARGS", "IgnoreUnknown=true;MAC=02:00:00:00:00:02;K8S_POD_NAME=p");

    kubelet.add(pod, conf(low));
    assertThat(inPod().mac()).hasToString("02:00:00:00:00:02");
    kubelet.del(pod, conf(low));
    kubelet.add(pod, conf(low, "'runtimeConfig':{'mac':'02:00:00:00:00:03'}"));
    assertThat(inPod().mac()).hasToString("02:00:00:00:00:03");
  }

  @Test
  @Spec("04:98")
  void freesAVfWhosePodIsGone() throws Exception {
    Files.createDirectories(node.state().resolve("pci"));
    Files.writeString(node.state().resolve("pci/0000:01:10.0"), "/nonexistent/ns");

    kubelet.add(pod, conf());

    assertThat(node.state().resolve("pci/0000:01:10.0")).hasContent(pod.path());
  }

  /** The forwarder looks, in the host's mount namespace; a file of any other kind is no pod. */
  @Test
  @Spec("04:98")
  void freesAVfWhoseOwnerIsNoNamespace() throws Exception {
    Files.createDirectories(node.state().resolve("pci"));
    for (Path path :
        new Path[] {Files.createFile(folder.resolve("file")), folder, Path.of("/dev/null")}) {
      Files.writeString(node.state().resolve("pci/0000:01:10.0"), path.toString());

      kubelet.add(pod, conf());

      assertThat(kubelet.opened).contains(path.toString());
      assertThat(node.state().resolve("pci/0000:01:10.0")).hasContent(pod.path());
      kubelet.del(pod, conf());
    }
  }

  @Test
  @Spec(value = "04:73", differs = "there is one move, into the pod")
  void leavesTheVfOnTheHostWhenItCannotBeMoved() throws Exception {
    node.hostLinks.addAltName(node.hostLinks.link(VethNode.hostName(0)), "enp1s16");
    pod.links.add(new NewLink.Veth("enp1s16", "other"));
    String before = node.snapshot();

    assertThat(kubelet.addFails(pod, conf("'vlan':5", "'mac':'" + MAC + "'")))
        .hasMessageContaining("cannot move ens1f0v0 into the pod as net1")
        .hasMessageContaining("EEXIST");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:74")
  void tellsThatTheNetdevIsNotWhereSysfsSaysItIs() throws Exception {
    Path net = node.sysfs().resolve("bus/pci/devices/0000:01:10.0/net");
    node.pf.onUse = () -> {};
    node.freeze();
    Files.move(net.resolve(VethNode.hostName(0)), net.resolve("ghost0"));

    assertThat(kubelet.addFails(pod, conf())).hasMessageContaining("ghost0");
    assertThat(node.pf.calls).isEmpty();
  }

  @Test
  @Spec("04:72")
  void takesTheVfBackWhenItCannotBeBroughtUp() throws Exception {
    becomesMacvlan(VethNode.hostName(0));
    String before = node.snapshot();

    assertThat(kubelet.addFails(pod, conf("'vlan':5")))
        .hasMessageContaining("cannot bring up net1")
        .hasMessageContaining("EADDRINUSE");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  /** Puts a macvlan in the place of a VF that does not come up: the link below has its address. */
  private void becomesMacvlan(String name) throws Exception {
    node.hostLinks.delete(node.hostLinks.link(name));
    try (RouteSocket wire = RouteSocket.openIn(node.wire)) {
      wire.add(new NewLink.Veth("below", "far"));
      wire.change(wire.link("below"), LinkChange.none().up(true));
      Link below = wire.link("below");
      Link macvlan = wire.add(new NewLink.Macvlan("mv", below.index()));
      wire.change(macvlan, LinkChange.none().moveTo(node.host).name(name));
      node.pf.wire(VethNode.address(0), below.index());
      node.refreshSysfs();
      wire.change(below, LinkChange.none().address(macvlan.mac()));
    }
  }

  @Test
  void takesNoVfFromAPodWhoseNamespaceCannotBeOpenedJustNow() throws Exception {
    kubelet.add(pod, conf());
    String attached = node.snapshot();
    VethNode.PodNetns second = node.pod();
    kubelet.openError = Optional.of(Errno.ENFILE);

    assertThat(catchThrowable(() -> kubelet.call("ADD", "c2", second, conf())))
        .hasMessageContaining("ENFILE");

    assertThat(node.snapshot()).isEqualTo(attached);
    assertThat(pod.links.findLink("net1")).isPresent();
  }
}
