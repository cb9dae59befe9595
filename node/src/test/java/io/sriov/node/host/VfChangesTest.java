package io.sriov.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On links of a network namespace of its own. */
class VfChangesTest {

  private NetNamespace netns;
  private RouteSocket route;

  @BeforeEach
  void links() throws LinuxException {
    netns = NetNamespace.create();
    route = RouteSocket.openIn(netns);
    route.add(new NewLink.Veth("net1", "ens1v1", Optional.empty()));
  }

  @AfterEach
  void close() {
    route.close();
    netns.close();
  }

  private Link link(boolean up) throws LinuxException {
    route.change(route.link("net1"), LinkChange.none().up(up));
    return route.link("net1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void renamesALinkAndLeavesItUpOrDown(boolean up) throws LinuxException {
    VfChanges.rename(route, link(up), "ens1v0");
    assertThat(route.findLink("net1")).isEmpty();
    assertThat(route.link("ens1v0").isUp()).isEqualTo(up);
  }

  @Test
  void leavesALinkUpWhoseNameIsTaken() throws LinuxException {
    Link link = link(true);
    assertThatThrownBy(() -> VfChanges.rename(route, link, "ens1v1"))
        .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue());
    assertThat(route.link("net1").isUp()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void setsAnAddressAndLeavesTheLinkUpOrDown(boolean up) throws LinuxException {
    HardwareAddress address = HardwareAddress.parse("02:00:00:00:12:34").orElseThrow();
    VfChanges.setMac(route, link(up), address);
    assertThat(route.link("net1").mac()).isEqualTo(address);
    assertThat(route.link("net1").isUp()).isEqualTo(up);
  }
}
