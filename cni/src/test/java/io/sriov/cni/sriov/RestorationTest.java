package io.sriov.cni.sriov;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.VethNode;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.plugin.NetdevChange;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netlink.VfLinkState;
import io.sriov.linux.netlink.VlanProtocol;
import io.sriov.testkit.Spec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestorationTest {

  private static final HardwareAddress MAC =
      HardwareAddress.parse("02:00:00:00:00:01").orElseThrow();
  private static final HardwareAddress OTHER =
      HardwareAddress.parse("02:00:00:00:00:02").orElseThrow();

  /** A VF with everything set. */
  private static final VfInfo BUSY =
      new VfInfo(
          0,
          OTHER,
          5,
          1,
          Optional.of(VlanProtocol.DOT1AD),
          Optional.of(true),
          Optional.of(true),
          VfLinkState.ENABLE,
          7,
          9,
          Optional.empty());

  private static FoundVf found(Optional<HardwareAddress> admin, int vlanProto) {
    return new FoundVf(
        "ens1",
        admin,
        Optional.empty(),
        1,
        1,
        vlanProto,
        false,
        false,
        0,
        0,
        VfLinkState.DISABLE,
        0);
  }

  private static NetConf conf(String text) throws Exception {
    return NetConf.of(JsonReader.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  @Spec("04:67")
  void changesNoSettingThatNobodyAskedFor() throws Exception {
    assertThat(Restoration.settings(conf("{}"), found(Optional.empty(), 0), BUSY)).isEmpty();
  }

  @Test
  @Spec("04:68")
  void alwaysGivesTheAddressBack() throws Exception {
    assertThat(Restoration.settings(conf("{}"), found(Optional.of(MAC), 0), BUSY))
        .containsExactly(new VfChange.Mac(MAC));
  }

  @Test
  @Spec("04:69")
  @Spec("04:70")
  void givesEverythingBackThatWasAskedFor() throws Exception {
    NetConf conf =
        conf(
            "{'vlan':5,'mac':'02:00:00:00:00:02','spoofchk':'on','trust':'on','min_tx_rate':7,"
                + "'link_state':'enable'}");

    assertThat(Restoration.settings(conf, found(Optional.of(MAC), 0), BUSY))
        .containsExactly(
            new VfChange.Vlan(1, 1, VlanProtocol.DOT1Q),
            new VfChange.SpoofChk(false),
            new VfChange.Mac(MAC),
            new VfChange.Trust(false),
            new VfChange.Rate(0, 0),
            new VfChange.LinkState(VfLinkState.DISABLE));
  }

  @Test
  @Spec("04:58")
  @Spec("04:78")
  void leavesAddressAndMtuOfANetdevAloneThatWereNotRecorded(@TempDir Path folder) throws Exception {
    try (VethNode node = new VethNode(folder, 1)) {
      Link link = node.hostLinks.link(VethNode.hostName(0));

      assertThat(Restoration.netdev(found(Optional.empty(), 0), Optional.empty()).changes(link))
          .containsExactly(new NetdevChange.Rename("ens1"));
    }
  }

  @Test
  @Spec("04:57")
  @Spec("04:58")
  void reportsTheAddressThatTheVfWillHave() {
    VfRequest none = new VfRequest(Optional.empty(), java.util.List.of(), java.util.List.of());
    VfRequest asked = new VfRequest(Optional.of(OTHER), java.util.List.of(), java.util.List.of());
    HardwareAddress zero = HardwareAddress.of(new byte[6]);
    FoundVf kernel = FoundVf.UNTOUCHED;

    assertThat(Add.resultMac(asked, kernel)).isEqualTo("02:00:00:00:00:02");
    assertThat(Add.resultMac(none, userspace(MAC))).isEqualTo("02:00:00:00:00:01");
    assertThat(Add.resultMac(none, userspace(zero))).isEmpty();
    // A netdev whose address is all zero.
    assertThat(Add.resultMac(none, found(Optional.of(MAC), 0))).isEmpty();
  }

  private static FoundVf userspace(HardwareAddress admin) {
    return new FoundVf(
        "", Optional.of(admin), Optional.empty(), 0, 0, 0, true, false, 0, 0, VfLinkState.AUTO, 0);
  }
}
