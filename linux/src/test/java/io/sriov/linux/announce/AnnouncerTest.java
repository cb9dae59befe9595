package io.sriov.linux.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.NativeSocket;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkAddress;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.testkit.Spec;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod with two links, as with a default network, and a listener at the far end of each. */
class AnnouncerTest {

  private static final String MAC = "020000000001";
  private static final short ALL_PROTOCOLS = 3;

  private NetNamespace pod;
  private NetNamespace host;
  private RouteSocket inPod;
  private Link vf;
  private NativeSocket behindVf;
  private NativeSocket behindDefault;

  @BeforeEach
  void makePod() throws LinuxException {
    pod = NetNamespace.create();
    host = NetNamespace.create();
    inPod = RouteSocket.openIn(pod);
    try (RouteSocket inHost = RouteSocket.openIn(host)) {
      behindDefault =
          connect(
              inHost,
              "eth0",
              "far0",
              HardwareAddress.of((byte) 2, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 9));
      behindVf = connect(inHost, "net1", "far1", HardwareAddress.of(HexFormat.of().parseHex(MAC)));
    }
    vf = inPod.link("net1");
  }

  private NativeSocket connect(RouteSocket inHost, String near, String far, HardwareAddress mac)
      throws LinuxException {
    Link link = inPod.add(new NewLink.Veth(near, far, Optional.of(host)));
    inPod.change(link, LinkChange.none().address(mac).up(true));
    Link farLink = inHost.link(far);
    inHost.change(farLink, LinkChange.none().up(true));
    NativeSocket socket =
        host.call(
            () -> NativeSocket.open(NativeSocket.AF_PACKET, NativeSocket.SOCK_RAW, 0, "listener"));
    ByteBuffer address = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
    address.putShort((short) NativeSocket.AF_PACKET);
    address.order(ByteOrder.BIG_ENDIAN).putShort(ALL_PROTOCOLS);
    socket.bind(address.order(ByteOrder.nativeOrder()).putInt(farLink.index()).array());
    return socket;
  }

  @AfterEach
  void dropPod() {
    behindVf.close();
    behindDefault.close();
    inPod.close();
    pod.close();
    host.close();
  }

  @Test
  @Spec("04:93")
  void anIpv4AddressIsAnnouncedByAnArpRequestForItself() throws Exception {
    new Announcer(pod).announce(vf, InetAddress.getByName("192.0.2.9"));

    byte[] frame = frameOn(behindVf, (byte) 0x08, (byte) 0x06);
    assertThat(HexFormat.of().formatHex(frame))
        .isEqualTo(
            "ffffffffffff"
                + MAC
                + "0806" // Ethernet: everyone, the link, ARP
                + "0001"
                + "0800"
                + "06"
                + "04"
                + "0001" // Ethernet, IPv4, lengths, request
                + MAC
                + "c0000209" // sender
                + "ffffffffffff"
                + "c0000209"); // target
  }

  @Test
  @Spec("04:93")
  void anIpv6AddressIsAnnouncedThroughItsOwnLinkOnly() throws Exception {
    InetAddress address = InetAddress.getByName("2001:db8::9");
    LinkAddress added = LinkAddress.of(vf.index(), address, 64).withFlags(LinkAddress.NO_DAD);
    inPod.add(added);

    new Announcer(pod).announce(vf, address);

    String packet = HexFormat.of().formatHex(advertisementOn(behindVf, address).orElseThrow());
    assertThat(packet)
        .startsWith("333300000001" + MAC + "86dd")
        .contains("ff020000000000000000000000000001" + "8800")
        .endsWith("20000000" + "20010db8000000000000000000000009" + "0201" + MAC);
    assertThat(HexFormat.of().parseHex(packet)[14 + 7]).as("hop limit").isEqualTo((byte) 255);
    assertThat(advertisementOn(behindDefault, address)).isEmpty();
  }

  @Test
  void aLinkWithoutAnAddressOfAStationAnnouncesNothing() throws Exception {
    Link loopback = inPod.link("lo");

    assertThatThrownBy(
            () -> new Announcer(pod).announce(loopback, InetAddress.getByName("192.0.2.9")))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.EINVAL));
  }

  /** The next frame of a protocol; the kernel sends others of its own. */
  private static byte[] frameOn(NativeSocket socket, byte high, byte low) throws LinuxException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (System.nanoTime() < deadline) {
      Optional<NativeSocket.Datagram> frame = socket.receiveDatagram(2048);
      if (frame.isEmpty()) {
        socket.awaitReadable(Duration.ofSeconds(1), null);
      } else if (frame.get().bytes()[12] == high && frame.get().bytes()[13] == low) {
        return frame.get().bytes();
      }
    }
    throw new AssertionError("no frame");
  }

  /** An advertisement of {@code address} among the frames there are by now. */
  private static Optional<byte[]> advertisementOn(NativeSocket socket, InetAddress address)
      throws LinuxException {
    String target = HexFormat.of().formatHex(address.getAddress());
    while (true) {
      Optional<NativeSocket.Datagram> frame = socket.receiveDatagram(2048);
      if (frame.isEmpty()) {
        return Optional.empty();
      }
      byte[] bytes = frame.get().bytes();
      if (bytes.length == 86
          && bytes[54] == (byte) 136
          && HexFormat.of().formatHex(bytes).contains("20000000" + target)) {
        return Optional.of(bytes);
      }
    }
  }
}
