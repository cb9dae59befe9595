package io.sriov.plan.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.plan.node.SimulatedHost.SimPf;
import io.sriov.testkit.Spec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A card with an embedded switch: {@code 0000:d8:00.0}, driver {@code mlx5_core}. */
class EswitchPlanTest {

  private static final String PF = "0000:d8:00.0";
  private static final String NAME = "enp216s0f0np0";
  private static final String WHILE_IT_CHANGES =
      "VFs must have no driver while the eswitch changes";

  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private SimPf pf;

  @BeforeEach
  void pf() {
    pf = host.addPf(PF);
    pf.name = NAME;
    pf.driver = "mlx5_core";
    pf.vfDriver = "mlx5_core";
    pf.devlink = true;
    pf.up = true;
    host.loadModule("vfio_pci");
  }

  private static SriovNetworkNodeStateSpec wanted(int numVfs, String fields) {
    return Serialization.unmarshal(
        "interfaces: [{pciAddress: '%s', name: %s, numVfs: %d, %s}]"
            .formatted(PF, NAME, numVfs, fields),
        SriovNetworkNodeStateSpec.class);
  }

  private static SriovNetworkNodeStateSpec switchdev(int numVfs) {
    return wanted(
        numVfs,
        "eSwitchMode: switchdev, vfGroups: [{policyName: p, vfRange: 0-%d}]".formatted(numVfs - 1));
  }

  private static SriovNetworkNodeStateSpec legacy(int numVfs) {
    return wanted(
        numVfs, "vfGroups: [{policyName: p, vfRange: 0-%d}]".formatted(Math.max(0, numVfs - 1)));
  }

  private NodePlan plan(SriovNetworkNodeStateSpec desired) {
    return Planner.plan(desired, host.inventory());
  }

  private void configured(SriovNetworkNodeStateSpec desired) {
    SimulatedApply.apply(host, plan(desired).steps());
    assertThat(plan(desired)).matches(NodePlan::isEmpty);
  }

  /** Steps that concern neither files nor the configuration of a VF. */
  private List<Step> ofTheSwitch(SriovNetworkNodeStateSpec desired) {
    return plan(desired).steps().stream()
        .filter(step ->
            step instanceof Step.ResizeVfs
                || step instanceof Step.SetEswitchMode
                || step instanceof Step.UnbindDriver
                || step instanceof Step.EnableTcOffload
                || step instanceof Step.SetFlowSteering
                || step instanceof Step.NameRepresentors)
        .toList();
  }

  private Step unbind(int vf) {
    return new Step.UnbindDriver(pf.pci, vf, WHILE_IT_CHANGES);
  }

  private Step mode(String from, String to) {
    return new Step.SetEswitchMode(pf.pci, from, to);
  }

  private Step resize(int from, int to) {
    return new Step.ResizeVfs(pf.pci, from, to);
  }

  private Step nameRepresentors() {
    return new Step.NameRepresentors(pf.pci, NAME);
  }

  @Test
  @Spec("03:F6")
  void makesVfsAndTakesTheirDriversBeforeTheSwitchIsSetUp() {
    pf.tcOffload = false;
    pf.flowSteering = "smfs";
    assertThat(plan(switchdev(2)).steps())
        .containsExactly(
            new Step.SavePfRecord(pf.pci, switchdev(2).interfaces().getFirst()),
            new Step.WriteUdevRule(
                pf.pci,
                "10-nm-disable-0000:d8:00.0.rules",
                UdevRules.nmDisable(pf.pci, List.of("101e", "10ca", "1889"), null)),
            new Step.WriteUdevRule(
                pf.pci,
                "10-pf-name-0000:d8:00.0.rules",
                "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", KERNELS==\"0000:d8:00.0\","
                    + " NAME=\"enp216s0f0np0\""),
            new Step.EnableTcOffload(pf.pci),
            resize(0, 2),
            unbind(0),
            unbind(1),
            mode("legacy", "switchdev"),
            nameRepresentors(),
            new Step.BindDefaultDriver(pf.pci, 0, null),
            new Step.SetVfAdminMac(pf.pci, 0, true),
            new Step.BindDefaultDriver(pf.pci, 1, null),
            new Step.SetVfAdminMac(pf.pci, 1, true));

    configured(switchdev(2));

    assertThat(host.log()).filteredOn(event -> event.startsWith("udev")).hasSize(1);
    assertThat(pf.vfs)
        .extracting(vf -> vf.representor)
        .containsExactly("enp216s0f0np0_0", "enp216s0f0np0_1");
  }

