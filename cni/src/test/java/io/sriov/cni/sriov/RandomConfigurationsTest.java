package io.sriov.cni.sriov;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.VethNode;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VlanProtocol;
import io.sriov.testkit.Spec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/** ADD then DEL leaves everything as it was found, and so does an ADD that fails. */
class RandomConfigurationsTest {

  private static final int ROUNDS = 12;

  @TempDir Path folder;

  @RepeatedTest(10)
  @Spec(value = "04:111", differs = "everything is undone")
  void leaveEverythingAsItWasFound(RepetitionInfo repetition) throws Exception {
    long seed = 20261124L + repetition.getCurrentRepetition();
    SplittableRandom random = new SplittableRandom(seed);
    try (VethNode node = new VethNode(folder, 3)) {
      Kubelet kubelet = new Kubelet(node);
      for (int round = 0; round < ROUNDS; round++) {
        int vf = random.nextInt(3);
        randomStart(node, vf, random);
        String conf = randomConf(vf, random);
        String before = node.snapshot();
        try (VethNode.PodNetns pod = node.pod()) {
          ipam(kubelet, random);
          boolean added = true;
          try {
            kubelet.add(pod, conf);
          } catch (CniException e) {
            added = false;
            assertThat(node.snapshot())
                .as("seed %d round %d: failed ADD of %s: %s", seed, round, conf, e.getMessage())
                .isEqualTo(before);
          }
          if (added && random.nextBoolean()) {
            randomPod(pod, random);
          }
          kubelet.ipam = command -> Kubelet.ran(0, "");
          kubelet.del(pod, conf);
          if (random.nextBoolean()) {
            kubelet.del(pod, conf);
          }
          assertThat(node.snapshot())
              .as("seed %d round %d: ADD %s and DEL of %s", seed, round, added, conf)
              .isEqualTo(before);
        }
      }
    }
  }

  private static void randomStart(VethNode node, int vf, SplittableRandom random) throws Exception {
    node.pf.preset(
        vf,
        new VfChange.Vlan(random.nextInt(4095), random.nextInt(8), VlanProtocol.DOT1Q),
        new VfChange.Trust(random.nextBoolean()),
        new VfChange.SpoofChk(random.nextBoolean()),
        new VfChange.Rate(0, random.nextInt(1000)),
        new VfChange.Mac(
            random.nextBoolean() ? HardwareAddress.of(new byte[6]) : randomMac(random)));
    Link link = node.hostLinks.link(VethNode.hostName(vf));
    node.hostLinks.change(link, LinkChange.none().up(random.nextBoolean()));
    node.hostLinks.change(link, LinkChange.none().mtu(1300 + random.nextInt(200)));
  }

  private static HardwareAddress randomMac(SplittableRandom random) {
    byte[] mac = new byte[6];
    random.nextBytes(mac);
    mac[0] = 2;
    return HardwareAddress.of(mac);
  }

  private static String randomConf(int vf, SplittableRandom random) {
    List<String> members = new ArrayList<>();
    String[] choices = {
      "'vlan':%d".formatted(random.nextInt(4095)),
      "'mac':'%s'".formatted(randomMac(random)),
      "'trust':'%s'".formatted(random.nextBoolean() ? "on" : "off"),
      "'spoofchk':'%s'".formatted(random.nextBoolean() ? "on" : "off"),
      "'max_tx_rate':%d".formatted(random.nextInt(2000)),
      "'ipam':{'type':'ipam'}",
      // What an igb refuses.
      "'link_state':'enable'",
      "'min_tx_rate':5",
    };
    for (int i = 0; i < choices.length; i++) {
      boolean refused = i >= choices.length - 2;
      if (random.nextInt(refused ? 8 : 2) == 0) {
        members.add(choices[i]);
      }
    }
    if (random.nextInt(10) == 0) {
      // No netdev takes it.
      members.add("'mac':'00:00:00:00:00:00'");
    }
    return Kubelet.confOf(vf, members.toArray(String[]::new));
  }

  private static void ipam(Kubelet kubelet, SplittableRandom random) {
    switch (random.nextInt(6)) {
      case 0 -> kubelet.ipam = command -> Kubelet.ran(command.equals("ADD") ? 1 : 0, "{'code':11}");
      case 1 -> kubelet.giving("{'cniVersion':'1.0.0'}");
      case 2 ->
          kubelet.giving(
              "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24'}],"
                  + "'routes':[{'dst':'198.51.100.0/24','gw':'203.0.113.9'}]}");
      default ->
          kubelet.giving(
              "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24','gateway':'192.0.2.1'}],"
                  + "'routes':[{'dst':'0.0.0.0/0'}]}");
    }
  }

  private static void randomPod(VethNode.PodNetns pod, SplittableRandom random) throws Exception {
    Link link = pod.links.link("net1");
    switch (random.nextInt(4)) {
      case 0 -> pod.links.change(link, LinkChange.none().mtu(1290));
      case 1 -> pod.links.change(link, LinkChange.none().address(randomMac(random)));
      case 2 -> {
        pod.links.change(link, LinkChange.none().up(false));
        pod.links.change(link, LinkChange.none().name("renamed"));
      }
      default -> pod.links.change(link, LinkChange.none().up(false));
    }
  }
}
