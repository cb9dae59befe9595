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

/** One PF, {@code 0000:04:00.0}, with 7 VFs at most and none at first. */
class PlannerTest {

  private static final String PF = "0000:04:00.0";

  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private SimPf pf;

  @BeforeEach
  void pf() {
    pf = host.addPf(PF);
    pf.up = true;
    host.loadModule("vfio_pci");
  }

  private static SriovNetworkNodeStateSpec desired(String yaml) {
    return Serialization.unmarshal(yaml, SriovNetworkNodeStateSpec.class);
  }

  /** {@code fields} are YAML flow entries of the one interface. */
  private static SriovNetworkNodeStateSpec wanted(String fields) {
    return desired("interfaces: [{pciAddress: '" + PF + "', name: p000004000, " + fields + "}]");
  }

  private static String group(String fields) {
    return "vfGroups: [{resourceName: r, policyName: p, " + fields + "}]";
  }

  private NodePlan plan(SriovNetworkNodeStateSpec desired) {
    return Planner.plan(desired, host.inventory());
  }

  private void configured(SriovNetworkNodeStateSpec desired) {
    SimulatedApply.apply(host, plan(desired).steps());
    assertThat(plan(desired).isEmpty()).isTrue();
  }

  private List<Step> changes(SriovNetworkNodeStateSpec desired) {
    return plan(desired).steps().stream()
        .filter(
            step -> !(step instanceof Step.SavePfRecord) && !(step instanceof Step.WriteUdevRule))
        .toList();
  }

  private PciAddress pci() {
    return pf.pci;
  }

  @Test
  @Spec(
      value = "03:F1",
      differs =
          "the count is not written as 0 first when it is 0; the record is stored before the first"
              + " change; the VF for vfio-pci gets its MAC fixed while it still has a netdev")
  void makesVfsForTwoGroupsInOneOrderedPlan() {
    pf.up = false;
    var both =
        wanted(
            "numVfs: 2, vfGroups: [{deviceType: netdevice, isRdma: true, mtu: 2000, vfRange: 0-0},"
                + " {deviceType: vfio-pci, vfRange: 1-1}]");
    assertThat(plan(both).steps())
        .containsExactly(
            new Step.SavePfRecord(pci(), both.interfaces().getFirst()),
            new Step.WriteUdevRule(
                pci(),
                "10-nm-disable-0000:04:00.0.rules",
                "SUBSYSTEM==\"net\", ACTION==\"add|change|move\","
                    + " ATTRS{device}==\"0x101e|0x10ca|0x1889\","
                    + " IMPORT{program}=\"/etc/udev/disable-nm-sriov.sh $env{INTERFACE}"
                    + " 0000:04:00.0\""),
            new Step.SetPfMtu(pci(), 1500, 2000),
            new Step.SetPfUp(pci()),
            new Step.ResizeVfs(pci(), 0, 2),
            new Step.SetVfAdminMac(pci(), 0, true),
            new Step.RebindDriver(pci(), 0),
            new Step.SetVfMtu(pci(), 0, 1500, 2000),
            new Step.SetVfAdminMac(pci(), 1, false),
            new Step.BindDriver(pci(), 1, null, "vfio-pci"));
  }

