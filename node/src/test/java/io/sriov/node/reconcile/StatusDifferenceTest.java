package io.sriov.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateStatus;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import io.sriov.api.SriovNetworkNodeStateStatus.VirtualFunction;
import io.sriov.testkit.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusDifferenceTest {

  private static SriovNetworkNodeStateStatus status(int mtu, VirtualFunction vf) {
    var pf =
        new InterfaceExt(
            "ens1",
            null,
            "igb",
            "0000:04:00.0",
            "8086",
            "10c9",
            null,
            mtu,
            1,
            null,
            "ETH",
            "up",
            "legacy",
            false,
            7,
            List.of(vf),
            List.of());
    return new SriovNetworkNodeStateStatus(List.of(pf), null, null, "Succeeded", null, List.of());
  }

  private static VirtualFunction vf(String name, String mac, String driver) {
    return new VirtualFunction(
        name, mac, null, driver, "0000:04:10.0", "8086", "10ca", 0, 0, 0, null, null, null);
  }

  private static final SriovNetworkNodeStateStatus BEFORE = status(1500, vf("eth1", "m", "igbvf"));

  @Test
  @Spec("03:C20")
  void isNotWorthAWriteWhenAVfMovesIntoAPodAndBack() {
    var inPod = status(1500, vf(null, null, "igbvf"));
    assertThat(StatusDifference.worthWriting(BEFORE, inPod)).isFalse();
    assertThat(StatusDifference.worthWriting(inPod, BEFORE)).isFalse();
    assertThat(StatusDifference.worthWriting(BEFORE, status(1500, vf("eth1", "n", "igbvf"))))
        .isFalse();
  }

  @Test
  void isWorthAWriteWhenUdevRenamesAVfOrItsDriverChanges() {
    assertThat(StatusDifference.worthWriting(BEFORE, status(1500, vf("ens1v0", "m", "igbvf"))))
        .isTrue();
    assertThat(StatusDifference.worthWriting(BEFORE, status(1500, vf(null, null, "vfio-pci"))))
        .isTrue();
  }

  @Test
  @Spec("03:C21")
  void isWorthAWriteWhenThePfChanges() {
    assertThat(StatusDifference.worthWriting(BEFORE, status(9000, vf("eth1", "m", "igbvf"))))
        .isTrue();
  }

  @Test
  @Spec("03:C23")
  void isWorthAWriteWhenACardComesOrGoes() {
    var none = new SriovNetworkNodeStateStatus(List.of(), null, null, "Succeeded", null, List.of());
    assertThat(StatusDifference.worthWriting(BEFORE, none)).isTrue();
    assertThat(StatusDifference.worthWriting(none, none)).isFalse();
  }
}
