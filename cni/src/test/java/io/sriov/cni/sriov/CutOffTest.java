package io.sriov.cni.sriov;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.cni.VethNode;
import io.sriov.cni.wire.ConnectionLost;
import io.sriov.linux.netlink.VfChange;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An ADD that fails, or is cut off, at every step. */
class CutOffTest {

  private static final String CONF =
      Kubelet.conf(
          "'vlan':5",
          "'mac':'02:00:00:00:00:e1'",
          "'max_tx_rate':10",
          "'spoofchk':'off'",
          "'trust':'on'",
          "'ipam':{'type':'ipam'}");
  private static final String V4 = "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24'}]}";

  @TempDir Path folder;
  VethNode node;
  Kubelet kubelet;
  VethNode.PodNetns pod;
  String before;

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, 1);
    kubelet = new Kubelet(node).giving(V4);
    pod = node.pod();
    before = node.snapshot();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  /** As a kill does: nothing of ours runs any more. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        VfChange.Vlan.class,
        VfChange.Mac.class,
        VfChange.Rate.class,
        VfChange.SpoofChk.class,
        VfChange.Trust.class
      })
  @Spec(value = "04:111", differs = "everything is undone")
  void isUndoneWhenASettingFails(Class<? extends VfChange> setting) throws Exception {
    node.pf.fails = setting::isInstance;

    assertThat(kubelet.addFails(pod, CONF)).hasMessageContaining("EIO");

    assertThat(node.snapshot()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  @Spec("04:115")
  void isCleanedUpByDelWhenTheServerWasKilledAtASetting(int call) throws Exception {
    killedAt(call);
    kubelet.del(pod, CONF);

    assertThat(node.snapshot()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void isBegunAnewByARepetitionWhenTheServerWasKilledAtASetting(int call) throws Exception {
    killedAt(call);
    kubelet.add(pod, CONF);
    assertThat(pod.links.link("net1").mac()).hasToString("02:00:00:00:00:e1");
    kubelet.del(pod, CONF);

    assertThat(node.snapshot()).isEqualTo(before);
  }

  private void killedAt(int call) {
    node.pf.onCall =
        number -> {
          if (number == call) {
            throw new Killed();
          }
        };
    assertThatThrownBy(() -> kubelet.add(pod, CONF)).isInstanceOf(Killed.class);
    node.pf.onCall = number -> {};
    node.pf.calls.clear();
  }

  @Test
  void isCleanedUpByDelWhenTheServerWasKilledWhileTheIpamPluginRan() throws Exception {
    kubelet.ipam =
        command -> {
          throw new Killed();
        };
    assertThatThrownBy(() -> kubelet.add(pod, CONF)).isInstanceOf(Killed.class);
    kubelet.giving(V4).told.clear();
    kubelet.del(pod, CONF);

    assertThat(kubelet.told).containsExactly("DEL");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void isUndoneWhenTheForwarderGoesAwayAndItsAddressesAreGivenBackByDel() throws Exception {
    kubelet.ipam =
        command -> {
          throw new ConnectionLost("gone");
        };
    assertThatThrownBy(() -> kubelet.add(pod, CONF)).isInstanceOf(ConnectionLost.class);
    assertThat(node.hostLinks.findLink(VethNode.hostName(0))).isPresent();
    kubelet.giving(V4).told.clear();
    kubelet.del(pod, CONF);

    assertThat(kubelet.told).containsExactly("DEL");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void givesTheVfBackInADelWhoseForwarderGoesAwayAndTheAddressesInTheNext() throws Exception {
    kubelet.add(pod, CONF);
    kubelet.ipam =
        command -> {
          throw new ConnectionLost("gone");
        };
    assertThatThrownBy(() -> kubelet.del(pod, CONF)).hasMessageContaining("gone");
    assertThat(node.hostLinks.findLink(VethNode.hostName(0))).isPresent();
    kubelet.giving(V4).told.clear();
    kubelet.del(pod, CONF);

    assertThat(kubelet.told).containsExactly("DEL");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void keepsTheAddressesInMindThatCouldNotBeGivenBack() throws Exception {
    kubelet.ipam =
        command ->
            command.equals("ADD")
                ? Kubelet.ran(
                    0, V4.replace("]}", "],'routes':[{'dst':'10.0.0.0/8','gw':'1.1.1.1'}]}"))
                : Kubelet.ran(1, "{'code':11,'msg':'busy'}");
    assertThat(kubelet.addFails(pod, CONF)).hasMessageContaining("RTM_NEWROUTE");
    assertThat(node.state().resolve("c1-net1")).exists();
    kubelet.giving(V4).told.clear();
    kubelet.del(pod, CONF);

    assertThat(kubelet.told).containsExactly("DEL");
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec(value = "04:112", differs = "nothing is left behind")
  void isUndoneWhenAFileCannotBeWritten() throws Exception {
    kubelet.ipam =
        command -> {
          if (command.equals("ADD")) {
            Path state = node.state().resolve("c1-net1");
            Files.delete(state);
            Files.createDirectories(state.resolve("in the way"));
          }
          return Kubelet.ran(0, command.equals("ADD") ? V4 : "");
        };
    assertThat(kubelet.addFails(pod, CONF)).hasMessageContaining("c1-net1");
    Files.deleteIfExists(node.state().resolve("c1-net1/in the way"));
    Files.deleteIfExists(node.state().resolve("c1-net1"));

    assertThat(node.snapshot()).isEqualTo(before);
  }
}
