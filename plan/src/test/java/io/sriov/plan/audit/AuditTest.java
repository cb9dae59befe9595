package io.sriov.plan.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.CniState.NetnsPath;
import io.sriov.plan.audit.Finding.Leftover;
import io.sriov.plan.audit.Finding.Witness;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfSetting;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuditTest {

  private static final VfSetting VLAN_100 = new VfSetting.Vlan(100, 3);
  private static final VfSetting NO_VLAN = new VfSetting.Vlan(0, 0);

  private final Scene scene = new Scene(new Random(1));

  private void set(int vf, VfSetting setting) {
    scene.host.setVf(scene.pf.pci, vf, setting);
  }

  private void external() {
    scene.want(
        new Interface(
            scene.pf.pci.value(), 4, 0, "ens1", null, null, true, List.of(Scene.group("0-2", ""))));
  }

  @Test
  void findsNothingOnACleanNode() {
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void findsNothingWhilePodsHaveVfsAsTheyWantThem() {
    scene.pod("web", 0);
    scene.attach(0, NetnsPath.THERE);
    scene.moveAway(0);
    set(0, VLAN_100);
    set(0, new VfSetting.Trust(true));
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void findsNothingWithAPodThatNeedsNoAttachment() {
    scene.pod("dpdk", 1);
    assertThat(scene.findings()).isEmpty();
    scene.moveAway(1);
    assertThat(scene.findings()).isEmpty();
  }

  // Settings.

  @Test
  void putsBackEverySettingThatAPodLeft() {
    set(1, VLAN_100);
    set(1, new VfSetting.SpoofCheck(false));
    set(1, new VfSetting.Trust(true));
    set(1, new VfSetting.LinkState("disable"));
    set(1, new VfSetting.Rate(0, 500));
    assertThat(scene.findings())
        .containsExactly(
            new Finding.SettingsLeft(
                scene.at(1),
                List.of(
                    new Leftover(VLAN_100, NO_VLAN),
                    new Leftover(new VfSetting.SpoofCheck(false), new VfSetting.SpoofCheck(true)),
                    new Leftover(new VfSetting.Trust(true), new VfSetting.Trust(false)),
                    new Leftover(
                        new VfSetting.LinkState("disable"), new VfSetting.LinkState("auto")),
                    new Leftover(new VfSetting.Rate(0, 500), new VfSetting.Rate(0, 0)))));
    scene.mends().forEach(scene::carryOut);
    assertThat(scene.findings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"igb, true", "ixgbe, true", "i40e, true", "ice, true", "mlx5_core, false"})
  void knowsWhichDriversBeginWithSpoofCheck(String driver, boolean on) {
    scene.pf.driver = driver;
    for (int vf = 0; vf < 3; vf++) {
      set(vf, new VfSetting.SpoofCheck(on));
    }
    assertThat(scene.findings()).isEmpty();
    set(0, new VfSetting.SpoofCheck(!on));
    assertThat(scene.mends())
        .containsExactly(
            new Mend.ResetSettings(scene.at(0), List.of(new VfSetting.SpoofCheck(on))));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void doesNotJudgeSpoofCheckWhereTheFirmwareDecides(boolean on) {
    scene.pf.driver = "bnxt_en";
    set(0, new VfSetting.SpoofCheck(on));
    assertThat(scene.findings()).isEmpty();
    set(0, new VfSetting.Trust(true));
    assertThat(scene.findings()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ionic", "mlx4_core"})
  void doesNotJudgeSettingsOfADriverWhoseDefaultsItDoesNotKnow(String driver) {
    scene.pf.driver = driver;
    set(0, VLAN_100);
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void leavesSettingsOfVfsAloneThatNoPolicyOffers() {
    set(3, VLAN_100);
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void leavesSettingsAloneOfPfsThatSomebodyElseManages() {
    external();
    set(0, VLAN_100);
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void leavesPfsAloneThatNoPolicyNames() {
    scene.wantNothing();
    set(0, VLAN_100);
    scene.moveAway(1);
    scene.vf(2).name = "net1";
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void leavesSettingsAloneInSwitchdevMode() {
    scene.pf.eswitchMode = "switchdev";
    set(0, VLAN_100);
    assertThat(scene.findings()).noneMatch(Finding.SettingsLeft.class::isInstance);
  }

  @Test
  void mendsNothingOnAPfOnWhichTheLoopHasSomethingToDo() {
    set(0, VLAN_100);
    scene.pf.up = false;
    assertThat(scene.findings()).hasSize(1);
    assertThat(scene.mends()).isEmpty();
  }

  // Pods that are gone.

  @Test
  void endsTheAttachmentOfAPodThatIsGone() {
    Attached attached = scene.attach(0, NetnsPath.GONE);
    scene.vf(0).name = "net1";
    set(0, VLAN_100);
    assertThat(scene.findings())
        .containsExactly(new Finding.LeftByPod(scene.at(0), attached, "net1"));
    assertThat(scene.mends()).containsExactly(new Mend.EndAttachment(scene.at(0), attached.file()));
  }

  @Test
  void endsNoAttachmentWhoseNamespaceMayLive() {
    scene.attach(0, NetnsPath.THERE);
    scene.attach(1, NetnsPath.UNKNOWN);
    assertThat(scene.findings()).hasSize(2).allMatch(Finding.LeftByPod.class::isInstance);
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void endsNoAttachmentThatIsUnderWay() {
    Attached whole = scene.attach(0, NetnsPath.GONE);
    scene.attached.clear();
    scene.attached.add(
        new Attached(whole.file(), whole.vf(), true, "c0", "ens1v0", false, false, NetnsPath.GONE));
    assertThat(scene.findings()).hasSize(1);
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void endsNoAttachmentOfAVfThatTwoFilesName() {
    Attached first = scene.attach(0, NetnsPath.GONE);
    scene.attached.add(
        new Attached(
            first.file() + "-2", first.vf(), true, "c9", "ens1v0", false, true, NetnsPath.GONE));
    assertThat(scene.findings()).hasSize(1);
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void reportsTheAttachmentOfAUserspaceVfAndLeavesItToTheNextAdd() {
    scene.want(
        new Interface(
            scene.pf.pci.value(),
            4,
            0,
            "ens1",
            null,
            null,
            false,
            List.of(Scene.group("0-2", "vfio-pci"))));
    Attached seen = scene.attach(0, NetnsPath.GONE);
    scene.attached.clear();
    scene.attached.add(
        new Attached(seen.file(), seen.vf(), true, "c0", "", true, true, NetnsPath.GONE));
    assertThat(scene.findings())
        .containsExactly(new Finding.LeftByPod(scene.at(0), scene.attached.getFirst(), null));
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void reportsAVfThatIsInANamespaceOfNoPod() {
    Attached attached = scene.attach(0, NetnsPath.THERE);
    scene.moveAway(0);
    scene.moveAway(1);
    assertThat(scene.findings())
        .containsExactly(
            new Finding.Orphaned(scene.at(0), attached), new Finding.Orphaned(scene.at(1), null));
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void doesNotMissAVfThatNoPolicyOffers() {
    scene.moveAway(3);
    assertThat(scene.findings()).isEmpty();
    Attached attached = scene.attach(3, NetnsPath.GONE);
    assertThat(scene.findings()).containsExactly(new Finding.Orphaned(scene.at(3), attached));
  }

  @Test
  void reportsStateFilesThatLeadNowhere() {
    var gone = new PciAddress("0000:7f:10.0");
    scene.attached.add(new Attached("/f", gone, false, "c7", "", false, true, NetnsPath.GONE));
    scene.unreadable.add(new CniState.Unreadable("/g", "no JSON"));
    assertThat(scene.findings())
        .containsExactly(
            new Finding.StateWithoutVf("/f", gone, "c7"), new Finding.StateUnreadable("/g"));
    assertThat(scene.mends()).isEmpty();
  }

  // Names.

  @Test
  void givesANetdevItsNameBack() {
    scene.names.put(scene.vf(0).pci, "ens1v0");
    scene.vf(0).name = "eth0";
    assertThat(scene.findings())
        .containsExactly(new Finding.Renamed(scene.at(0), "eth0", "ens1v0"));
    scene.mends().forEach(scene::carryOut);
    assertThat(scene.findings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"net1", "temp_17", "dev9"})
  void reportsANameThatOnlyPodsUseThoughItDoesNotKnowTheFormerOne(String name) {
    scene.vf(0).name = name;
    assertThat(scene.findings()).containsExactly(new Finding.Renamed(scene.at(0), name, null));
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void takesTheKernelsOwnNamesForGoodUnlessItKnowsBetter() {
    scene.vf(0).name = "eth4";
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void doesNotTakeANameFromAnother() {
    scene.names.put(scene.vf(0).pci, "ens1v1");
    scene.vf(0).name = "net1";
    assertThat(scene.findings()).hasSize(1);
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void remembersNamesOfTheHostOnly() {
    var known = VfNames.after(scene.names, scene.inventory());
    assertThat(known).containsEntry(scene.vf(0).pci, "ens1v0");
    scene.vf(0).name = "net1";
    scene.vf(1).name = "storage0";
    scene.moveAway(2);
    assertThat(VfNames.after(known, scene.inventory()))
        .containsEntry(scene.vf(0).pci, "ens1v0")
        .containsEntry(scene.vf(1).pci, "storage0")
        .containsEntry(scene.vf(2).pci, "ens1v2");
  }

  // Addresses.

  private void sameMac(int one, int other) {
    scene.host.setAdminMac(scene.pf.pci, one, scene.vf(other).mac);
    scene.vf(one).mac = scene.vf(other).mac;
  }

  @Test
  void givesOneOfTwoFreeVfsAnotherAddress() {
    sameMac(1, 0);
    String shared = scene.vf(0).mac;
    assertThat(scene.findings())
        .containsExactly(
            new Finding.MacDuplicated(
                shared,
                List.of(new MacHolder.OfVf(scene.at(0), ""), new MacHolder.OfVf(scene.at(1), ""))));
    scene.mends().forEach(scene::carryOut);
    assertThat(scene.findings()).isEmpty();
    assertThat(scene.vf(0).mac).isEqualTo(shared);
    assertThat(scene.vf(1).mac).isEqualTo(scene.vf(1).adminMac).isNotEqualTo(shared);
  }

  @Test
  void keepsTheAddressOfTheVfThatAPodHas() {
    sameMac(0, 1);
    String shared = scene.vf(1).mac;
    scene.pod("web", 1);
    scene.attach(1, NetnsPath.THERE);
    scene.moveAway(1);
    assertThat(scene.mends()).singleElement().matches(mend -> mend.at().id() == 0);
    scene.mends().forEach(scene::carryOut);
    assertThat(scene.findings()).isEmpty();
    assertThat(scene.vf(1).adminMac).isEqualTo(shared);
  }

  @Test
  void reportsTwoPodsWithOneAddressAndLeavesThemAlone() {
    sameMac(0, 1);
    scene.pod("web", 0);
    scene.pod("db", 1);
    assertThat(scene.findings()).singleElement().isInstanceOf(Finding.MacDuplicated.class);
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void letsTheVfsOfOnePodShareAnAddress() {
    sameMac(0, 1);
    scene.pod("bond", 0);
    scene.pod("bond", 1);
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void findsAVfWithTheAddressOfAPf() {
    scene.host.setAdminMac(scene.pf.pci, 0, "02:00:00:00:00:01");
    scene.vf(0).mac = "02:00:00:00:00:01";
    assertThat(scene.findings())
        .containsExactly(
            new Finding.MacDuplicated(
                "02:00:00:00:00:01",
                List.of(
                    new MacHolder.OfPf(scene.pf.pci, "ens1"),
                    new MacHolder.OfVf(scene.at(0), ""))));
    scene.mends().forEach(scene::carryOut);
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void letsThePfsOfABondShareAnAddress() {
    scene.host.addPf("0000:04:00.1");
    assertThat(scene.findings()).isEmpty();
  }

  @Test
  void comesToTheSameAddressEachTimeAndToAnotherOnAnotherCard() {
    sameMac(1, 0);
    assertThat(scene.mends()).isEqualTo(scene.mends());
    assertThat(((Mend.NewMac) scene.mends().getFirst()).mac()).matches("[0-9a-f][26ae]:.*");
  }

  @Test
  void changesNoAddressOnAPfThatSomebodyElseManages() {
    external();
    sameMac(1, 0);
    assertThat(scene.findings()).hasSize(1);
    assertThat(scene.mends()).isEmpty();
  }

  // Drivers.

  @Test
  void reportsTheWrongDriverAndLeavesItToTheLoop() {
    scene.host.unbind(scene.pf.pci, 0);
    assertThat(scene.findings())
        .containsExactly(new Finding.WrongDriver(scene.at(0), null, null, List.of()));
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void saysWhichPodKeepsTheWrongDriver() {
    scene.pod("web", 0);
    scene.want(
        new Interface(
            scene.pf.pci.value(),
            4,
            0,
            "ens1",
            null,
            null,
            false,
            List.of(Scene.group("0-2", "vfio-pci"))));
    assertThat(scene.findings())
        .containsExactly(
            new Finding.WrongDriver(scene.at(0), "igbvf", "vfio-pci", List.of("default/web")));
  }

  @Test
  void reportsNoDriverOfVfsThatAreToBeMadeAnew() {
    scene.host.unbind(scene.pf.pci, 0);
    scene.host.unbind(scene.pf.pci, 1);
    scene.host.unbind(scene.pf.pci, 2);
    var more =
        new Interface(
            scene.pf.pci.value(), 6, 0, "ens1", null, null, false, List.of(Scene.group("0-5", "")));
    Witnesses now = scene.witnesses();
    assertThat(
            Audit.of(
                    new Witnesses(
                        now.kernel(),
                        now.kubelet(),
                        now.cni(),
                        new io.sriov.api.SriovNetworkNodeStateSpec(List.of(more), null, null),
                        now.names()))
                .findings())
        .isEmpty();
  }

  // Silence.

  @Test
  void takesSilenceOfTheKubeletForNoEvidence() {
    set(0, VLAN_100);
    scene.attach(1, NetnsPath.GONE);
    sameMac(2, 0);
    scene.kubeletSilent();
    assertThat(scene.findings()).containsExactly(new Finding.WitnessSilent(Witness.KUBELET));
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void takesSilenceOfTheStateFilesForNoEvidence() {
    set(0, VLAN_100);
    scene.host.unbind(scene.pf.pci, 1);
    scene.cniSilent();
    assertThat(scene.findings())
        .containsExactly(
            new Finding.WrongDriver(scene.at(1), null, null, List.of()),
            new Finding.WitnessSilent(Witness.CNI));
    assertThat(scene.mends()).isEmpty();
  }

  @Test
  void mendsOnlyWhatItFound() {
    set(0, VLAN_100);
    var imagined = new Finding.SettingsLeft(scene.at(1), List.of(new Leftover(VLAN_100, NO_VLAN)));
    assertThat(scene.audit().mends(imagined)).isEmpty();
  }
}
