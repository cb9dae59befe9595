package io.sriov.cni.sriov;

import static io.sriov.cni.sriov.Kubelet.conf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import io.sriov.cni.VethNode;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.Errno;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VlanProtocol;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DelTest {

  private static final String MAC = "'mac':'02:00:00:00:00:e1'";
  private static final String EVERYTHING =
      conf(
          MAC,
          "'vlan':100",
          "'vlanQoS':3",
          "'spoofchk':'off'",
          "'trust':'on'",
          "'max_tx_rate':200");
  private static final String LINK_ON = "'link_state':'enable'";
  private static final String IPAM = "'ipam':{'type':'ipam'}";
  private static final String V4 = "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24'}]}";

  @TempDir Path folder;
  VethNode node;
  Kubelet kubelet;
  VethNode.PodNetns pod;
  String before;

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, 2);
    kubelet = new Kubelet(node);
    pod = node.pod();
    before = node.snapshot();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private void assertClean() throws Exception {
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  @Spec("04:79")
  @Spec("04:103")
  @Spec("04:69")
  void makesTheVfAsItWasAndDoesSoOnce() throws Exception {
    kubelet.add(pod, EVERYTHING);

    kubelet.del(pod, EVERYTHING);
    assertClean();
    node.pf.calls.clear();
    kubelet.del(pod, EVERYTHING);

    assertClean();
    assertThat(node.pf.calls).isEmpty();
  }

  @Test
  void makesALinkThatWasUpBeUpAgain() throws Exception {
    Link link = node.hostLinks.link(VethNode.hostName(0));
    node.hostLinks.change(link, LinkChange.none().up(true));
    before = node.snapshot();

    kubelet.add(pod, conf());
    kubelet.del(pod, conf());

    assertClean();
  }

  @Test
  @Spec("04:82")
  void findsItsNetdevUnderAnotherNumberInThePodAndOnTheHost() throws Exception {
    int onHost = node.hostLinks.link(VethNode.hostName(0)).index();
    int ofTheOther = node.hostLinks.link(VethNode.hostName(1)).index();
    pod.links.add(new NewLink.Veth("eth0", "wired", Optional.of(node.wire)));
    assertThat(pod.links.link("eth0").index()).isEqualTo(onHost);

    kubelet.add(pod, EVERYTHING);

    Link inPod = pod.links.link("net1");
    assertThat(inPod.index()).isEqualTo(ofTheOther);
    assertThat(inPod.isUp()).isTrue();
    assertThat(pod.links.link("eth0").isUp()).isFalse();
    pod.links.change(inPod, LinkChange.none().mtu(1400));

    kubelet.del(pod, EVERYTHING);

    assertThat(node.hostLinks.link(VethNode.hostName(0)).index())
        .isNotEqualTo(onHost)
        .isNotEqualTo(ofTheOther);
    assertThat(node.snapshot().lines())
        .containsExactlyInAnyOrderElementsOf(before.lines().toList());
  }

  @Test
  @Spec("04:66")
  void undoesWhatThePodDidToItsInterface() throws Exception {
    kubelet.add(pod, conf());
    Link link = pod.links.link("net1");
    pod.links.change(
        link,
        LinkChange.none()
            .mtu(1400)
            .address(HardwareAddress.parse("02:00:00:00:00:55").orElseThrow()));

    kubelet.del(pod, conf());

    assertClean();
  }

  @Test
  @Spec("04:68")
  void givesBackAnAddressThatAUserspaceDriverSet() throws Exception {
    kubelet.add(pod, conf());
    node.pf.preset(0, new VfChange.Mac(HardwareAddress.parse("02:00:00:00:00:66").orElseThrow()));

    kubelet.del(pod, conf());

    assertClean();
  }

  @Test
  @Spec(value = "04:81", differs = "the netdev is found whatever it is called")
  void findsANetdevThatThePodRenamed() throws Exception {
    kubelet.add(pod, EVERYTHING);
    Link link = pod.links.link("net1");
    pod.links.change(link, LinkChange.none().up(false));
    pod.links.change(link, LinkChange.none().name("mine"));
    pod.links.add(new NewLink.Veth("net1", "other"));

    kubelet.del(pod, EVERYTHING);

    assertClean();
    assertThat(pod.links.findLink("net1")).isPresent();
  }

  @Test
  @Spec(value = "04:80", differs = "a free name is chosen")
  void choosesAnotherNameIfItsOwnIsTaken() throws Exception {
    kubelet.add(pod, EVERYTHING);
    int index = pod.links.link("net1").index();
    node.hostLinks.add(new NewLink.Veth(VethNode.hostName(0), "squatter"));

    kubelet.del(pod, EVERYTHING);

    assertThat(node.hostLinks.link("dev" + index).mac().toString()).isIn(before.split("\\s"));
    assertThat(node.files()).isEmpty();
  }

  @Test
  @Spec(value = "04:105", differs = "the VF is reset all the same")
  void releasesAVfWithoutBeingToldThePod() throws Exception {
    kubelet.giving(V4);
    kubelet.add(pod, EVERYTHING.replace("\"type\"", "\"ipam\":{\"type\":\"ipam\"},\"type\""));
    returnByKernel();

    kubelet.callGone("DEL", "c1", "", EVERYTHING);

    assertClean();
    assertThat(kubelet.told).containsExactly("ADD", "DEL");
  }

  @Test
  @Spec(value = "04:106", differs = "the allocation goes, and the name comes back")
  @Spec(value = "04:107", differs = "as for a pod that vanished")
  void releasesAVfWhosePodVanished() throws Exception {
    kubelet.add(pod, EVERYTHING);
    returnByKernel();

    kubelet.callGone("DEL", "c1", pod.path(), EVERYTHING);

    assertClean();
  }

  /** udev gives a netdev that comes under another name its usual one as an alternative. */
  @Test
  void givesANameBackThatIsAnAlternativeOneByNow() throws Exception {
    kubelet.add(pod, EVERYTHING);
    returnByKernel();
    node.hostLinks.addAltName(node.hostLinks.link("net1"), "ens1f0v0");

    kubelet.callGone("DEL", "c1", pod.path(), EVERYTHING);

    assertClean();
  }

  @Test
  void restoresTheOneVfOfWhichOnlyTheStateFileIsLeft() throws Exception {
    kubelet.add(pod, EVERYTHING);
    returnByKernel();
    node.refreshSysfs();

    kubelet.plugin.restore(VethNode.address(1));
    assertThat(node.files()).isNotEmpty();
    kubelet.plugin.restore(VethNode.address(0));

    assertClean();
    assertThat(node.files()).isEmpty();
  }

  @Test
  void restoresNothingWhileThePodHasTheVf() throws Exception {
    kubelet.add(pod, EVERYTHING);
    String attached = node.snapshot();

    kubelet.plugin.restore(VethNode.address(0));

    assertThat(node.snapshot()).isEqualTo(attached);
    kubelet.del(pod, EVERYTHING);
    assertClean();
  }

  /**
   * What the kernel does when a namespace goes: the device comes back with the name it had there.
   */
  private void returnByKernel() throws Exception {
    Link link = pod.links.link("net1");
    pod.links.change(link, LinkChange.none().moveTo(node.host));
    pod.close();
  }

  @Test
  @Spec(value = "04:108", differs = "success: there is nothing to restore")
  void succeedsWhenTheVfIsGone() throws Exception {
    kubelet.add(pod, EVERYTHING);
    node.removeVf(0);

    kubelet.del(pod, EVERYTHING);

    assertThat(node.files()).isEmpty();
  }

  @Test
  @Spec(value = "04:109", differs = "success at once")
  void succeedsWithoutTheAllocationFile() throws Exception {
    kubelet.add(pod, EVERYTHING);
    Files.delete(node.state().resolve("pci/0000:01:10.0"));

    kubelet.del(pod, EVERYTHING);

    assertClean();
  }

  @Test
  @Spec(value = "04:104", differs = "the file is put aside and the VF reset")
  void releasesAVfWhoseStateFileCannotBeRead() throws Exception {
    node.pf.takesLinkState = true;
    String conf = conf(MAC, "'vlan':100", "'spoofchk':'off'", "'trust':'on'", LINK_ON);
    kubelet.add(pod, conf);
    assertThat(node.pf.state(0)).containsEntry("linkState", "ENABLE");
    Files.writeString(node.state().resolve("c1-net1"), "{\"MAC\":");

    kubelet.del(pod, conf);

    assertThat(node.state().resolve("c1-net1")).doesNotExist();
    assertThat(node.state().resolve(".unreadable-c1-net1")).exists();
    assertThat(node.pf.state(0)).containsEntry("linkState", "AUTO");
    assertThat(node.pf.snapshot().replace("linkState=AUTO, ", ""))
        .isEqualTo(before.lines().limit(2).reduce("", (a, b) -> a + b + "\n"));
    assertThat(pod.links.links()).hasSize(1);
  }

  @Test
  @Spec(value = "04:101b", differs = "the PF is found by the VF")
  void findsThePfAfterItWasRenamed() throws Exception {
    kubelet.add(pod, EVERYTHING);
    Path state = node.state().resolve("c1-net1");
    Files.writeString(
        state, Files.readString(state).replace("\"Master\":\"pf0\"", "\"Master\":\"old0\""));

    kubelet.del(pod, EVERYTHING);

    assertClean();
  }

  @Test
  @Spec(value = "04:101a", differs = "the VF of the second pod is left alone")
  void leavesAVfAloneThatAnotherPodGotSince() throws Exception {
    kubelet.add(pod, conf("'vlan':3", "'trust':'on'"));
    returnByKernel();
    VethNode.PodNetns second = node.pod();
    // The first pod's traces are gone before the second gets the VF.
    kubelet.call("ADD", "c2", second, conf("'vlan':1234", MAC));
    assertThat(node.pf.state(0)).containsEntry("vlan", "1234").containsEntry("trust", "false");
    assertThat(Files.readString(node.state().resolve("c2-net1")))
        .contains("\"HostIFName\":\"ens1f0v0\"");
    String during = node.snapshot();

    kubelet.callGone("DEL", "c1", pod.path(), conf("'vlan':3", "'trust':'on'"));

    assertThat(node.snapshot()).isEqualTo(during);
    assertThat(second.links.findLink("net1")).isPresent();
    kubelet.call("DEL", "c2", second, conf());
    assertClean();
  }

  @Test
  @Spec("04:101c")
  @Spec("04:102")
  void leavesAVfAloneOfWhichTheGoPluginLeftAnOldFile() throws Exception {
    kubelet.add(pod, conf("'vlan':3"));
    Path state = node.state().resolve("c1-net1");
    String file = Files.readString(state);
    Files.writeString(state, file.replaceAll("\"attachment\":\\{.*\"wasUp\":false\\},", ""));
    returnByKernel();
    VethNode.PodNetns second = node.pod();
    kubelet.call("ADD", "c2", second, conf("'vlan':1234"));

    kubelet.callGone("DEL", "c1", pod.path(), conf());

    assertThat(node.pf.state(0)).containsEntry("vlan", "1234");
    assertThat(second.links.findLink("net1")).isPresent();
    assertThat(state).doesNotExist();
  }

  @Test
  @Spec("04:113")
  @Spec("04:70")
  void releasesWhatTheGoPluginAttached() throws Exception {
    kubelet.add(pod, EVERYTHING);
    Path state = node.state().resolve("c1-net1");
    String file = Files.readString(state);
    Files.writeString(
        state,
        file.replaceAll("\"attachment\":\\{.*\"wasUp\":false\\},", "")
            .replaceAll("\"VlanProto\":\\d+", "\"VlanProto\":0"));

    kubelet.del(pod, EVERYTHING);

    assertClean();
  }

  @Test
  void toleratesStateFilesOfOldReleases() throws Exception {
    kubelet.add(pod, conf("'vlan':100"));
    Path state = node.state().resolve("c1-net1");
    String file = Files.readString(state);
    Files.writeString(
        state,
        file.replaceAll("\"attachment\":\\{.*\"wasUp\":false\\},", "")
            .replaceAll("\"(EffectiveMAC|AdminMAC)\":\"[^\"]*\",", "")
            .replaceAll(",\"VlanProto\":\\d+", "")
            .replaceAll("\"MTU\":1500,", ""));

    kubelet.del(pod, conf());

    assertClean();
  }

  @Test
  @Spec("04:84")
  void freesTheVfButPassesTheIpamPluginsErrorOn() throws Exception {
    String conf = conf(IPAM, "'vlan':5");
    kubelet.giving(V4);
    kubelet.add(pod, conf);
    kubelet.ipam = command -> Kubelet.ran(1, "{'code':11,'msg':'busy','details':'later'}");

    CniException e = catchThrowableOfType(CniException.class, () -> kubelet.del(pod, conf));

    assertThat(e.code()).isEqualTo(11);
    assertThat(e.details()).isEqualTo("later");
    assertThat(node.state().resolve("c1-net1")).exists();
    assertThat(node.state().resolve("pci/0000:01:10.0")).doesNotExist();
    assertThat(node.hostLinks.findLink(VethNode.hostName(0))).isPresent();
    // Another pod may have the VF before the addresses are back.
    VethNode.PodNetns second = node.pod();
    kubelet.giving(V4);
    kubelet.call("ADD", "c2", second, conf("'vlan':6"));
    kubelet.del(pod, conf);
    assertThat(node.pf.state(0)).containsEntry("vlan", "6");
    assertThat(node.state().resolve("c1-net1")).doesNotExist();
  }

  @Test
  void doesNotStumbleOverAConfigurationThatWasEditedSince() throws Exception {
    kubelet.add(pod, EVERYTHING);

    kubelet.del(pod, conf("'vlan':'five'"));

    assertClean();
  }

  @Test
  void keepsTheStateUntilTheVfIsClean() throws Exception {
    kubelet.add(pod, EVERYTHING);
    node.pf.calls.clear();
    node.pf.fails = VfChange.Trust.class::isInstance;

    CniException e = catchThrowableOfType(CniException.class, () -> kubelet.del(pod, EVERYTHING));
    node.pf.fails = change -> false;
    assertThat(e).hasMessageContaining("EIO");
    assertThat(node.state().resolve("c1-net1")).exists();
    kubelet.del(pod, EVERYTHING);

    assertClean();
  }

  @Test
  void succeedsIfTheDriverNeverTakesAnAddressBack() throws Exception {
    node.pf.refusesZeroMac = true;
    kubelet.add(pod, conf(MAC, "'vlan':9"));

    kubelet.del(pod, conf());

    assertThat(node.pf.state(0)).containsEntry("vlan", "0");
    assertThat(node.files()).isEmpty();
  }

  @Test
  void restoresAStateThatIsNotAFreshOnes() throws Exception {
    node.pf.preset(
        0,
        new VfChange.Vlan(77, 2, VlanProtocol.DOT1Q),
        new VfChange.Trust(true),
        new VfChange.SpoofChk(false),
        new VfChange.Mac(HardwareAddress.parse("02:00:00:00:00:01").orElseThrow()));
    before = node.snapshot();

    kubelet.add(pod, conf(MAC, "'vlan':1", "'trust':'off'", "'spoofchk':'on'"));
    kubelet.del(pod, conf());

    assertClean();
  }

  @Test
  void checksWhatWasAskedFor() throws Exception {
    kubelet.add(pod, EVERYTHING);
    assertThat(kubelet.call("CHECK", "c1", pod, EVERYTHING)).isEmpty();
    node.pf.preset(0, new VfChange.Trust(false));

    assertThat(
            catchThrowableOfType(
                CniException.class, () -> kubelet.call("CHECK", "c1", pod, EVERYTHING)))
        .hasMessageContaining("trust is no longer as configured");
  }

  @Test
  @Spec("04:13")
  void checksNothingOfWhatIsNotAttached() throws Exception {
    assertThat(kubelet.call("CHECK", "c1", pod, conf())).isEmpty();
  }

  @Test
  @Spec("04:14")
  void collectsOnlyWhatTheRuntimeDoesNotList() throws Exception {
    VethNode.PodNetns second = node.pod();
    kubelet.add(pod, EVERYTHING);
    kubelet.call("ADD", "c2", second, Kubelet.confOf(1));
    String gc = "{\"cniVersion\":\"1.1.0\",\"name\":\"%s\",\"type\":\"sriov\"%s}";
    String valid = ",\"cni.dev/valid-attachments\":[{\"containerID\":\"c2\",\"ifname\":\"net1\"}]";
    String during = node.snapshot();

    // Another network, and a runtime without a list.
    assertThat(kubelet.call("GC", "", pod, gc.formatted("n2", valid))).isEmpty();
    assertThat(kubelet.call("GC", "", pod, gc.formatted("n1", ""))).isEmpty();
    assertThat(node.snapshot()).isEqualTo(during);
    assertThat(kubelet.call("GC", "", pod, gc.formatted("n1", valid))).isEmpty();

    assertThat(node.hostLinks.findLink(VethNode.hostName(0))).isPresent();
    assertThat(second.links.findLink("net1")).isPresent();
    kubelet.call("DEL", "c2", second, Kubelet.confOf(1));
    assertClean();
  }

  @Test
  void failsWhileItCannotBeToldWhetherThePodIsGone() throws Exception {
    kubelet.add(pod, EVERYTHING);
    String attached = node.snapshot();

    assertThatThrownBy(() -> kubelet.callFailed("DEL", "c1", pod.path(), Errno.ENFILE, EVERYTHING))
        .hasMessageContaining("ENFILE");

    assertThat(node.snapshot()).isEqualTo(attached);
    kubelet.del(pod, EVERYTHING);
    assertClean();
  }

  @Test
  void tellsAPathThatLeadsNowhereFromOneThatIsNoNamespace() throws Exception {
    for (Path path : List.of(folder.resolve("missing"), Files.createFile(folder.resolve("file")))) {
      kubelet.add(pod, EVERYTHING);
      Link link = pod.links.link("net1");
      pod.links.change(link, LinkChange.none().moveTo(node.host));
      pod = node.pod();

      kubelet.callAt("DEL", "c1", path, EVERYTHING);

      assertThat(kubelet.log).contains(path.endsWith("file") ? "not on nsfs or procfs" : "ENOENT");
      assertClean();
    }
  }

  @Test
  void endsForAVfWhoseDriverWasTakenAway() throws Exception {
    kubelet.add(pod, conf());
    pod.links.delete(pod.links.link("net1"));
    node.unbind(0);

    kubelet.del(pod, conf());

    assertThat(node.files()).isEmpty();
  }

  @Test
  void tellsWhatContainersHold() throws Exception {
    assertThat(kubelet.plugin.attachments()).isEmpty();
    kubelet.add(pod, conf());
    assertThat(kubelet.plugin.attachments()).containsExactly(entry(VethNode.address(0), "c1"));
    kubelet.del(pod, conf());
    assertThat(kubelet.plugin.attachments()).isEmpty();
  }
}