  @Test
  @Spec("03:U4")
  void namesRepresentorsByTheSwitchAndThePortOfTheirPf() {
    assertThat(UdevRules.representors(NAME, "p1", "7cfe90ff2cc0"))
        .isEqualTo(
            "SUBSYSTEM==\"net\", ACTION==\"add|move\","
                + " ATTRS{phys_switch_id}==\"7cfe90ff2cc0\", ATTR{phys_port_name}==\"pf1vf*\","
                + " IMPORT{program}=\"/etc/udev/switchdev-vf-link-name.sh"
                + " $attr{phys_port_name}\", NAME=\"enp216s0f0np0_$env{NUMBER}\"");
  }

  @Test
  @Spec("03:F7")
  void asksForNoSteeringThatTheDriverHasNotOrHas() {
    for (String steering : new String[] {null, "", "smfs"}) {
      pf.flowSteering = steering;
      assertThat(plan(switchdev(1)).steps()).noneMatch(Step.SetFlowSteering.class::isInstance);
    }
  }

  @Test
  @Spec("03:F8")
  void changesTheSteeringInLegacyModeWithoutVfs() {
    configured(switchdev(2));
    pf.flowSteering = "dmfs";
    assertThat(ofTheSwitch(switchdev(3)))
        .containsExactly(
            unbind(0),
            unbind(1),
            mode("switchdev", "legacy"),
            resize(2, 0),
            new Step.SetFlowSteering(pf.pci, "dmfs"),
            resize(0, 3),
            unbind(0),
            unbind(1),
            unbind(2),
            mode("legacy", "switchdev"));
    configured(switchdev(3));
    assertThat(pf.flowSteering).isEqualTo("smfs");
  }

  /** Otherwise a driver that does not follow would be asked for ever. */
  @Test
  void doesNotSetTheSwitchUpAgainForAnOption() {
    configured(switchdev(2));
    pf.flowSteering = "dmfs";
    pf.tcOffload = false;
    assertThat(plan(switchdev(2))).matches(NodePlan::isEmpty);
  }

  @Test
  @Spec("03:F11")
  void changesTheModeOfIceWithoutVfs() {
    pf.driver = "ice";
    pf.vfDriver = "iavf";
    assertThat(ofTheSwitch(switchdev(2)))
        .containsExactly(mode("legacy", "switchdev"), resize(0, 2), nameRepresentors());
    configured(switchdev(2));
    assertThat(ofTheSwitch(switchdev(3))).containsExactly(resize(2, 3));
    assertThat(ofTheSwitch(legacy(2)))
        .containsExactly(resize(2, 0), mode("switchdev", "legacy"), resize(0, 2));
    configured(legacy(2));
  }

  @Test
  @Spec("03:F12")
  void treatsEveryOtherDriverAlike() {
    pf.driver = "bnxt_en";
    assertThat(ofTheSwitch(switchdev(1)))
        .containsExactly(resize(0, 1), unbind(0), mode("legacy", "switchdev"), nameRepresentors());
  }

  @Test
  @Spec(
      value = "03:F13",
      differs = "the PF is not taken out of a managed bridge, because there are none")
  void returnsToLegacyModeWithNewVfsAndWithoutTheRulesOfTheSwitch() {
    configured(switchdev(2));
    assertThat(host.rules()).hasSize(3);
    assertThat(ofTheSwitch(legacy(2)))
        .containsExactly(
            unbind(0), unbind(1), mode("switchdev", "legacy"), resize(2, 0), resize(0, 2));
    configured(legacy(2));
    assertThat(host.rules()).containsOnlyKeys("10-nm-disable-0000:d8:00.0.rules");
    assertThat(pf.vfs).extracting(vf -> vf.representor).containsOnlyNulls();
  }

  @Test
  @Spec("03:F17")
  void leavesUdevAloneInLegacyMode() {
    configured(legacy(2));
    assertThat(host.log()).noneMatch(event -> event.startsWith("udev"));
  }

  @Test
  @Spec(value = "03:F18", differs = "udev is told only where a rule of representors changed")
  void leavesUdevAloneWhenOnlyAnotherPfChanges() {
    configured(switchdev(1));
    host.addPf("0000:d9:00.0").up = true;
    var both =
        new SriovNetworkNodeStateSpec(
            List.of(
                switchdev(1).interfaces().getFirst(),
                Serialization.unmarshal(
                    "pciAddress: '0000:d9:00.0'\nnumVfs: 1",
                    SriovNetworkNodeStateSpec.Interface.class)),
            null,
            null);
    int before = host.log().size();
    configured(both);
    assertThat(host.log().subList(before, host.log().size()))
        .noneMatch(event -> event.startsWith("udev"));
    assertThat(host.pf("0000:d9:00.0").vfs).hasSize(1);
  }

