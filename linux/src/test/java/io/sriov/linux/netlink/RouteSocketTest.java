package io.sriov.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against the running kernel, inside namespaces of the test's own; needs root. */
class RouteSocketTest {

  private NetNamespace host;
  private NetNamespace pod;
  private RouteSocket inHost;
  private RouteSocket inPod;

  @BeforeEach
  void makeNamespaces() throws LinuxException {
    host = NetNamespace.create();
    pod = NetNamespace.create();
    inHost = RouteSocket.openIn(host);
    inPod = RouteSocket.openIn(pod);
  }

  @AfterEach
  void dropNamespaces() {
    inHost.close();
    inPod.close();
    host.close();
    pod.close();
  }

  @Test
  void dumpsTheLinksOfItsNamespaceOnly() throws LinuxException {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));

    assertThat(inHost.links()).extracting(Link::name).containsExactlyInAnyOrder("lo", "v0", "v1");
    assertThat(inPod.links()).extracting(Link::name).containsExactly("lo");
    assertThat(veth.kind()).contains("veth");
    assertThat(veth.type()).isEqualTo(Link.ETHERNET);
    assertThat(veth.mac().length()).isEqualTo(6);
    assertThat(veth.parent()).hasValue(inHost.link("v1").index());
    assertThat(veth.vfs()).isEmpty();
  }

  @Test
  void setsMtuAddressNameAndStateInOneMessage() throws LinuxException {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));
    HardwareAddress mac = HardwareAddress.parse("02-00-00-00-00-0A").orElseThrow();

    inHost.change(veth, LinkChange.none().mtu(9000).address(mac).name("net1").up(true));

    Link changed = inHost.link(veth.index());
    assertThat(changed.name()).isEqualTo("net1");
    assertThat(changed.mtu()).isEqualTo(9000);
    assertThat(changed.mac()).hasToString("02:00:00:00:00:0a");
    assertThat(changed.isUp()).isTrue();
    assertThat(changed.carrier()).isFalse();
  }

  @Test
  void movesAndRenamesInOneMessage() throws LinuxException {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));

    inHost.change(veth, LinkChange.none().moveTo(pod).name("net1").up(true));

    assertThat(inHost.findLink("v0")).isEmpty();
    assertThat(inPod.link("net1").isUp()).isTrue();
  }

  @Test
  void saysWhatFailedOnWhichLinkInTheKernelsWords() throws LinuxException {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));

    assertThatThrownBy(() -> inHost.change(veth, LinkChange.none().mtu(70_000)))
        .isInstanceOfSatisfying(
            LinuxException.class,
            e -> {
              assertThat(e.error()).isEqualTo(Errno.EINVAL);
              assertThat(e.detail()).isEqualTo("mtu greater than device maximum");
              assertThat(e)
                  .hasMessage(
                      "RTM_SETLINK mtu 70000 on v0: EINVAL (mtu greater than device maximum)");
              assertThat(e.retryable()).isFalse();
            });
  }

  @Test
  void findsALinkByAlternativeNameAlsoOneTooLongForAName() throws LinuxException {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));
    String longName = "an-alternative-name-of-more-than-fifteen-bytes";

    inHost.addAltName(veth, longName);
    inHost.addAltName(veth, "short");

    assertThat(inHost.link(longName).index()).isEqualTo(veth.index());
    assertThat(inHost.link("short").altNames()).containsExactlyInAnyOrder(longName, "short");
    inHost.removeAltName(veth, longName);
    assertThat(inHost.findLink(longName)).isEmpty();
  }

  @Test
  void alternativeNamesTravelWithTheLink() throws LinuxException {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));
    inHost.addAltName(veth, "keepsake");

    inHost.change(veth, LinkChange.none().moveTo(pod).name("net1"));

    assertThat(inPod.link("net1").altNames()).containsExactly("keepsake");
  }

  @Test
  void refusesVfSettingsOnALinkWithoutVfs() throws LinuxException {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));

    assertThatThrownBy(() -> inHost.setVf(veth, 0, new VfChange.Trust(true)))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.EOPNOTSUPP));
  }

  @Test
  void makesBridgesMacvlansAndVethsAcrossNamespaces() throws LinuxException {
    Link bridge = inHost.add(new NewLink.Bridge("br0"));
    Link veth = inHost.add(new NewLink.Veth("v0", "eth0", Optional.of(pod)));
    inHost.change(veth, LinkChange.none().master(bridge.index()).up(true));
    Link macvlan = inPod.add(new NewLink.Macvlan("mac0", inPod.link("eth0").index()));

    assertThat(inHost.link("v0").master()).hasValue(bridge.index());
    assertThat(inHost.link("v0").parentNamespaceId()).isPresent();
    assertThat(macvlan.kind()).contains("macvlan");
    assertThat(macvlan.parent()).hasValue(inPod.link("eth0").index());
    inPod.delete(macvlan);
    assertThat(inPod.findLink("mac0")).isEmpty();
  }

  @Test
  void addsListsAndDeletesAddresses() throws Exception {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));
    LinkAddress four = LinkAddress.of(veth.index(), InetAddress.getByName("192.0.2.9"), 24);
    LinkAddress six =
        LinkAddress.of(veth.index(), InetAddress.getByName("2001:db8::9"), 64)
            .withFlags(LinkAddress.NO_DAD);

    inHost.add(four);
    inHost.add(six);

    List<LinkAddress> found = inHost.addresses(veth.index());
    assertThat(found).extracting(LinkAddress::toString).contains("192.0.2.9/24");
    assertThat(found.getFirst().broadcast()).contains(InetAddress.getByName("192.0.2.255"));
    assertThat(found.getLast().flags() & LinkAddress.NO_DAD).isNotZero();
    assertThat(found.getLast().isTentative()).isFalse();
    assertThatThrownBy(() -> inHost.add(four)).hasMessageContaining("EEXIST");
    inHost.delete(four);
    inHost.delete(six);
    assertThat(inHost.addresses(veth.index())).isEmpty();
  }

  @Test
  void addsListsAndDeletesRoutes() throws Exception {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));
    inHost.change(veth, LinkChange.none().up(true));
    inHost.add(LinkAddress.of(veth.index(), InetAddress.getByName("192.0.2.9"), 24));
    InetAddress any = InetAddress.getByName("0.0.0.0");
    Route byGateway =
        Route.to(InetAddress.getByName("10.0.0.0"), 8, veth.index())
            .via(InetAddress.getByName("192.0.2.1"))
            .withPriority(50)
            .withMetrics(1400, 1300);
    Route foreignGateway =
        Route.to(any, 0, veth.index())
            .via(InetAddress.getByName("198.51.100.1"))
            .withOnLink()
            .withTable(1000);
    Route onLink =
        Route.to(InetAddress.getByName("203.0.113.0"), 24, veth.index())
            .withScope(Route.SCOPE_LINK);
    Route six = Route.to(InetAddress.getByName("2001:db8:1::"), 64, veth.index());

    for (Route route : List.of(byGateway, foreignGateway, onLink, six)) {
      inHost.add(route);
    }

    assertThat(inHost.routes()).contains(byGateway, foreignGateway, onLink);
    assertThat(inHost.routes()).anyMatch(r -> r.toString().equals("2001:db8:1:0:0:0:0:0/64"));
    inHost.delete(byGateway);
    assertThat(inHost.routes()).doesNotContain(byGateway);
  }

  @Test
  void everyThreadGetsTheAnswerToItsOwnQuestion() throws Exception {
    for (int i = 0; i < 8; i++) {
      assertThat(inHost.add(new NewLink.Bridge("br" + i)).name()).isEqualTo("br" + i);
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> asked = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String name = "br" + i;
        asked.add(
            threads.submit(() -> {
              for (int run = 0; run < 100; run++) {
                assertThat(inHost.link(name).name()).isEqualTo(name);
                assertThat(inHost.links()).hasSize(9);
                assertThat(inHost.findLink("none" + run)).isEmpty();
              }
              return true;
            }));
      }
      for (Future<Boolean> answers : asked) {
        assertThat(answers.get()).isTrue();
      }
    }
  }

  @Test
  void leavesNoDescriptorBehind() throws Exception {
    attachAndDetach();
    long before = openDescriptors();
    for (int i = 0; i < 50; i++) {
      attachAndDetach();
    }
    assertThat(openDescriptors()).isEqualTo(before);
  }

  private void attachAndDetach() throws LinuxException {
    Link veth = inHost.add(new NewLink.Veth("v0", "v1"));
    try (NetNamespace target = NetNamespace.create();
        RouteSocket there = RouteSocket.openIn(target);
        LinkWatch watch = LinkWatch.openIn(target)) {
      inHost.change(veth, LinkChange.none().moveTo(target).name("net1").up(true));
      Link moved = watch.awaitLink(Link::isUp, Duration.ofSeconds(10)).orElseThrow();
      assertThatThrownBy(() -> there.change(moved, LinkChange.none().mtu(1)))
          .isInstanceOf(LinuxException.class);
      there.change(moved, LinkChange.none().moveTo(host).name("v0"));
    }
    inHost.delete(inHost.link("v0"));
  }

  private static long openDescriptors() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.count();
    }
  }
}
