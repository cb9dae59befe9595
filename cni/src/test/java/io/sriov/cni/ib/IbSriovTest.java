package io.sriov.cni.ib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.cni.Containerd;
import io.sriov.cni.IbNode;
import io.sriov.cni.VethNode;
import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.file.FileLock;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.RdmaSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfLinkState;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** InfiniBand VFs into pods and back. */
class IbSriovTest {

  private static final String GUID = "02:00:00:00:00:00:00:aa";
  private static final String WITH_GUID = "'runtimeConfig':{'infinibandGUID':'" + GUID + "'}";
  private static final String NODE_AND_PORT = "02000000000000aa 02000000000000aa";
  private static final String NONE_SET = "ffffffffffffffff ffffffffffffffff";

  @TempDir Path folder;
  private IbNode node;
  private Containerd runtime;
  private VethNode.PodNetns pod;
  private String before;

  @BeforeEach
  void start() throws Exception {
    node = new IbNode(folder, 2);
    runtime = node.ibSriov();
    pod = node.pod();
    before = node.snapshot();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private static String conf(String... members) {
    StringBuilder text =
        new StringBuilder(
            "{'cniVersion':'1.0.0','name':'ib1','type':'ib-sriov','deviceID':'%s'"
                .formatted(IbNode.address(0)));
    for (String member : members) {
      text.append(',').append(member);
    }
    return text.append('}').toString();
  }

  private Fields state() throws Exception {
    return Fields.of(JsonReader.read(Files.readAllBytes(node.state().resolve("c1-net1"))));
  }

  private void assertAsFound() throws Exception {
    node.refresh();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:117")
  void givesAVfItsGuidAndTakesItBack() throws Exception {
    Fields result = runtime.add(pod, conf(WITH_GUID, "'link_state':'enable'"));

    Fields attached = Fields.of(result.array("interfaces").getFirst());
    assertThat(attached.members())
        .containsExactly(
            new Json.Member("name", Json.of("net1")),
            new Json.Member("sandbox", Json.of(pod.path())));
    assertThat(node.guids(0)).isEqualTo(NODE_AND_PORT);
    assertThat(node.linkState(0)).isEqualTo(VfLinkState.ENABLE);
    assertThat(node.calls)
        .containsExactly(
            "LinkState[state=ENABLE]",
            "NodeGuid[guid=144115188075856042]",
            "PortGuid[guid=144115188075856042]",
            "rebind " + IbNode.address(0));
    Link link = pod.links.link("net1");
    assertThat(link.isUp()).isTrue();
    assertThat(Guid.in(node.address(link))).get().hasToString(GUID);
    assertThat(state().text("HostIFGUID")).isEqualTo(IbNode.firmwareGuid(0));
    assertThat(state().text("HostIFNames")).isEqualTo(IbNode.hostName(0));
    assertThat(state().text("ContIFNames")).isEqualTo("net1");
    assertThat(runtime.call("CHECK", "c1", pod, conf(WITH_GUID))).isEmpty();

    runtime.del(pod, conf(WITH_GUID));

    assertAsFound();
    runtime.del(pod, conf(WITH_GUID));
    assertAsFound();
  }

  @Test
  void aNetdevThatWasUpIsUpAgain() throws Exception {
    node.hostLinks.change(node.hostLinks.link(IbNode.hostName(0)), LinkChange.none().up(true));
    before = node.snapshot();
    Fields unused = runtime.add(pod, conf(WITH_GUID));

    runtime.del(pod, conf(WITH_GUID));

    assertAsFound();
  }

  @Test
  @Spec("04:118")
  void needsAGuid() throws Exception {
    for (long none : new long[] {0, -1}) {
      node.show(0, none);
      before = node.snapshot();

      CniException refused = runtime.addFails(pod, conf());

      assertThat(refused).hasMessageContaining("which is none, and no other is given");
      assertThat(refused.code()).isEqualTo(999);
      assertAsFound();
    }

    assertThat(runtime.add(pod, conf(WITH_GUID)).has("interfaces")).isTrue();
    assertThat(node.guids(0)).isEqualTo(NODE_AND_PORT);
  }

  @Test
  void aVfWithAGuidOfItsOwnKeepsIt() throws Exception {
    Fields unused = runtime.add(pod, conf());

    assertThat(node.calls).isEmpty();
    assertThat(state().text("HostIFGUID")).isEmpty();
    runtime.del(pod, conf());
    assertThat(node.calls).isEmpty();
    assertAsFound();
  }

  @Test
  @Spec("04:120")
  void aRefusedGuidLeavesTheVfAsItWas() throws Exception {
    node.refuses = change -> change.equals(new VfChange.NodeGuid(0x02000000000000aaL));
    assertThat(runtime.addFails(pod, conf(WITH_GUID, "'link_state':'disable'")))
        .hasMessageContaining("refuses node GUID " + GUID + " of VF 0")
        .hasMessageContaining("EIO");
    assertAsFound();

    node.refuses = change -> change.equals(new VfChange.PortGuid(0x02000000000000aaL));
    assertThat(runtime.addFails(pod, conf(WITH_GUID)))
        .hasMessageContaining("refuses port GUID " + GUID);
    assertAsFound();
  }

  @Test
  @Spec("04:120")
  void aVfWhoseDriverDoesNotComeUpIsMendedByDel() throws Exception {
    node.bindFails = true;
    assertThat(runtime.addFails(pod, conf(WITH_GUID)))
        .hasMessageContaining("cannot bind VF " + IbNode.address(0));
    assertThat(node.guids(0)).isEqualTo(NONE_SET);

    node.bindFails = false;
    runtime.del(pod, conf(WITH_GUID));

    assertAsFound();
  }

  private static final String EVERYTHING =
      conf(WITH_GUID, "'rdmaIsolation':true", "'link_state':'enable'");

  /** Link state, two GUIDs, binding, RDMA device: five changes before the netdev moves. */
  private static final int CHANGES = 5;

  @Test
  void anAddThatFailsAnywhereLeavesTheVfAsItWas() throws Exception {
    for (int at = 1; at <= CHANGES; at++) {
      node.calls.clear();
      node.failAt = at;

      assertThat(runtime.addFails(pod, EVERYTHING)).as("failure at call %d", at).isNotNull();

      node.failAt = 0;
      assertAsFound();
    }
    assertThat(runtime.add(pod, EVERYTHING).has("interfaces")).isTrue();
    assertThat(node.calls).hasSizeGreaterThanOrEqualTo(CHANGES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"DEL", "ADD again", "ADD again, new call", "ADD of another pod"})
  void anAddThatIsCutOffAnywhereIsUndone(String next) throws Exception {
    for (int at = 1; at <= CHANGES; at++) {
      node.calls.clear();
      node.failAt = at;
      node.dieThere = true;
      assertThatThrownBy(() -> runtime.add(pod, EVERYTHING)).isInstanceOf(IbNode.Killed.class);
      node.failAt = 0;
      node.refresh();

      if (!next.equals("DEL")) {
        VethNode.PodNetns where = pod;
        String container = "c1";
        if (next.equals("ADD of another pod")) {
          node.vanish(pod);
          pod = node.pod();
          where = pod;
          container = "c2";
        } else if (next.equals("ADD again, new call")) {
          runtime.id = UUID.randomUUID().toString();
        }
        assertThat(runtime.call("ADD", container, where, EVERYTHING)).contains("net1");
        assertThat(node.guids(0)).isEqualTo(NODE_AND_PORT);
        assertThat(where.links.link("net1").isUp()).isTrue();
        assertThat(runtime.call("DEL", container, where, EVERYTHING)).isEmpty();
      }
      runtime.del(pod, EVERYTHING);

      assertAsFound();
    }
  }

  @Test
  @Spec("04:120a")
  void refusesAnEthernetVf() throws Exception {
    node.ethernet = true;

    assertThat(runtime.addFails(pod, conf(WITH_GUID)))
        .hasMessageContaining("ib-sriov is not for Ethernet VFs");
    assertAsFound();
  }

  @Test
  @Spec("04:121")
  @Spec("04:124")
  void aVfOfVfioGetsItsGuidAlone() throws Exception {
    node.bindToVfio(0);
    before = node.snapshot();

    Fields result = runtime.givingAnAddress().add(pod, conf(WITH_GUID, "'ipam':{'type':'static'}"));

    assertThat(result.has("ips")).isFalse();
    assertThat(runtime.told).isEmpty();
    assertThat(node.guids(0)).isEqualTo(NODE_AND_PORT);
    assertThat(node.calls).noneMatch(call -> call.startsWith("rebind"));
    assertThat(state().text("HostIFGUID")).isEqualTo("FF:FF:FF:FF:FF:FF:FF:FF");
    assertThat(state().bool("vfioPciMode")).isTrue();
    runtime.del(pod, conf(WITH_GUID));
    assertThat(node.calls).noneMatch(call -> call.startsWith("rebind"));
    assertAsFound();
  }

  @Test
  @Spec("04:124")
  void vfioPciModeNeedsItsDriver() throws Exception {
    assertThat(runtime.addFails(pod, conf("'vfioPciMode':true")))
        .hasMessageContaining("vfioPciMode is set, but the driver of")
        .hasMessageContaining("mlx5_core");
    assertAsFound();
  }

  @Test
  @Spec("04:123")
  void handsAPfOverOnlyFromVfio() throws Exception {
    String conf = conf().replace(IbNode.address(0), IbNode.pfAddress());
    assertThat(runtime.addFails(pod, conf)).hasMessageContaining("is no VF");

    node.bindPfToVfio();
    Fields result = runtime.add(pod, conf);

    assertThat(Fields.of(result.array("interfaces").getFirst()).text("name")).isEqualTo("net1");
    assertThat(node.calls).isEmpty();
    assertThat(runtime.call("CHECK", "c1", pod, conf)).isEmpty();
    runtime.del(pod, conf);
    assertAsFound();
  }

  @Test
  @Spec("04:125")
  void ibKubernetesMustHaveGivenAGuid() throws Exception {
    String marker = "'ibKubernetesEnabled':true,'args':{'cni':{'mellanox.infiniband.app':'%s'}}";

    assertThat(runtime.addFails(pod, conf(marker.formatted("no"))))
        .hasMessageContaining("has not configured this pod yet");
    assertThat(runtime.addFails(pod, conf(marker.formatted("configured"))))
        .hasMessageContaining("no GUID is given");
    assertAsFound();
    assertThat(runtime.add(pod, conf(marker.formatted("configured"), WITH_GUID)).has("interfaces"))
        .isTrue();
  }

  @Test
  @Spec(
      value = "04:126",
      differs = "DEL releases the VF: ADD never asked that plugin, so there is nothing to refuse")
  void refusesDhcp() throws Exception {
    assertThat(runtime.addFails(pod, conf("'ipam':{'type':'dhcp'}")))
        .hasMessageContaining("ipam.type dhcp");
    assertAsFound();

    Fields unused = runtime.add(pod, conf(WITH_GUID));
    runtime.del(pod, conf(WITH_GUID, "'ipam':{'type':'dhcp'}"));

    assertThat(runtime.told).isEmpty();
    assertAsFound();
  }

  @Test
  @Spec("04:127")
  void isolationNeedsExclusiveModeAndOneDevice() throws Exception {
    node.mode = Optional.of(RdmaSocket.NetnsMode.SHARED);
    assertThat(runtime.addFails(pod, conf("'rdmaIsolation':true")))
        .hasMessageContaining("rdmaMode exclusive");
    assertThat(
            Containerd.fails(() ->
                runtime.call(
                    "STATUS", "", pod, conf("'rdmaIsolation':true").replace("1.0.0", "1.1.0"))))
        .returns(CniException.NOT_AVAILABLE, CniException::code);
    node.mode = Optional.of(RdmaSocket.NetnsMode.EXCLUSIVE);
    node.addRdmaDevice(0, "mlx5_9");
    before = node.snapshot();

    assertThat(runtime.addFails(pod, conf("'rdmaIsolation':true")))
        .hasMessageContaining("but it has mlx5_0, mlx5_9");
    assertAsFound();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theRdmaDeviceGoesWithTheNetdevAndComesBack(boolean withGuid) throws Exception {
    String conf = withGuid ? conf("'rdmaIsolation':true", WITH_GUID) : conf("'rdmaIsolation':true");
    Fields unused = runtime.add(pod, conf);

    assertThat(node.hasRdma(0, pod.netns)).isTrue();
    assertThat(pod.links.link("net1").isUp()).isTrue();
    assertThat(state().object("RdmaNetState").text("containerRdmaDevName")).isEqualTo("mlx5_0");
    assertThat(state().object("RdmaNetState").text("version")).isEqualTo("1.0");
    assertThat(runtime.call("CHECK", "c1", pod, conf)).isEmpty();

    runtime.del(pod, conf);

    assertThat(node.hasRdma(0, node.host)).isTrue();
    assertAsFound();
  }

  @Test
  @Spec("04:128")
  void vfioHasNoRdmaDeviceToMoveBack() throws Exception {
    node.bindToVfio(0);
    before = node.snapshot();
    Fields unused = runtime.add(pod, conf("'rdmaIsolation':true"));

    runtime.del(pod, conf("'rdmaIsolation':true"));

    assertThat(node.calls).isEmpty();
    assertAsFound();
  }

  @Test
  @Spec("04:129")
  void aDelWithoutNamespaceReleasesEverything() throws Exception {
    String conf = conf(WITH_GUID, "'ipam':{'type':'static'}");
    Fields unused = runtime.givingAnAddress().add(pod, conf);
    runtime.told.clear();

    String nothing = runtime.callGone("DEL", "c1", "", conf);

    assertThat(nothing).isEmpty();
    assertThat(runtime.told).containsExactly("DEL");
    assertAsFound();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPodThatVanishedLeavesTheVfAsItWas(boolean isolated) throws Exception {
    String conf = conf(WITH_GUID, "'rdmaIsolation':" + isolated, "'link_state':'enable'");
    Fields unused = runtime.add(pod, conf);
    node.vanish(pod);

    String nothing = runtime.callGone("DEL", "c1", pod.path(), conf);

    assertThat(nothing).isEmpty();
    assertAsFound();
  }

  @Test
  @Spec("04:130")
  void aFailureAfterTheMoveBringsTheVfBack() throws Exception {
    String conf = conf(WITH_GUID, "'rdmaIsolation':true", "'ipam':{'type':'static'}");

    assertThat(runtime.addFails(pod, conf)).hasMessageContaining("IPAM plugin static");

    assertThat(runtime.told).containsExactly("ADD", "DEL");
    assertAsFound();
  }

  @Test
  @Spec("04:131")
  void aFileWithBasicKeysAloneDoesNotStopADel() throws Exception {
    Files.createDirectories(node.state());
    Files.writeString(
        node.state().resolve("c1-net1"),
        "{\"cniVersion\":\"1.0.0\",\"name\":\"ib1\",\"type\":\"ib-sriov\",\"ipam\":{}}");

    runtime.del(pod, conf());

    assertThat(node.state().resolve("c1-net1")).doesNotExist();
    runtime.del(pod, conf());
  }

  @Test
  void releasesWhatTheGoPluginAttached() throws Exception {
    Fields unused = runtime.add(pod, conf(WITH_GUID, "'link_state':'enable'"));
    Files.writeString(
        node.state().resolve("c1-net1"),
        """
        {"ContIFNames":"net1","HostIFGUID":"%s","HostIFNames":"%s","Master":"%s","RdmaNetState":{\
        "version":"","deviceID":"","sandboxRdmaDevName":"","containerRdmaDevName":""},"VFID":0,\
        "args":{"cni":null},"cniVersion":"1.0.0","deviceID":"%s","dns":{},"ipam":{},\
        "link_state":"enable","name":"ib1","pkey":"","runtimeConfig":{"infinibandGUID":"%s"},\
        "type":"ib-sriov"}\
        """
            .formatted(
                IbNode.firmwareGuid(0), IbNode.hostName(0), IbNode.PF, IbNode.address(0), GUID));
    node.reportsGuids = false;

    runtime.del(pod, conf(WITH_GUID));

    node.refresh();
    assertThat(node.hostLinks.link(IbNode.hostName(0)).isUp()).isFalse();
    assertThat(node.guids(0)).isEqualTo("0c42a10300aa0000 0c42a10300aa0000");
    assertThat(node.linkState(0)).isEqualTo(VfLinkState.AUTO);
    assertThat(node.state().resolve("c1-net1")).doesNotExist();
  }

  @Test
  void writesEveryMemberThatTheGoPluginReads() throws Exception {
    Fields unused =
        runtime.add(
            pod,
            conf(
                WITH_GUID,
                "'pkey':'0x8001'",
                "'rdmaIsolation':true",
                "'capabilities':{'infinibandGUID':true}",
                "'args':{'cni':{'a':'b'}}"));

    assertThat(state().members())
        .extracting(Json.Member::key)
        .contains(
            "ContIFNames",
            "HostIFGUID",
            "HostIFNames",
            "Master",
            "RdmaNetState",
            "VFID",
            "args",
            "deviceID",
            "ipam",
            "pkey",
            "rdmaIsolation",
            "runtimeConfig",
            "capabilities");
    assertThat(state().text("Master")).isEqualTo(IbNode.PF);
    assertThat(state().object("args").object("cni").text("a")).isEqualTo("b");
    assertThat(state().object("runtimeConfig").text("infinibandGUID")).isEqualTo(GUID);
  }

  @Test
  void aRepeatedCallGetsTheSameResult() throws Exception {
    String conf = conf(WITH_GUID, "'ipam':{'type':'static'}");
    runtime.givingAnAddress().id = UUID.randomUUID().toString();
    String first = runtime.call("ADD", "c1", pod, conf);
    int done = node.calls.size();

    assertThat(runtime.call("ADD", "c1", pod, conf)).isEqualTo(first).contains("192.0.2.5/24");

    assertThat(node.calls).hasSize(done);
    assertThat(runtime.told).containsExactly("ADD");
    assertThat(runtime.addFails(pod, conf)).hasMessageContaining("is already allocated");
  }

  @Test
  void aVfOfALivingPodIsNotGivenAway() throws Exception {
    Fields unused = runtime.add(pod, conf(WITH_GUID));
    VethNode.PodNetns other = node.pod();

    assertThat(Containerd.fails(() -> runtime.call("ADD", "c2", other, conf())))
        .hasMessageContaining("pci address " + IbNode.address(0) + " is already allocated");
    assertThat(pod.links.link("net1").isUp()).isTrue();
  }

  @Test
  void aLateDelLeavesTheNextPodAlone() throws Exception {
    Fields unused = runtime.add(pod, conf(WITH_GUID));
    node.vanish(pod);
    VethNode.PodNetns next = node.pod();
    String other = conf("'runtimeConfig':{'infinibandGUID':'02:00:00:00:00:00:00:bb'}");
    String attached = runtime.call("ADD", "c2", next, other);
    assertThat(attached).contains("net1");

    String nothing = runtime.callGone("DEL", "c1", pod.path(), conf(WITH_GUID));

    assertThat(nothing).isEmpty();
    assertThat(node.guids(0)).isEqualTo("02000000000000bb 02000000000000bb");
    assertThat(next.links.link("net1").isUp()).isTrue();
    String released = runtime.call("DEL", "c2", next, other);
    assertThat(released).isEmpty();
    assertAsFound();
  }

  @Test
  void anInterfaceOfThePodIsNotTouched() throws Exception {
    Link own = pod.links.add(new NewLink.Veth("net1", "other"));

    assertThat(runtime.addFails(pod, conf(WITH_GUID)))
        .hasMessageContaining("the pod has an interface net1 already");

    assertThat(pod.links.link("net1").mac()).isEqualTo(own.mac());
    assertAsFound();
  }

  @Test
  void aVfThatIsGoneNeedsNoRelease() throws Exception {
    Fields unused = runtime.add(pod, conf(WITH_GUID));
    node.removeVf(0);

    runtime.del(pod, conf(WITH_GUID));

    assertThat(node.state().resolve("c1-net1")).doesNotExist();
  }

  @Test
  void anIpamPluginThatFailsDoesNotKeepTheVf() throws Exception {
    String conf = conf(WITH_GUID, "'ipam':{'type':'static'}");
    Fields unused = runtime.givingAnAddress().add(pod, conf);
    runtime.ipam = command -> Containerd.ran(1, "{'code':11,'msg':'later'}");

    assertThat(Containerd.fails(() -> runtime.del(pod, conf))).returns(11, CniException::code);
    assertThat(node.guids(0)).isEqualTo(NONE_SET);
    int done = node.calls.size();
    runtime.givingAnAddress().del(pod, conf);

    assertThat(node.calls).hasSize(done);
    assertAsFound();
  }

  @Test
  void gcEndsWhatTheRuntimeDoesNotList() throws Exception {
    Fields unused = runtime.add(pod, conf(WITH_GUID));
    String conf = conf().replace("1.0.0", "1.1.0");
    String kept =
        conf.replace("}", ",'cni.dev/valid-attachments':[{'containerID':'c1','ifname':'net1'}]}");
    String ended = conf.replace("}", ",'cni.dev/valid-attachments':[]}");

    assertThat(runtime.call("GC", "", pod, kept)).isEmpty();
    assertThat(pod.links.findLink("net1")).isPresent();
    assertThat(runtime.call("GC", "", pod, ended)).isEmpty();

    assertAsFound();
  }

  @Test
  void checkTellsWhatDiffers() throws Exception {
    String conf = conf(WITH_GUID, "'rdmaIsolation':true", "'link_state':'enable'");
    Fields unused = runtime.add(pod, conf);
    var port = node.pf(node.hostLinks, IbNode.PF);
    port.set(0, new VfChange.LinkState(VfLinkState.DISABLE));
    port.set(0, new VfChange.PortGuid(5));

    assertThat(Containerd.fails(() -> runtime.call("CHECK", "c1", pod, conf)))
        .hasMessageContaining("link_state is no longer as configured")
        .hasMessageContaining("its GUID is no longer " + GUID);
  }

  @Test
  void waitsForTheLockOfTheNodeAndNoLongerThanItsTime() throws Exception {
    Files.createDirectories(node.locks());
    Containerd hasty =
        new Containerd(IbSriovPlugin.NAME, node.ibSriov(Duration.ofMillis(100)), folder);
    try (FileLock held =
        FileLock.acquire(node.locks().resolve("cni.lock"), 0600, Duration.ofSeconds(1))) {
      assertThat(held).isNotNull();
      assertThat(hasty.addFails(pod, conf(WITH_GUID)))
          .hasMessageContaining("lock the node's InfiniBand VFs")
          .hasMessageContaining("ETIMEDOUT");
    }

    hasty.del(pod, conf(WITH_GUID));

    assertAsFound();
  }

  @Test
  void theSweepRestoresWhatAVanishedPodLeft() throws Exception {
    Fields unused = runtime.add(pod, conf(WITH_GUID, "'rdmaIsolation':true"));
    node.vanish(pod);

    node.ibSriov(Duration.ofSeconds(5)).sweep();

    assertAsFound();
    assertThat(node.ibSriov(Duration.ofSeconds(5)).attachments()).isEmpty();
  }

  @Test
  void tellsWhoHasAVf() throws Exception {
    Fields unused = runtime.add(pod, conf(WITH_GUID));

    assertThat(node.ibSriov(Duration.ofSeconds(5)).attachments())
        .containsExactly(Map.entry(IbNode.address(0), "c1"));
  }

  @Test
  void refusesTheHostsOwnNamespace() throws Exception {
    assertThat(
            Containerd.fails(() -> runtime.callAt("ADD", "c1", node.hostPath(), conf(WITH_GUID))))
        .returns(CniException.INVALID_NETNS, CniException::code);
    assertAsFound();
  }
}
