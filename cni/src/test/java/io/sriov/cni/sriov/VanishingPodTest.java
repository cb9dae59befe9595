package io.sriov.cni.sriov;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.VethNode;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pod ends while it is attached or released, at the only point where others have their say: the
 * IPAM plugin.
 */
class VanishingPodTest {

  private static final String CONF =
      Kubelet.conf(
          "'vlan':5",
          "'mac':'02:00:00:00:00:e1'",
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

  /** The kernel gives the device back, called as in the pod, and the path leads nowhere. */
  private void vanish() throws IOException {
    Link link = pod.links.link("net1");
    pod.links.change(link, LinkChange.none().moveTo(node.host));
    pod.close();
    node.refreshSysfs();
  }

  private void vanishesDuring(String verb) {
    kubelet.ipam =
        command -> {
          if (command.equals(verb)) {
            vanish();
          }
          return Kubelet.ran(0, command.equals("ADD") ? V4 : "");
        };
  }

  @Test
  void anAddFailsAndLeavesTheVfAsItWas() throws Exception {
    vanishesDuring("ADD");

    CniException failure = kubelet.addFails(pod, CONF);

    assertThat(failure).hasMessageContaining("ENODEV");
    assertThat(kubelet.told).containsExactly("ADD", "DEL");
    assertThat(node.snapshot()).isEqualTo(before);
    assertThat(kubelet.callGone("DEL", "c1", pod.path(), CONF)).isEmpty();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void aDelMakesTheVfAsItWas() throws Exception {
    kubelet.add(pod, CONF);
    vanishesDuring("DEL");

    kubelet.del(pod, CONF);

    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void aDelWithoutAnAddChangesNothing() throws Exception {
    kubelet.del(pod, CONF);
    assertThat(kubelet.callGone("DEL", "c1", "/run/netns/gone", CONF)).isEmpty();
    assertThat(kubelet.callGone("DEL", "c1", "", CONF)).isEmpty();

    assertThat(kubelet.told).isEmpty();
    assertThat(node.pf.calls).isEmpty();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void aCollectionMakesTheVfAsItWas() throws Exception {
    kubelet.add(pod, CONF);
    vanish();

    String conf =
        "{\"cniVersion\":\"1.1.0\",\"name\":\"n1\",\"type\":\"sriov\",\"cni.dev/valid-attachments\":[]}";
    assertThat(kubelet.callGone("GC", "", "", conf)).isEmpty();

    assertThat(node.snapshot()).isEqualTo(before);
  }
}
