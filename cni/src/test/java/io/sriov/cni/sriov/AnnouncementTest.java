package io.sriov.cni.sriov;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.VethNode;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Pod;
import io.sriov.cni.protocol.IpamResult;
import io.sriov.linux.ffm.NativeSocket;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.testkit.Spec;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnouncementTest {

  private static final HardwareAddress MAC =
      HardwareAddress.parse("02:00:00:00:00:e1").orElseThrow();

  @TempDir Path folder;

  @Test
  @Spec("04:93")
  void asksForItsOwnAddress() {
    assertThat(HexFormat.of().formatHex(Announcement.arpRequest(MAC, ip("192.0.2.5"))))
        .isEqualTo(
            // Ethernet, IPv4, lengths, request
            "0001"
                + "0800"
                + "06"
                + "04"
                + "0001"
                // sender, then target
                + "0200000000e1"
                + "c0000205"
                + "ffffffffffff"
                + "c0000205");
  }

  @Test
  @Spec("04:93")
  void advertisesItsIpv6AddressUnasked() {
    assertThat(
            HexFormat.of().formatHex(Announcement.neighbourAdvertisement(MAC, ip("2001:db8::5"))))
        .isEqualTo(
            "88"
                + "00"
                + "0000"
                + "20000000"
                + "20010db8000000000000000000000005"
                + "02"
                + "01"
                + "0200000000e1");
  }

  @Test
  @Spec(value = "04:93", differs = "the advertisement leaves by the VF")
  @Spec("04:94")
  void sendsByTheVfAlsoFromAPodWithAnotherInterface() throws Exception {
    try (VethNode node = new VethNode(folder, 1);
        VethNode.PodNetns pod = node.pod()) {
      // As a pod's eth0: up first, so that its multicast route is the first.
      pod.links.add(new NewLink.Veth("eth0", "eth0peer"));
      pod.links.change(pod.links.link("eth0"), LinkChange.none().up(true));
      pod.links.change(pod.links.link("eth0peer"), LinkChange.none().up(true));
      Kubelet kubelet =
          new Kubelet(node)
              .giving(
                  "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24'},"
                      + "{'address':'2001:db8::5/64','gateway':'2001:db8::1'}]}");
      try (NativeSocket sniffer = sniffer(node)) {
        kubelet.add(pod, Kubelet.conf("'mac':'" + MAC + "'", "'ipam':{'type':'ipam'}"));
        List<String> frames = frames(sniffer);

        String arp = HexFormat.of().formatHex(Announcement.arpRequest(MAC, ip("192.0.2.5")));
        assertThat(frames).anyMatch(frame -> frame.contains("0806" + arp));
        assertThat(frames)
            .anyMatch(frame ->
                frame.startsWith("333300000001" + "0200000000e1" + "86dd")
                    && frame.contains("20000000" + "20010db8000000000000000000000005"));
      }
    }
  }

  @Test
  @Spec("04:95")
  void announcesNothingForAnInterfaceWithoutAnAddress() throws Exception {
    try (VethNode node = new VethNode(folder, 1);
        VethNode.PodNetns pod = node.pod()) {
      int lo = pod.links.link("lo").index();
      pod.links.change(lo, LinkChange.none().up(true));
      IpamResult ipam =
          IpamResult.parse(
              JsonReader.read(
                  "{\"ips\":[{\"address\":\"192.0.2.5/24\"}]}".getBytes(StandardCharsets.UTF_8)),
              "1.0.0");
      try (NativeSocket sniffer = sniffer(pod.netns, lo)) {
        Kubelet.onThreadOfItsOwn(() -> {
          try (Pod inside = Pod.enter(pod.netns)) {
            Announcement.send(inside, lo, ipam, CallLog.ofDaemon());
            return true;
          }
        });

        assertThat(frames(sniffer)).isEmpty();
      }
    }
  }

  /** Everything that arrives at the other end of VF 0. */
  private static NativeSocket sniffer(VethNode node) throws Exception {
    int index;
    try (var links = io.sriov.linux.netlink.RouteSocket.openIn(node.wire)) {
      index = links.link("peer0").index();
    }
    return sniffer(node.wire, index);
  }

  private static NativeSocket sniffer(NetNamespace netns, int index) throws Exception {
    int allProtocols = 0x0003;
    return netns.call(() -> {
      NativeSocket socket =
          NativeSocket.open(
              NativeSocket.AF_PACKET,
              NativeSocket.SOCK_RAW,
              Short.reverseBytes((short) allProtocols),
              "sniffer");
      ByteBuffer address = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
      address.putShort((short) NativeSocket.AF_PACKET);
      address.putShort(Short.reverseBytes((short) allProtocols)).putInt(index);
      socket.bind(address.array());
      return socket;
    });
  }

  private static List<String> frames(NativeSocket sniffer) throws Exception {
    List<String> frames = new ArrayList<>();
    while (sniffer.awaitReadable(Duration.ofMillis(300), null) == NativeSocket.Wait.READY) {
      sniffer
          .receiveDatagram(2048)
          .ifPresent(datagram -> frames.add(HexFormat.of().formatHex(datagram.bytes())));
    }
    return frames;
  }

  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }
}