  @Test
  @Spec("03:F16")
  void doesWithoutNamesWhereThePortHasNone() {
    pf.namesPort = false;
    configured(switchdev(1));
    assertThat(pf.eswitchMode).isEqualTo("switchdev");
    assertThat(host.rules()).doesNotContainKey("20-switchdev-0000:d8:00.0.rules");
    assertThat(pf.vfs.getFirst().representor).isEqualTo("eth0");
  }

  @Test
  void writesTheRuleOfRepresentorsAnewWhenItIsLost() {
    configured(switchdev(1));
    host.removeRule("20-switchdev-0000:d8:00.0.rules");
    assertThat(plan(switchdev(1)).steps()).containsExactly(nameRepresentors());
  }

  @Test
  void keepsTheAddressOfAVfThatGoesToAUserspaceDriver() {
    var vfio =
        wanted(
            1,
            "eSwitchMode: switchdev,"
                + " vfGroups: [{policyName: p, vfRange: 0-0, deviceType: vfio-pci}]");
    assertThat(plan(vfio).steps())
        .endsWith(
            resize(0, 1),
            new Step.SetVfAdminMac(pf.pci, 0, false),
            unbind(0),
            mode("legacy", "switchdev"),
            nameRepresentors(),
            new Step.BindDriver(pf.pci, 0, null, "vfio-pci"));
    configured(vfio);
  }

  @Test
  void setsTheSwitchUpOnlyWhenNoPodHoldsAVf() {
    configured(legacy(2));
    host.use(pf.vfs.getFirst().pci, "default/web");
    NodePlan plan = plan(switchdev(2));
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.blocked())
        .singleElement()
        .extracting(Blocked::message)
        .isEqualTo(
            "0000:d8:00.0: eswitch mode is legacy, wanted switchdev, but VFs are in use by pods:"
                + " default/web (0000:d8:10.0)");
  }

  @Test
  void refusesAModeThatTheCardHasNot() {
    pf.devlink = false;
    assertThat(plan(switchdev(1)).refusals())
        .containsExactly(new Refusal.EswitchAbsent(pf.pci, "switchdev", "mlx5_core"));
    assertThat(plan(wanted(0, "eSwitchMode: offload")).refusals())
        .containsExactly(new Refusal.EswitchModeUnknown(pf.pci, "offload"));
  }

  @Test
  @Spec("03:F28")
  void makesVfsWithoutDriversBeforeTheNetworkIsUp() {
    pf.up = false;
    NodePlan plan = Planner.plan(legacy(2), host.inventory(), Phase.BEFORE_NETWORK);
    assertThat(plan.steps())
        .hasSize(5)
        .startsWith(new Step.SavePfRecord(pf.pci, legacy(2).interfaces().getFirst()))
        .endsWith(
            resize(0, 2),
            new Step.UnbindDriver(pf.pci, 0, "VFs are configured when the network is up"),
            new Step.UnbindDriver(pf.pci, 1, "VFs are configured when the network is up"));
    SimulatedApply.apply(host, plan.steps());
    assertThat(pf.vfs).extracting(vf -> vf.driver).containsExactly(null, null);
    assertThat(pf.up).isFalse();
    assertThat(Planner.plan(legacy(2), host.inventory(), Phase.BEFORE_NETWORK).steps()).isEmpty();

    configured(legacy(2));
    assertThat(pf.vfs).extracting(vf -> vf.driver).containsOnly("mlx5_core");
    assertThat(pf.up).isTrue();
  }

  @Test
  void leavesVfsOfPodsTheirDriversWhenTheServiceIsStartedOnceMore() {
    configured(legacy(2));
    host.use(host.vf(pf.pci, 1), "default/web");

    NodePlan plan = Planner.plan(legacy(2), host.inventory(), Phase.BEFORE_NETWORK);

    assertThat(plan.steps()).noneMatch(Step.UnbindDriver.class::isInstance);
    assertThat(plan.blocked()).singleElement().asString().contains("default/web");
  }

  @Test
  void setsTheSwitchUpBeforeTheNetworkIsUp() {
    SimulatedApply.apply(
        host, Planner.plan(switchdev(2), host.inventory(), Phase.BEFORE_NETWORK).steps());
    assertThat(pf.eswitchMode).isEqualTo("switchdev");
    assertThat(pf.vfs).extracting(vf -> vf.driver).containsExactly(null, null);
    configured(switchdev(2));
  }

  @Test
  @Spec("03:F29")
  void leavesAnExternallyManagedPfAloneBeforeTheNetworkIsUp() {
    host.writeNumVfs(pf.pci, 2);
    var external = wanted(2, "externallyManaged: true, vfGroups: [{policyName: p, vfRange: 0-1}]");
    assertThat(Planner.plan(external, host.inventory(), Phase.BEFORE_NETWORK).steps())
        .containsExactly(new Step.SavePfRecord(pf.pci, external.interfaces().getFirst()));
  }
}
