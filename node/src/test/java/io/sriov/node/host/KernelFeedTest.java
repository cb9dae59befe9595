package io.sriov.node.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.netlink.RouteEvent;
import io.sriov.linux.uevent.Uevent;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelFeedTest {

  private static Uevent uevent(String subsystem, String devpath) {
    return new Uevent("add", devpath, subsystem, Map.of());
  }

  @Test
  void hearsOfCardsButNotOfTheNetdevsOfPods() {
    assertThat(KernelFeed.ofCard(uevent("pci", "/devices/pci0000:00/0000:00:04.0"))).isTrue();
    assertThat(KernelFeed.ofCard(uevent("net", "/devices/pci0000:00/0000:00:04.0/net/ens1")))
        .isTrue();
    assertThat(KernelFeed.ofCard(uevent("net", "/devices/virtual/net/veth12"))).isFalse();
    assertThat(KernelFeed.ofCard(uevent("block", "/devices/pci0000:00/0000:00:05.0/vda")))
        .isFalse();
  }

  /** The kernel tells of a driver that was bound by an event of the device. */
  static boolean bindingIsHeard() {
    return KernelFeed.ofCard(
        new Uevent("bind", "/devices/pci0000:00/0000:04:10.0", "pci", Map.of("DRIVER", "igbvf")));
  }

  @Test
  void hearsOfLinksOfHardware() {
    var link = SysfsTree.link("ens1", "52:54:00:00:00:01");
    assertThat(KernelFeed.ofHardware(new RouteEvent.LinkChanged(link))).isTrue();
    assertThat(KernelFeed.ofHardware(new RouteEvent.LinkRemoved(link))).isTrue();
  }
}
