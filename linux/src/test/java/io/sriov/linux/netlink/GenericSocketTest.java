package io.sriov.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class GenericSocketTest {

  private static final String NOWHERE = "ffff:ff:1f.7";

  @Test
  void findsAFamilyTheKernelHasAndMissesOneItHasNot() throws LinuxException {
    try (GenericSocket controller = GenericSocket.open("nlctrl", null);
        GenericSocket unknown = GenericSocket.open("no_such_family", null)) {
      assertThat(controller.isPresent()).isTrue();
      assertThat(unknown.isPresent()).isFalse();
    }
  }

  @Test
  void aDeviceDevlinkDoesNotKnowHasNoModeAndNoPorts() throws LinuxException {
    try (DevlinkSocket devlink = DevlinkSocket.open()) {
      assertThat(devlink.hasDevice("pci", NOWHERE)).isFalse();
      assertThat(devlink.eswitchMode("pci", NOWHERE)).isEmpty();
      assertThat(devlink.ports("pci", NOWHERE)).isEmpty();
      assertThat(devlink.parameter("pci", NOWHERE, "flow_steering_mode")).isEmpty();
      assertThat(devlink.flag("pci", NOWHERE, "enable_rdma")).isEmpty();
      assertThat(devlink.runningVersion("pci", NOWHERE, "fw.app.name")).isEmpty();
      var steering = new DevlinkParam("flow_steering_mode", 5, "dmfs", 0);
      assertThatThrownBy(() -> devlink.setParameter("pci", NOWHERE, steering, "smfs"))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.error()).isIn(Errno.ENODEV, Errno.ENOENT));
      assertThatThrownBy(() -> devlink.setEswitchMode("pci", NOWHERE, EswitchMode.SWITCHDEV))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.error()).isIn(Errno.ENODEV, Errno.ENOENT));
    }
  }

  /** In a namespace of its own; needs root. */
  @Test
  void switchesAFeatureThatTheDriverLetsOneSwitch() throws LinuxException {
    try (NetNamespace own = NetNamespace.create();
        RouteSocket route = RouteSocket.openIn(own);
        EthtoolSocket ethtool = EthtoolSocket.openIn(own)) {
      route.add(new NewLink.Veth("v0", "v1"));
      for (boolean on : new boolean[] {true, false, true}) {
        ethtool.setFeature("v0", "rx-gro", on);
        assertThat(ethtool.feature("v0", "rx-gro")).contains(on);
      }
      assertThat(ethtool.feature("v0", "hw-tc-offload")).isEmpty();
      assertThat(ethtool.feature("nowhere", "rx-gro")).isEmpty();
    }
  }

  @Test
  void aVdpaDeviceThatIsNotThereIsEmptyAndDeletedAlready() throws LinuxException {
    try (VdpaSocket vdpa = VdpaSocket.open()) {
      assertThat(vdpa.device("vdpa:" + NOWHERE)).isEmpty();
      assertThat(vdpa.delete("vdpa:" + NOWHERE)).isFalse();
      assertThatThrownBy(() -> vdpa.add("vdpa:" + NOWHERE, "pci", NOWHERE, OptionalInt.empty()))
          .isInstanceOf(LinuxException.class);
    }
  }

  @Test
  void aKernelWithoutRdmaHasNoSocketForIt() throws LinuxException {
    var rdma = RdmaSocket.open();
    if (rdma.isPresent()) {
      try (RdmaSocket socket = rdma.get()) {
        assertThat(socket.device("no_such_device")).isEmpty();
        assertThat(socket.netnsMode()).isPresent();
      }
    }
  }
}
