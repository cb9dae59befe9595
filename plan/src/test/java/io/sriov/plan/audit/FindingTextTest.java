package io.sriov.plan.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.CniState.NetnsPath;
import io.sriov.plan.audit.Finding.Leftover;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfSetting;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FindingTextTest {

  private static final VfAt AT =
      new VfAt(new PciAddress("0000:04:00.0"), "ens1", new PciAddress("0000:04:10.3"), 3);
  private static final String FILE = "/var/lib/cni/sriov/c1-net1";

  private static Attached attached(boolean userspace, boolean complete, NetnsPath netns) {
    return new Attached(FILE, AT.vf(), true, "c1", "ens1v3", userspace, complete, netns);
  }

  static Stream<Arguments> findings() {
    Attached gone = attached(false, true, NetnsPath.GONE);
    return Stream.of(
        Arguments.of(
            new Finding.LeftByPod(AT, gone, "net1"),
            "PF ens1 VF 3 (0000:04:10.3): container c1, of no pod any more, did not give it back"
                + " (state file /var/lib/cni/sriov/c1-net1); its netdev was left with the name"
                + " net1, it was ens1v3"),
        Arguments.of(
            new Finding.Orphaned(AT, null),
            "PF ens1 VF 3 (0000:04:10.3): its netdev is not on the host, and the kubelet knows no"
                + " pod that has it; no state file tells where it is"),
        Arguments.of(
            new Finding.Orphaned(AT, gone),
            "PF ens1 VF 3 (0000:04:10.3): its netdev is not on the host, and the kubelet knows no"
                + " pod that has it; container c1 got it (state file"
                + " /var/lib/cni/sriov/c1-net1)"),
        Arguments.of(
            new Finding.Renamed(AT, "net1", "ens1v3"),
            "PF ens1 VF 3 (0000:04:10.3): its netdev was left with the name net1, it was ens1v3"),
        Arguments.of(
            new Finding.MacDuplicated(
                "02:00:00:00:00:07",
                List.of(
                    new MacHolder.OfPf(AT.pf(), "ens1"),
                    new MacHolder.OfVf(AT, "pod default/web"))),
            "MAC address 02:00:00:00:00:07 is on PF ens1 (0000:04:00.0) and PF ens1 VF 3"
                + " (0000:04:10.3), held by pod default/web"),
        Arguments.of(
            new Finding.SettingsLeft(
                AT,
                List.of(
                    new Leftover(new VfSetting.Vlan(100, 2), new VfSetting.Vlan(0, 0)),
                    new Leftover(new VfSetting.SpoofCheck(false), new VfSetting.SpoofCheck(true)),
                    new Leftover(new VfSetting.Rate(0, 50), new VfSetting.Rate(0, 0)))),
            "PF ens1 VF 3 (0000:04:10.3): no pod has it, but it was left with VLAN 100 priority 2,"
                + " spoof check off, rate limits 0 to 50 Mb/s, 0 for none"),
        Arguments.of(
            new Finding.WrongDriver(AT, null, "vfio-pci", List.of("default/web")),
            "PF ens1 VF 3 (0000:04:10.3): its driver is absent, wanted vfio-pci; held by pod"
                + " default/web"),
        Arguments.of(
            new Finding.StateWithoutVf(FILE, AT.vf(), "c1"),
            "VF 0000:04:10.3: state file /var/lib/cni/sriov/c1-net1 says that container c1 has it,"
                + " but there is no such device"),
        Arguments.of(
            new Finding.StateUnreadable(FILE),
            "state file /var/lib/cni/sriov/c1-net1 cannot be read"),
        Arguments.of(
            new Finding.WitnessSilent(Finding.Witness.KUBELET),
            "the kubelet does not say which pods have VFs"));
  }

  @ParameterizedTest
  @MethodSource("findings")
  void saysWhatIsWrongAndWhatToDo(Finding finding, String text) {
    assertThat(FindingText.what(finding)).isEqualTo(text);
    assertThat(FindingText.advice(finding, List.of())).isNotBlank();
  }

  @Test
  void saysWhatTheDaemonIsGoingToDo() {
    var mend =
        new Mend.ResetSettings(
            AT, List.of(new VfSetting.Vlan(0, 0), new VfSetting.SpoofCheck(true)));
    var finding = new Finding.SettingsLeft(AT, List.of());
    assertThat(FindingText.advice(finding, List.of(mend)))
        .isEqualTo("the daemon is going to set no VLAN, spoof check on");
  }

  @Test
  void saysWhereToLookForAContainerThatMayLive() {
    assertThat(advice(attached(false, true, NetnsPath.THERE), "net1")).contains("crictl pods");
    assertThat(advice(attached(false, true, NetnsPath.UNKNOWN), "net1")).contains("crictl ps");
    assertThat(advice(attached(true, true, NetnsPath.GONE), null)).contains("next pod");
    assertThat(advice(attached(false, false, NetnsPath.GONE), "net1")).contains("next pod");
    assertThat(advice(attached(false, true, NetnsPath.GONE), "net1")).contains("policy");
    assertThat(
            FindingText.advice(
                new Finding.Orphaned(AT, attached(false, true, NetnsPath.GONE)), List.of()))
        .contains("lsns");
  }

  private static String advice(Attached attached, String netdev) {
    return FindingText.advice(new Finding.LeftByPod(AT, attached, netdev), List.of());
  }
}
