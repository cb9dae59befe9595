package io.sriov.cni.rdma;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.Containerd;
import io.sriov.cni.IbNode;
import io.sriov.cni.VethNode;
import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.json.JsonWriter;
import io.sriov.cni.plugin.KernelRdma;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.RdmaSocket;
import io.sriov.testkit.Spec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RDMA devices into pods and back, behind another plugin. */
class RdmaTest {

  private static final String PREVIOUS =
      "'prevResult':{'cniVersion':'1.0.0','interfaces':[{'name':'net1','mac':'02:00:00:00:00:00',"
          + "'sandbox':'/x'}],'ips':[{'address':'192.0.2.5/24','interface':0}],'more':[1.50]}";

  @TempDir Path folder;
  private IbNode node;
  private Containerd runtime;
  private VethNode.PodNetns pod;
  private String before;

  @BeforeEach
  void start() throws Exception {
    node = new IbNode(folder, 2);
    node.ethernet = true;
    runtime = node.rdma();
    pod = node.pod();
    before = node.snapshot();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private static String conf(String... members) {
    StringBuilder text = new StringBuilder("{'cniVersion':'1.0.0','name':'n1','type':'rdma'");
    for (String member : members) {
      text.append(',').append(member);
    }
    return text.append('}').toString();
  }

  private static String device() {
    return "'deviceID':'" + IbNode.address(0) + "'";
  }

  private Path file() {
    return node.rdmaState().resolve("n1-c1-net1");
  }

  private void assertAsFound() throws Exception {
    node.refresh();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:132")
  @Spec("04:135")
  void movesTheDeviceAndHandsTheResultOn() throws Exception {
    Fields result = runtime.add(pod, conf(device(), PREVIOUS));

    assertThat(JsonWriter.compact(new Json.Obj(result.members())))
        .isEqualTo(
            "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"net1\",\"mac\":"
                + "\"02:00:00:00:00:00\",\"sandbox\":\"/x\"}],\"ips\":[{\"address\":"
                + "\"192.0.2.5/24\",\"interface\":0}],\"more\":[1.50]}");
    assertThat(node.hasRdma(0, pod.netns)).isTrue();
    assertThat(node.hasRdma(1, node.host)).isTrue();
    assertThat(Files.readString(file()))
        .startsWith(
            "{\"version\":\"1.0\",\"deviceID\":\"%s\",\"sandboxRdmaDevName\":\"mlx5_0\",\"containerRdmaDevName\":\"mlx5_0\","
                .formatted(IbNode.address(0)));
    assertThat(runtime.call("CHECK", "c1", pod, conf(device(), PREVIOUS))).isEmpty();

    runtime.del(pod, conf(device()));
    assertAsFound();
    runtime.del(pod, conf(device()));
    assertAsFound();
  }

  @Test
  @Spec("04:132")
  void mustStandBehindAnotherPlugin() throws Exception {
    CniException refused = runtime.addFails(pod, conf(device()));

    assertThat(refused).hasMessageContaining("prevResult is missing");
    assertThat(refused.code()).isEqualTo(999);
    assertThat(runtime.addFails(pod, conf(device(), "'prevResult':'x'")))
        .hasMessageContaining("prevResult must be an object");
    assertAsFound();
  }

  @Test
  void tellsAnAddressInTheShapeOfItsVersion() throws Exception {
    String older = conf(device(), PREVIOUS).replaceFirst("1.0.0", "0.4.0");

    Fields result = runtime.add(pod, older);

    assertThat(result.text("cniVersion")).isEqualTo("0.4.0");
    assertThat(Fields.of(result.array("ips").getFirst()).text("version")).isEqualTo("4");
    RdmaConf newer =
        RdmaConf.of(
            read(
                "{'prevResult':{'cniVersion':'0.3.1','ips':[{'version':'6','address':'2001:db8::5/64'}]}}"));
    assertThat(JsonWriter.compact(PreviousResult.of(newer).in("1.1.0")))
        .isEqualTo("{\"cniVersion\":\"1.1.0\",\"ips\":[{\"address\":\"2001:db8::5/64\"}]}");
  }

  private static Json read(String text) throws Exception {
    return JsonReader.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @Spec("04:133")
  void aPciAddressAndAnAuxiliaryDeviceAreInDifferentTrees() throws Exception {
    assertThat(DeviceId.of("0000:03:00.2").folder())
        .isEqualTo("bus/pci/devices/0000:03:00.2/infiniband");
    assertThat(DeviceId.of("0000:3B:00.2").name()).isEqualTo("0000:3b:00.2");
    assertThat(DeviceId.of("mlx5_core.sf.4").folder())
        .isEqualTo("bus/auxiliary/devices/mlx5_core.sf.4/infiniband");
    assertThat(Containerd.fails(() -> DeviceId.of("../../x")))
        .hasMessageContaining("neither a PCI address nor an auxiliary device");
    assertThat(Containerd.fails(() -> DeviceId.of("..")))
        .hasMessageContaining("neither a PCI address nor an auxiliary device");
  }

  @Test
  @Spec("04:133")
  void movesTheDeviceOfASubFunction() throws Exception {
    Files.createDirectories(
        folder.resolve("sys/bus/auxiliary/devices/mlx5_core.sf.4/infiniband/mlx5_1"));

    Fields unused = runtime.add(pod, conf("'deviceID':'mlx5_core.sf.4'", PREVIOUS));

    assertThat(node.hasRdma(1, pod.netns)).isTrue();
    runtime.del(pod, conf());
    assertAsFound();
  }

  @Test
  @Spec("04:134")
  void needsExclusiveMode() throws Exception {
    node.mode = Optional.of(RdmaSocket.NetnsMode.SHARED);
    assertThat(runtime.addFails(pod, conf(device(), PREVIOUS)))
        .hasMessageContaining("set rdmaMode exclusive");
    node.mode = Optional.empty();
    assertThat(runtime.addFails(pod, conf(device(), PREVIOUS)))
        .hasMessageContaining("is ib_core loaded?");
    assertThat(
            Containerd.fails(
                () -> runtime.call("STATUS", "", pod, conf().replace("1.0.0", "1.1.0"))))
        .returns(CniException.NOT_AVAILABLE, CniException::code);
    node.modeFails = Optional.of(Errno.EPERM);
    assertThat(runtime.addFails(pod, conf(device(), PREVIOUS))).hasMessageContaining("EPERM");
    assertAsFound();
  }

  @Test
  void isReadyInExclusiveMode() throws Exception {
    assertThat(runtime.call("STATUS", "", pod, conf().replace("1.0.0", "1.1.0"))).isEmpty();
  }

  @Test
  void refusesADeviceWithoutOrWithSeveralRdmaDevices() throws Exception {
    node.addRdmaDevice(0, "mlx5_9");
    before = node.snapshot();
    assertThat(runtime.addFails(pod, conf(device(), PREVIOUS)))
        .hasMessageContaining("has several RDMA devices")
        .hasMessageContaining("mlx5_0, mlx5_9");
    assertThat(runtime.addFails(pod, conf("'deviceID':'0000:99:00.0'", PREVIOUS)))
        .hasMessageContaining("has no RDMA device on the host");
    assertAsFound();
  }

  @Test
  void findsAVfByTheAddressOfTheInterface() throws Exception {
    Fields unused = runtime.add(pod, conf(PREVIOUS));

    assertThat(node.hasRdma(0, pod.netns)).isTrue();
    runtime.del(pod, conf());
    assertAsFound();
    assertThat(runtime.addFails(pod, conf("'prevResult':{'interfaces':[]}")))
        .hasMessageContaining("deviceID is missing");
    assertThat(
            runtime.addFails(
                pod, conf("'prevResult':{'interfaces':[{'mac':'02:00:00:00:00:99'}]}")))
        .hasMessageContaining("are [] instead of one");
  }

  @Test
  void aFailedMoveLeavesNothing() throws Exception {
    node.moveFails = Optional.of(Errno.EBUSY);

    assertThat(runtime.addFails(pod, conf(device(), PREVIOUS)))
        .hasMessageContaining("cannot move RDMA device mlx5_0 into the pod")
        .hasMessageContaining("EBUSY");

    assertAsFound();
  }

  @Test
  void aStateThatCannotBeWrittenLeavesTheDevice() throws Exception {
    Files.writeString(node.rdmaState(), "a file where the folder should be");

    assertThat(runtime.addFails(pod, conf(device(), PREVIOUS))).isNotNull();

    Files.delete(node.rdmaState());
    assertAsFound();
  }

  @Test
  @Spec("04:136")
  void aPodThatVanishedIsForgotten() throws Exception {
    Fields unused = runtime.add(pod, conf(device(), PREVIOUS));
    node.vanish(pod);

    assertThat(runtime.callGone("DEL", "c1", pod.path(), conf(device()))).isEmpty();

    assertThat(file()).doesNotExist();
    assertThat(node.hasRdma(0, node.host)).isTrue();
  }

  @Test
  void aDelWithoutNamespaceFindsItByItsState() throws Exception {
    Fields unused = runtime.add(pod, conf(device(), PREVIOUS));

    assertThat(runtime.callGone("DEL", "c1", "", conf(device()))).isEmpty();

    assertAsFound();
  }

  @Test
  void aRepeatedCallGetsTheSameResult() throws Exception {
    runtime.id = UUID.randomUUID().toString();
    String first = runtime.call("ADD", "c1", pod, conf(device(), PREVIOUS));

    assertThat(runtime.call("ADD", "c1", pod, conf(device(), PREVIOUS))).isEqualTo(first);

    assertThat(node.calls).hasSize(1);
    assertThat(runtime.addFails(pod, conf(device(), PREVIOUS)))
        .hasMessageContaining("it needs a DEL first");
  }

  @Test
  void aCutOffCallIsUndoneBeforeItIsRepeated() throws Exception {
    Fields unused = runtime.add(pod, conf(device(), PREVIOUS));
    Files.writeString(file(), Files.readString(file()).replace("\"attached\"", "\"adding\""));

    assertThat(runtime.add(pod, conf(device(), PREVIOUS)).has("interfaces")).isTrue();

    runtime.del(pod, conf());
    assertAsFound();
  }

  @Test
  void releasesWhatTheGoPluginAttached() throws Exception {
    node.move("mlx5_0", node.host, pod.netns);
    Files.createDirectories(node.rdmaState());
    Files.writeString(
        file(),
        "{\"version\":\"1.0\",\"deviceID\":\"%s\",\"sandboxRdmaDevName\":\"mlx5_0\",\"containerRdmaDevName\":\"mlx5_0\"}"
            .formatted(IbNode.address(0)));

    runtime.del(pod, conf(device()));

    assertAsFound();
  }

  @Test
  void aBrokenStateFileDoesNotStopADel() throws Exception {
    Files.createDirectories(node.rdmaState());
    Files.writeString(file(), "{");

    runtime.del(pod, conf(device()));

    assertThat(file()).doesNotExist();
  }

  @Test
  void aLateDelDoesNotTakeTheDeviceFromTheNextPod() throws Exception {
    Fields unused = runtime.add(pod, conf(device(), PREVIOUS));
    node.vanish(pod);
    VethNode.PodNetns next = node.pod();
    assertThat(runtime.call("ADD", "c2", next, conf(device(), PREVIOUS))).isNotEmpty();

    assertThat(runtime.callGone("DEL", "c1", pod.path(), conf(device()))).isEmpty();

    assertThat(node.hasRdma(0, next.netns)).isTrue();
  }

  @Test
  void gcEndsWhatTheRuntimeDoesNotList() throws Exception {
    Fields unused = runtime.add(pod, conf(device(), PREVIOUS));
    String gc = conf("'cni.dev/valid-attachments':[]").replace("1.0.0", "1.1.0");

    assertThat(runtime.call("GC", "", pod, gc.replace("'n1'", "'n1-c1'"))).isEmpty();
    assertThat(node.hasRdma(0, pod.netns)).isTrue();
    assertThat(runtime.call("GC", "", pod, gc)).isEmpty();

    assertAsFound();
  }

  @Test
  void checkTellsThatTheDeviceIsAway() throws Exception {
    Fields unused = runtime.add(pod, conf(device(), PREVIOUS));
    node.move("mlx5_0", pod.netns, node.host);

    assertThat(Containerd.fails(() -> runtime.call("CHECK", "c1", pod, conf(device(), PREVIOUS))))
        .hasMessageContaining("RDMA device mlx5_0 is not in the pod");
  }

  @Test
  void argumentsHaveTheGrammarOfEveryPlugin() throws Exception {
    runtime.more.put("CNI_ARGS", "A=1");
    assertThat(runtime.addFails(pod, conf(device(), PREVIOUS)))
        .hasMessageContaining("unknown keys [A]");
    runtime.more.put("CNI_ARGS", "IgnoreUnknown=true;A=1");
    Fields unused = runtime.add(pod, conf(device(), PREVIOUS));
    runtime.more.put("CNI_ARGS", "garbage");

    runtime.del(pod, conf(device()));

    assertAsFound();
  }

  @Test
  void theSweepForgetsPodsThatWent() throws Exception {
    Fields unused = runtime.add(pod, conf(device(), PREVIOUS));
    node.rdmaPlugin().sweep();
    assertThat(file()).exists();
    node.vanish(pod);

    node.rdmaPlugin().sweep();

    assertThat(file()).doesNotExist();
  }

  @Test
  void theKernelHereAnswersLikeAnyOther() throws LinuxException {
    var kernel = new KernelRdma();

    assertThat(kernel.isIn(pod.netns, "mlx5_none")).isFalse();
    assertThat(Containerd.failsInKernel(() -> kernel.move("mlx5_none", pod.netns, node.host)))
        .hasMessageContaining("move RDMA device mlx5_none");
  }
}
