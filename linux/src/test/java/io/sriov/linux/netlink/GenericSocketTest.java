package io.sriov.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
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
      assertThatThrownBy(() -> devlink.setEswitchMode("pci", NOWHERE, EswitchMode.SWITCHDEV))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.error()).isIn(Errno.ENODEV, Errno.ENOENT));
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