  @Test
  @Spec(value = "03:F2", differs = "the PF is left as it is instead of being reset")
  void refusesMoreVfsThanTheDeviceHas() {
    NodePlan plan = plan(wanted("numVfs: 8"));
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusals()).containsExactly(new Refusal.VfCountInvalid(pci(), 8, 7));
    assertThat(plan.refusals().getFirst().message())
        .isEqualTo("0000:04:00.0: numVfs is 8 but the device can have 0 to 7 VFs");
  }

  @Test
  @Spec("03:F3")
  void leavesVfCountAloneWhenOnlyADriverDiffers() {
    configured(wanted("numVfs: 2, " + group("vfRange: 0-1, deviceType: netdevice")));
    assertThat(changes(wanted("numVfs: 2, " + group("vfRange: 0-1, deviceType: vfio-pci"))))
        .containsExactly(
            new Step.BindDriver(pci(), 0, "igbvf", "vfio-pci"),
            new Step.BindDriver(pci(), 1, "igbvf", "vfio-pci"));
  }

  @Test
  @Spec("03:F4")
  void needsTheCapabilityOnlyForVfs() {
    pf.totalVfs = 0;
    assertThat(plan(wanted("numVfs: 0")).refusals()).isEmpty();
    assertThat(plan(wanted("numVfs: 5")).refusals()).containsExactly(new Refusal.NoSriov(pci(), 5));
  }

  @Test
  @Spec("03:F15")
  @Spec("03:C1")
  void raisesThePfMtuButNeverLowersIt() {
    pf.mtu = 9000;
    assertThat(changes(wanted("numVfs: 0, mtu: 1500"))).isEmpty();
    pf.mtu = 300;
    assertThat(changes(wanted("numVfs: 0, mtu: 1500")))
        .containsExactly(new Step.SetPfMtu(pci(), 300, 1500));
  }

  @Test
  void refusesAnMtuBeyondTheDriversLimit() {
    assertThat(plan(wanted("numVfs: 0, mtu: 9217")).refusals())
        .containsExactly(new Refusal.MtuTooLarge(pci(), 9217, 9216));
  }

  @Test
  @Spec("03:C2")
  void takesAnAbsentEswitchModeForLegacy() {
    for (String mode : List.of("", ", eSwitchMode: legacy")) {
      NodePlan plan = plan(wanted("numVfs: 0" + mode));
      assertThat(plan.refusals()).isEmpty();
      assertThat(changes(wanted("numVfs: 0" + mode))).isEmpty();
      assertThat(changes(wanted("numVfs: 1" + mode)))
          .containsExactly(new Step.ResizeVfs(pci(), 0, 1));
    }
  }

  @Test
  @Spec("03:C3")
  void resizesWhateverTheDirection() {
    assertThat(changes(wanted("numVfs: 1"))).containsExactly(new Step.ResizeVfs(pci(), 0, 1));
    host.writeNumVfs(pci(), 2);
    assertThat(changes(wanted("numVfs: 1"))).containsExactly(new Step.ResizeVfs(pci(), 2, 1));
  }

  @Test
  @Spec("03:C4")
  @Spec("03:F35")
  void setsADownLinkUp() {
    pf.up = false;
    assertThat(changes(wanted("numVfs: 0"))).containsExactly(new Step.SetPfUp(pci()));
    pf.up = true;
    assertThat(changes(wanted("numVfs: 0"))).isEmpty();
  }

  @Test
  @Spec("03:C5")
  void takesAVfBackFromAUserspaceDriver() {
    host.loadModule("igb_uio");
    configured(wanted("numVfs: 1, " + group("vfRange: 0-0, deviceType: igb_uio")));
    assertThat(changes(wanted("numVfs: 1, " + group("vfRange: 0-0, deviceType: netdevice"))))
        .containsExactly(new Step.BindDefaultDriver(pci(), 0, "igb_uio"));
  }

  @Test
  @Spec("03:C6")
  void bindsVfioPciUnlessItIsBound() {
    var vfio = wanted("numVfs: 1, " + group("vfRange: 0-0, deviceType: vfio-pci"));
    host.writeNumVfs(pci(), 1);
    assertThat(changes(vfio))
        .containsExactly(
            new Step.SetVfAdminMac(pci(), 0, false),
            new Step.BindDriver(pci(), 0, "igbvf", "vfio-pci"));
    configured(vfio);
  }

  @Test
  @Spec("03:C7")
  void leavesVfsOutsideEveryGroupAlone() {
    var middle = wanted("numVfs: 3, " + group("vfRange: 1-2"));
    configured(middle);
    host.unbind(pci(), 0);
    assertThat(plan(middle).isEmpty()).isTrue();
  }

  @Test
  @Spec("03:C8")
  void bindsADriverlessVfOfAGroup() {
    var one = wanted("numVfs: 1, " + group("vfRange: 0-0"));
    configured(one);
    host.unbind(pci(), 0);
    assertThat(changes(one)).containsExactly(new Step.BindDefaultDriver(pci(), 0, null));
  }

  @Test
  @Spec("03:C9")
  @Spec("03:C10")
  void setsTheVfMtuInBothDirectionsButOnlyWhenAGroupHasOne() {
    var mtu = wanted("numVfs: 2, " + group("vfRange: 0-1, mtu: 1500"));
    configured(mtu);
    pf.mtu = 9000;
    host.setVfMtu(pci(), 0, 999);
    host.setVfMtu(pci(), 1, 9000);
    assertThat(changes(mtu))
        .containsExactly(
            new Step.SetVfMtu(pci(), 0, 999, 1500), new Step.SetVfMtu(pci(), 1, 9000, 1500));
    assertThat(changes(wanted("numVfs: 2, " + group("vfRange: 0-1")))).isEmpty();
    pf.vfs.getFirst().mtu = 0;
    assertThat(changes(mtu)).containsExactly(new Step.SetVfMtu(pci(), 1, 9000, 1500));
  }

  @Test
  @Spec("03:C16")
  void letsTheFirstOfOverlappingGroupsDecide() {
    var overlap =
        wanted(
            "numVfs: 2, vfGroups: [{vfRange: 0-0, deviceType: netdevice},"
                + " {vfRange: 0-1, deviceType: vfio-pci}]");
    configured(overlap);
    assertThat(pf.vfs.get(0).driver).isEqualTo("igbvf");
    assertThat(pf.vfs.get(1).driver).isEqualTo("vfio-pci");
  }

  @Test
  @Spec(value = "03:C17", differs = "the PF that is missing is named in the status")
  void saysWhichPfIsMissing() {
    var absent = desired("interfaces: [{pciAddress: '0000:99:00.0', numVfs: 1}]");
    NodePlan plan = plan(absent);
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusals())
        .containsExactly(new Refusal.PfAbsent(new PciAddress("0000:99:00.0")));
  }

  @Test
  void refusesARangeBeyondTheVfs() {
    NodePlan plan = plan(wanted("numVfs: 2, " + group("vfRange: 0-2")));
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusals()).containsExactly(new Refusal.RangeBeyondVfs(pci(), "p", "0-2", 2));
  }

  @Test
  void refusesWhatIsNoRange() {
    for (String range : List.of("3", "eno1#0-1", "2-1", "-1-0", "")) {
      assertThat(plan(wanted("numVfs: 4, " + group("vfRange: '" + range + "'"))).refusals())
          .containsExactly(new Refusal.RangeUnreadable(pci(), "p", range));
    }
  }

  @Test
  void refusesAnUnknownDeviceType() {
    NodePlan plan = plan(wanted("numVfs: 1, " + group("vfRange: 0-0, deviceType: netdevise")));
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusals())
        .containsExactly(new Refusal.DeviceTypeUnknown(pci(), "p", "netdevise"));
  }

  @Test
  void refusesByNameWhatThisVersionDoesNotCarryOut() {
    assertThat(
            plan(desired(
                    """
                    interfaces:
                    - {pciAddress: '0000:04:00.0', numVfs: 1, linkType: IB,
                       vfGroups: [{vfRange: 0-0, vdpaType: vhost}]}
                    bridges: {ovs: [{name: br-0000_04_00.0}]}
                    system: {rdmaMode: exclusive}
                    """))
                .refusals())
        .extracting(Refusal::message)
        .containsExactly(
            "bridge br-0000_04_00.0 is not supported by this version",
            "changing rdmaMode to exclusive is not supported by this version",
            "0000:04:00.0: vdpaType vhost is not supported by this version",
            "0000:04:00.0: linkType IB is not supported by this version");
  }

  @Test
  @Spec(value = "03:C13", differs = "vDPA devices are not managed by this version")
  @Spec(value = "03:F25", differs = "vDPA devices are not managed by this version")
  @Spec(value = "03:F26", differs = "vDPA devices are not managed by this version")
  @Spec(value = "03:F27", differs = "vDPA devices are not managed by this version")
  void leavesAPfAloneOfWhichVdpaIsWanted() {
    for (String mode : List.of("legacy", "switchdev")) {
      for (String type : List.of("virtio", "vhost")) {
        NodePlan plan =
            plan(
                wanted(
                    "numVfs: 1, eSwitchMode: "
                        + mode
                        + ", "
                        + group("vfRange: 0-0, vdpaType: " + type)));
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.refusals()).contains(new Refusal.NotSupported(pci(), "vdpaType", type));
      }
    }
  }

  @Test
  @Spec(value = "03:F22", differs = "InfiniBand is not managed by this version")
  @Spec(value = "03:F23", differs = "InfiniBand is not managed by this version")
  @Spec(value = "03:F24", differs = "InfiniBand is not managed by this version")
  void leavesAnInfinibandPfAloneHoweverItIsNamed() {
    for (String linkType : List.of("", "linkType: ib, ", "linkType: IB, ")) {
      pf.linkType = linkType.isEmpty() ? "IB" : "ETH";
      NodePlan plan =
          plan(wanted(linkType + "numVfs: 1, " + group("vfRange: 0-0, isRdma: true, mtu: 2000")));
      assertThat(plan.steps()).isEmpty();
      assertThat(plan.refusals())
          .containsExactly(new Refusal.NotSupported(pci(), "linkType", "IB"));
    }
  }

  @Test
  void refusesVfioWithoutIommuBeforeAnythingChanges() {
    pf.iommu = false;
    NodePlan plan = plan(wanted("numVfs: 1, " + group("vfRange: 0-0, deviceType: vfio-pci")));
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusals()).containsExactly(new Refusal.IommuOff(pci(), "vfio-pci"));
  }

  @Test
  @Spec("03:F32")
  @Spec("03:F34")
  void refusesAnExternallyManagedPfThatDoesNotFit() {
    assertThat(plan(wanted("numVfs: 1, externallyManaged: true")).refusals())
        .containsExactly(new Refusal.ExternalVfsMissing(pci(), 1, 0));
    assertThat(plan(wanted("numVfs: 0, mtu: 2000, externallyManaged: true")).refusals())
        .containsExactly(new Refusal.ExternalMtuTooSmall(pci(), 2000, 1500));
    NodePlan plan = plan(wanted("numVfs: 0, eSwitchMode: switchdev, externallyManaged: true"));
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusals())
        .contains(new Refusal.ExternalModeDiffers(pci(), "switchdev", "legacy"));
  }

  @Test
  @Spec("03:F33")
  void configuresOnlyTheVfsOfAnExternallyManagedPf() {
    host.writeNumVfs(pci(), 7);
    pf.up = false;
    var four =
        wanted(
            "numVfs: 4, externallyManaged: true, " + group("vfRange: 0-0, deviceType: vfio-pci"));
    assertThat(plan(four).steps())
        .containsExactly(
            new Step.SavePfRecord(pci(), four.interfaces().getFirst()),
            new Step.SetPfUp(pci()),
            new Step.SetVfAdminMac(pci(), 0, false),
            new Step.BindDriver(pci(), 0, "igbvf", "vfio-pci"));
  }

  @Test
  @Spec("03:C15")
  void leavesAnExternallyManagedPfInSyncAlone() {
    host.writeNumVfs(pci(), 7);
    configured(
        wanted(
            "numVfs: 4, externallyManaged: true, " + group("vfRange: 0-3, deviceType: vfio-pci")));
  }

  @Test
  @Spec("03:U9")
  void removesRulesOfSwitchdevFromALegacyPf() {
    host.writeRule("10-pf-name-0000:04:00.0.rules", "x");
    host.writeRule("20-switchdev-0000:04:00.0.rules", "x");
    configured(wanted("numVfs: 1"));
    assertThat(host.rules()).containsOnlyKeys("10-nm-disable-0000:04:00.0.rules");
  }

  @Test
  @Spec(value = "03:U8", differs = "the rule comes back at once")
  void restoresARuleThatWasDeletedByHand() {
    configured(wanted("numVfs: 1"));
    host.removeRule("10-nm-disable-0000:04:00.0.rules");
    assertThat(plan(wanted("numVfs: 1")).steps())
        .singleElement()
        .isInstanceOf(Step.WriteUdevRule.class);
  }

  @Test
  void probesVfsEvenWhereAutoprobeWasSwitchedOff() {
    pf.autoprobe = false;
    var one = wanted("numVfs: 1, " + group("vfRange: 0-0"));
    assertThat(changes(one))
        .startsWith(new Step.EnableAutoprobe(pci()), new Step.ResizeVfs(pci(), 0, 1));
    configured(one);
    assertThat(pf.vfs.getFirst().driver).isEqualTo("igbvf");
  }

  @Test
  void loadsTheModuleOfADriverThatIsNotThere() {
    var bare = new SimulatedHost(new Random(1));
    bare.addPf(PF);
    assertThat(
            Planner.plan(
                    wanted("numVfs: 1, " + group("vfRange: 0-0, deviceType: vfio-pci")),
                    bare.inventory())
                .steps())
        .startsWith(new Step.LoadModule(new PciAddress(PF), "vfio_pci"));
  }

  @Test
  void keepsEveryVfThatAPodHoldsAndNamesThePod() {
    configured(wanted("numVfs: 2, " + group("vfRange: 0-1")));
    host.use(pf.vfs.get(1).pci, "default/web");
    NodePlan resize = plan(wanted("numVfs: 3, " + group("vfRange: 0-2")));
    assertThat(resize.steps()).isEmpty();
    assertThat(resize.blocked())
        .extracting(Blocked::message)
        .containsExactly(
            "0000:04:00.0: 2 VFs exist, wanted 3, but VFs are in use by pods:"
                + " default/web (0000:04:10.1)");

    NodePlan rebind = plan(wanted("numVfs: 2, " + group("vfRange: 0-1, deviceType: vfio-pci")));
    assertThat(rebind.steps()).contains(new Step.BindDriver(pci(), 0, "igbvf", "vfio-pci"));
    assertThat(rebind.blocked())
        .singleElement()
        .extracting(Blocked::step)
        .isEqualTo(new Step.BindDriver(pci(), 1, "igbvf", "vfio-pci"));
  }

  @Test
  void adoptsANodeThatTheGoDaemonConfigured() {
    configured(wanted("numVfs: 2, mtu: 9000, " + group("vfRange: 0-1, mtu: 9000")));
    // Its JSON leaves zero values out and writes others that we do not know.
    String stored =
        """
        {"pciAddress":"0000:04:00.0","numVfs":2,"mtu":9000,"name":"p000004000",
         "vfGroups":[{"resourceName":"r","vfRange":"0-1","policyName":"p","mtu":9000}],"new":1}\
        """;
    host.saveRecord(
        pci(),
        Serialization.unmarshal(stored, io.sriov.api.SriovNetworkNodeStateSpec.Interface.class));
    assertThat(plan(wanted("numVfs: 2, mtu: 9000, " + group("vfRange: 0-1, mtu: 9000"))).isEmpty())
        .isTrue();
  }

  @Test
  @Spec("03:C11")
  @Spec("03:C12")
  void rebindsAnRdmaVfWhoseGuidIsZero() {
    pf.rdma = true;
    var rdma = wanted("numVfs: 1, " + group("vfRange: 0-0, isRdma: true"));
    configured(rdma);
    pf.vfs.getFirst().guid = "00:00:00:00:00:00:00:00";
    assertThat(changes(rdma)).containsExactly(new Step.RebindDriver(pci(), 0));
    assertThat(changes(wanted("numVfs: 1, " + group("vfRange: 0-0")))).isEmpty();
    pf.vfs.getFirst().guid = null;
    assertThat(changes(rdma)).isEmpty();
  }

  @Test
  @Spec("03:B11")
  void bindsNoVfAgainThatIsNotForRdma() {
    pf.rdma = true;
    assertThat(changes(wanted("numVfs: 1, " + group("vfRange: 0-0"))))
        .noneMatch(Step.RebindDriver.class::isInstance);
  }

  @Test
  @Spec("03:B3")
  void leavesAVfBoundThatHasTheKernelsDriver() {
    var one = wanted("numVfs: 1, " + group("vfRange: 0-0"));
    configured(one);
    assertThat(host.log()).isEmpty();
    assertThat(plan(one)).matches(NodePlan::isEmpty);
  }

  @Test
  void doesNothingOnAPfWhoseDriverHangs() {
    var hanging = "write 2 to sriov_numvfs, since 2026-11-24T18:00:00Z";
    var facts = host.inventory();
    var stuck =
        new Inventory(
            List.of(facts.pfs().getFirst().hanging(hanging)),
            facts.records(),
            facts.udevRules(),
            facts.initial(),
            facts.inUse(),
            facts.pciDrivers(),
            facts.vfDeviceIds(),
            facts.noIommu(),
            facts.rdmaMode(),
            facts.boot());
    NodePlan plan = Planner.plan(wanted("numVfs: 2"), stuck);
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.refusals())
        .singleElement()
        .extracting(Refusal::message)
        .asString()
        .startsWith("0000:04:00.0: the driver has not come back from \"" + hanging + "\"");
    assertThat(Planner.plan(SriovNetworkNodeStateSpec.EMPTY, stuck)).matches(NodePlan::isEmpty);
  }

  @Test
  void keepsTwoPfsApartThatSwappedTheirNames() {
    var other = host.addPf("0000:05:00.0");
    other.up = true;
    pf.name = "ens1";
    other.name = "ens2";
    var both =
        desired(
            """
            interfaces:
            - {pciAddress: '0000:04:00.0', name: ens1, numVfs: 2}
            - {pciAddress: '0000:05:00.0', name: ens2, numVfs: 3}
            """);
    configured(both);
    pf.name = "ens2";
    other.name = "ens1";
    assertThat(plan(both)).matches(NodePlan::isEmpty);
  }

  @Test
  void storesARecordAnewThatIsUnreadable() {
    configured(wanted("numVfs: 1"));
    host.corruptRecord(PF);
    assertThat(plan(wanted("numVfs: 1")).steps())
        .singleElement()
        .isInstanceOf(Step.SavePfRecord.class);
  }

  @Test
  @Spec(value = "03:C14", differs = "in sync means in sync, whatever the reason of the pass")
  void leavesTheKernelVfsOfAnExternallyManagedPfInSyncAlone() {
    host.writeNumVfs(pci(), 2);
    configured(wanted("numVfs: 2, externallyManaged: true, " + group("vfRange: 0-1")));
  }

  @Test
  @Spec("03:C22")
  void raisesAnMtuThatWasLoweredByHand() {
    var mtu = wanted("numVfs: 0, mtu: 9000");
    configured(mtu);
    pf.mtu = 1500;
    assertThat(changes(mtu)).containsExactly(new Step.SetPfMtu(pci(), 1500, 9000));
  }

  @Test
  @Spec("03:C24")
  void takesAbsentAndEmptyBridgesForTheSame() {
    assertThat(plan(desired("bridges: {ovs: []}")).isEmpty()).isTrue();
    assertThat(plan(desired("interfaces: []")).isEmpty()).isTrue();
  }

  @Test
  @Spec(value = "03:F37", differs = "a PF is known by its address, its name may change")
  void findsAPfThatWasRenamed() {
    var renamed = desired("interfaces: [{pciAddress: '" + PF + "', name: eth7, numVfs: 1}]");
    configured(renamed);
    assertThat(pf.vfs).hasSize(1);
  }

  @Test
  void takesNoNetdevForMissingThatWasSeen() {
    var one = wanted("numVfs: 1, " + group("vfRange: 0-0"));
    host.writeNumVfs(pci(), 1);
    assertThat(changes(one)).containsExactly(new Step.SetVfAdminMac(pci(), 0, false));
  }

  /** udev gives a VF its persistent address a moment after the daemon had read the random one. */
  @Test
  void enforcesTheAddressThatANetdevHasNotTheOneItHad() {
    var one = wanted("numVfs: 1, " + group("vfRange: 0-0"));
    configured(one);
    assertThat(changes(one)).isEmpty();

    host.setAdminMac(pci(), 0, "a2:3d:0b:9d:b3:2b");

    assertThat(changes(one)).containsExactly(new Step.SetVfAdminMac(pci(), 0, false));
  }
}
