package io.sriov.deviceplugin.pool;

import static io.sriov.deviceplugin.pool.Functions.ether;
import static io.sriov.deviceplugin.pool.Functions.function;
import static io.sriov.deviceplugin.pool.Functions.pfWithVfs;
import static io.sriov.deviceplugin.pool.Functions.vf;
import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.deviceplugin.config.ConfigDecoder;
import io.sriov.deviceplugin.config.ConfigException;
import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.testkit.Spec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PoolsTest {

  private static final String VF = "0000:03:10.0";

  @Test
  @Spec("05:26")
  void looksForNetDevicesAndAcceleratorsByBaseClass() {
    var facts =
        List.of(
            function("0000:01:00.0", f -> f.baseClass = 0x02),
            function("0000:02:00.0", f -> f.baseClass = 0x12),
            function("0000:03:00.0", f -> f.baseClass = 0x01));

    assertThat(ids("{'resourceName':'a','selectors':{}}", facts)).containsExactly("0000:01:00.0");
    assertThat(ids("{'resourceName':'a','deviceType':'accelerator','selectors':{}}", facts))
        .containsExactly("0000:02:00.0");
  }

  @Test
  @Spec("05:14")
  @Spec("05:29")
  void leavesOutAPfWithVfsButKeepsOneWithout() {
    var facts = new ArrayList<>(pfWithVfs("03", "ens1", 2));
    facts.addAll(pfWithVfs("04", "ens2", 0));

    assertThat(ids("{'resourceName':'a','selectors':{}}", facts))
        .containsExactly(vf("03", 0), vf("03", 1), "0000:04:00.0");
  }

  @Test
  @Spec("05:30")
  void selectsAVfWithoutPhysfnByAddressOnly() {
    var facts = List.of(function(VF, f -> {}));

    assertThat(ids(selecting("'pfNames':['ens1']"), facts)).isEmpty();
    assertThat(ids(selecting("'rootDevices':['0000:03:00.0']"), facts)).isEmpty();
    assertThat(ids(selecting("'pciAddresses':['%s']".formatted(VF)), facts)).containsExactly(VF);
  }

  @Test
  @Spec("05:31")
  void leavesOutTheInterfaceOfTheDefaultRoute() {
    var facts =
        List.of(function(VF, f -> f.netdevs.add(new Netdev("x", OptionalInt.of(1), "", "", true))));
    assertThat(pools("{'resourceName':'a','selectors':{}}", facts, Held.NONE))
        .satisfies(pools -> {
          assertThat(pools.pools().getFirst().devices()).isEmpty();
          assertThat(pools.notes()).singleElement().asString().contains(VF, "default route");
        });
  }

  @Test
  @Spec("05:33")
  void leavesOutADeviceWithoutDriverOrWithUnreadableAttributes() {
    var facts =
        List.of(
            function("0000:01:00.0", f -> f.driver = Optional.empty()),
            function("0000:02:00.0", f -> f.fault = Optional.of("acpi_index: EIO")));
    var pools = pools("{'resourceName':'a','selectors':{}}", facts, Held.NONE);
    assertThat(pools.pools().getFirst().devices()).isEmpty();
    assertThat(pools.notes())
        .containsExactly("0000:01:00.0: no driver is bound", "0000:02:00.0: acpi_index: EIO");
  }

  @Test
  @Spec("05:34")
  @Spec("05:35")
  void tellsTheNumaNodeUnlessExcluded() {
    var facts =
        List.of(
            function("0000:01:00.0", f -> f.numaNode = OptionalInt.of(0)),
            function("0000:02:00.0", f -> f.numaNode = OptionalInt.of(1)),
            function("0000:03:00.0", f -> {}));

    assertThat(devices("{'resourceName':'a','selectors':{}}", facts))
        .extracting(PoolDevice::numaNode)
        .containsExactly(OptionalInt.of(0), OptionalInt.of(1), OptionalInt.empty());
    assertThat(devices("{'resourceName':'a','excludeTopology':true,'selectors':{}}", facts))
        .extracting(PoolDevice::numaNode)
        .containsOnly(OptionalInt.empty());
  }

  @Test
  @Spec("05:36")
  void selectsByAcpiIndex() {
    var facts = List.of(function(VF, f -> f.acpiIndex = "101"));
    assertThat(ids(selecting("'acpiIndexes':['101']"), facts)).containsExactly(VF);
    assertThat(ids(selecting("'acpiIndexes':['102']"), facts)).isEmpty();
  }

  @Test
  @Spec("05:37")
  void namesThePfAfterItsUplinkInSwitchdevMode() {
    var facts =
        List.of(
            function(
                "0000:03:00.0",
                f -> {
                  f.switchdev = true;
                  f.vfIndexes.put(VF, 0);
                  f.netdevs.add(new Netdev("eth0", OptionalInt.of(1), "s1", "pf0vf0", false));
                  f.netdevs.add(new Netdev("ens1", OptionalInt.of(1), "s1", "p0", false));
                }),
            function(VF, f -> f.physfn = Optional.of("0000:03:00.0")));
    assertThat(ids(selecting("'pfNames':['ens1#0']"), facts)).containsExactly(VF);
    assertThat(ids(selecting("'pfNames':['eth0']"), facts)).isEmpty();
  }

  @Test
  @Spec("05:38")
  @Spec("05:40")
  void selectsVfsByPfNameAndIndex() {
    var facts = pfWithVfs("03", "ens1", 8);
    assertThat(ids(selecting("'pfNames':['ens1#2,5-9']"), facts))
        .containsExactly(vf("03", 2), vf("03", 5), vf("03", 6), vf("03", 7));
    assertThat(ids(selecting("'rootDevices':['0000:03:00.0#0']"), facts))
        .containsExactly(vf("03", 0));
  }

  @Test
  @Spec("05:39")
  void keepsAVfWhosePfHasNoNetdevWithoutPfName() {
    var facts =
        List.of(
            function("0000:03:00.0", f -> f.vfIndexes.put(VF, 0)),
            function(VF, f -> f.physfn = Optional.of("0000:03:00.0")));
    assertThat(ids("{'resourceName':'a','selectors':{}}", facts)).containsExactly(VF);
    assertThat(ids(selecting("'pfNames':['ens1']"), facts)).isEmpty();
    assertThat(ids(selecting("'rootDevices':['0000:03:00.0']"), facts)).containsExactly(VF);
  }

  @Test
  @Spec("05:40")
  void givesIndexMinusOneToAVfThatItsPfDoesNotLink() {
    var facts =
        List.of(
            function("0000:03:00.0", f -> f.netdevs.add(ether("ens1"))),
            function(VF, f -> f.physfn = Optional.of("0000:03:00.0")));
    assertThat(ids(selecting("'pfNames':['ens1']"), facts)).containsExactly(VF);
    assertThat(ids(selecting("'pfNames':['ens1#0-255']"), facts)).isEmpty();
  }

  @Test
  @Spec("05:41")
  @Spec("05:42")
  void takesTheLinkTypeOfTheOwnNetdevElseOfThePf() {
    var inPod = new ArrayList<>(pfWithVfs("03", "ens1", 1));
    inPod.set(1, function(VF, f -> f.physfn = Optional.of("0000:03:00.0")));
    assertThat(ids(selecting("'linkTypes':['ether']"), inPod)).containsExactly(VF);

    var both = new ArrayList<>(pfWithVfs("03", "ens1", 1));
    both.set(
        1,
        function(
            VF,
            f -> {
              f.physfn = Optional.of("0000:03:00.0");
              f.netdevs.add(new Netdev("ib0", OptionalInt.of(32), "", "", false));
            }));
    assertThat(ids(selecting("'linkTypes':['infiniband']"), both)).containsExactly(VF);
    assertThat(ids(selecting("'linkTypes':['ether']"), both)).isEmpty();

    var alone = List.of(function(VF, f -> {}));
    assertThat(ids(selecting("'linkTypes':['ether']"), alone)).isEmpty();
    assertThat(ids("{'resourceName':'a','selectors':{}}", alone)).containsExactly(VF);

    var unreadable =
        List.of(
            function(VF, f -> f.netdevs.add(new Netdev("x", OptionalInt.empty(), "", "", false))));
    assertThat(ids("{'resourceName':'a','selectors':{}}", unreadable)).isEmpty();
  }

  @Test
  @Spec("05:25")
  void keepsDevicesOfBothLinkTypes() {
    var facts =
        List.of(
            function("0000:01:00.0", f -> f.netdevs.add(ether("a"))),
            function(
                "0000:02:00.0",
                f -> f.netdevs.add(new Netdev("b", OptionalInt.of(32), "", "", false))),
            function(
                "0000:03:00.0",
                f -> f.netdevs.add(new Netdev("c", OptionalInt.of(772), "", "", false))));
    assertThat(ids(selecting("'linkTypes':['ether','infiniband']"), facts)).hasSize(2);
  }

  @Test
  @Spec("05:43")
  @Spec("05:44")
  @Spec("05:45")
  void selectsScalableFunctionsOfAPf() {
    var facts =
        List.of(
            sfParent(f -> {
              f.auxiliary.add(sf("mlx5_core.sf.4", 88));
              f.auxiliary.add(sf("mlx5_core.sf.5", 89));
              f.auxiliary.add(
                  new AuxDevice(
                      "mlx5_core.eth.0", OptionalInt.empty(), List.of(), List.of(), false));
            }));
    assertThat(ids(aux("'pfNames':['ens1#88']"), facts)).containsExactly("mlx5_core.sf.4");
    assertThat(ids(aux("'rootDevices':['0000:03:00.0']"), facts))
        .containsExactly("mlx5_core.sf.4", "mlx5_core.sf.5");
    assertThat(ids(aux("'vendors':['8086'],'drivers':['igbvf']"), facts)).hasSize(2);

    // No uplink among its netdevs: the first one names the PF.
    var noUplink =
        List.of(
            function(
                "0000:03:00.0",
                f -> {
                  f.netdevs.add(new Netdev("ens1", OptionalInt.of(1), "", "", false));
                  f.auxiliary.add(sf("mlx5_core.sf.4", 88));
                }));
    assertThat(ids(aux("'pfNames':['ens1#88']"), noUplink)).containsExactly("mlx5_core.sf.4");
    assertThat(ids(aux("'linkTypes':['ether']"), noUplink)).containsExactly("mlx5_core.sf.4");

    var withoutNetdev =
        List.of(function("0000:03:00.0", f -> f.auxiliary.add(sf("mlx5_core.sf.4", 88))));
    assertThat(ids(aux("'devices':[]"), withoutNetdev)).isEmpty();
    assertThat(AuxDevice.isName("mlx5_core.sf.4")).isTrue();
    assertThat(AuxDevice.isName("0000:12:34.0")).isFalse();
    assertThat(AuxDevice.isName("driver.type.id")).isFalse();
    assertThat(AuxDevice.isName("driver.type.-4")).isFalse();
  }

  @Test
  @Spec("05:46")
  void comparesVendorsInTheirCase() {
    var facts = List.of(function(VF, f -> f.vendor = "15b3"));
    assertThat(ids(selecting("'vendors':['15B3']"), facts)).isEmpty();
    assertThat(ids(selecting("'vendors':['15b3']"), facts)).containsExactly(VF);
  }

  @Test
  @Spec("05:57")
  void comparesPartitionKeysOnInfinibandOnly() {
    Consumer<Functions> key = f -> f.pKey = "0xffff";
    var ether = List.of(function(VF, key.andThen(f -> f.netdevs.add(ether("x")))));
    var infiniband =
        List.of(
            function(
                VF,
                key.andThen(
                    f -> f.netdevs.add(new Netdev("x", OptionalInt.of(32), "", "", false)))));
    assertThat(ids(selecting("'pKeys':['0xffff']"), ether)).isEmpty();
    assertThat(ids(selecting("'pKeys':['0xffff']"), infiniband)).containsExactly(VF);
    assertThat(ids(selecting("'pKeys':['']"), ether)).isEmpty();
  }

  @Test
  @Spec("05:55")
  void comparesDdpProfilesThatAreKnown() {
    var gtp = List.of(function(VF, f -> f.ddpProfile = "GTP"));
    assertThat(ids(selecting("'ddpProfiles':['PPP','GTP']"), gtp)).containsExactly(VF);
    assertThat(ids(selecting("'ddpProfiles':['PPP']"), gtp)).isEmpty();
    assertThat(ids(selecting("'ddpProfiles':['']"), List.of(function(VF, f -> {})))).isEmpty();
  }

  @Test
  void wantsOnlyTheFactsThatASelectorCompares() throws Exception {
    assertThat(FactsWanted.of(configs("{'resourceName':'a','selectors':{}}")))
        .isEqualTo(FactsWanted.NONE);
    assertThat(FactsWanted.of(configs("{'resourceName':'a','selectors':[{},{'isRdma':true}]}")))
        .isEqualTo(new FactsWanted(true, false));
    assertThat(FactsWanted.of(configs(selecting("'ddpProfiles':['GTP']"))))
        .isEqualTo(new FactsWanted(false, true));
  }

  @Test
  @Spec("05:59")
  void keepsOnlyRdmaCapableDevicesForRdma() {
    var facts =
        List.of(
            function("0000:01:00.0", f -> f.rdmaDevices.add("mlx5_0")),
            function("0000:02:00.0", f -> f.rdmaEnabled = true),
            function("0000:03:00.0", f -> {}));
    assertThat(devices(selecting("'isRdma':true"), facts))
        .extracting(PoolDevice::id, PoolDevice::rdma)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("0000:01:00.0", true),
            org.assertj.core.groups.Tuple.tuple("0000:02:00.0", true));
  }

  @Test
  @Spec("05:60")
  @Spec("05:24")
  void keepsOnlyDevicesOfTheVdpaType() {
    var facts =
        List.of(
            function(
                VF,
                f ->
                    f.vdpa =
                        Optional.of(new VdpaDevice("vdpa0", VdpaDevice.typeOf("virtio_vdpa")))));
    assertThat(ids(selecting("'vdpaType':'vhost'"), facts)).isEmpty();
    assertThat(ids(selecting("'vdpaType':'bogus'"), facts)).isEmpty();
    assertThat(ids(selecting("'vdpaType':'virtio'"), facts)).containsExactly(VF);
  }

  @Test
  @Spec("05:61")
  @Spec("05:63")
  @Spec("05:74")
  void letsTheFirstSelectorOwnADevice() {
    var facts =
        List.of(
            function("0000:01:00.0", f -> f.rdmaDevices.add("mlx5_0")),
            function("0000:02:00.0", f -> f.rdmaDevices.add("mlx5_1")));
    assertThat(
            devices(
                "{'resourceName':'a','selectors':[{'isRdma':true,'pciAddresses':['0000:02:00.0']},{}]}",
                facts))
        .extracting(PoolDevice::id, PoolDevice::rdma)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("0000:02:00.0", true),
            org.assertj.core.groups.Tuple.tuple("0000:01:00.0", false));
  }

  @Test
  @Spec("05:62")
  void letsTheFirstPoolOwnADevice() {
    assertThat(
            pools(
                    "{'resourceName':'a','selectors':{}},{'resourceName':'b','selectors':{}}",
                    pfWithVfs("03", "ens1", 2),
                    Held.NONE)
                .pools())
        .extracting(pool -> pool.devices().size())
        .containsExactly(2, 0);
  }

  @Test
  void remembersWhatAPodsNamespaceHides() {
    var before =
        Facts.of(
            List.of(
                function(
                    VF,
                    f -> {
                      f.netdevs.add(new Netdev("ib0", OptionalInt.of(32), "", "", false));
                      f.rdmaDevices.add("mlx5_1");
                      f.pKey = "0x7fff";
                    })),
            false);
    var inPod = Facts.of(List.of(function(VF, f -> {})), false).remembering(before);
    var config = "{'resourceName':'a','selectors':{'isRdma':true,'pKeys':['0x7fff']}}";

    assertThat(Pools.of(configs(config), before, Held.NONE))
        .isEqualTo(Pools.of(configs(config), inPod, Held.NONE));

    var rebound =
        before.with(VF, Optional.of(function(VF, f -> f.driver = Optional.of("vfio-pci"))));
    assertThat(Pools.of(configs(config), rebound, Held.NONE).pools().getFirst().devices())
        .isEmpty();
  }

  @Test
  void keepsAHeldDeviceInItsPoolUntilThePodEnds() {
    var facts = pfWithVfs("03", "ens1", 2);
    var config =
        """
        {'resourceName':'a','selectors':{'pfNames':['ens1#1']}},
        {'resourceName':'b','selectors':{'pfNames':['ens1#0']}}
        """;
    var held = held(VF, "openshift.io/a");

    var pools = pools(config, facts, held);
    assertThat(pools.pools().get(0).devices())
        .extracting(PoolDevice::id)
        .containsExactly(vf("03", 1), VF);
    assertThat(pools.pools().get(0).devices()).allMatch(device -> device.unhealthy().isEmpty());
    assertThat(pools.pools().get(1).devices()).isEmpty();
    assertThat(pools.dependOnPods()).isTrue();
    assertThat(pools.notes()).anyMatch(note -> note.contains("default/p") && note.contains(VF));

    assertThat(pools(config, facts, Held.NONE).pools().get(1).devices()).hasSize(1);
    assertThat(pools(config, facts, Held.NONE).dependOnPods()).isFalse();
  }

  @Test
  void showsADeviceAsUnhealthyWhileAPodHoldsItUnderANameThatIsGone() {
    var pools =
        pools(
            "{'resourceName':'b','selectors':{}}",
            pfWithVfs("03", "ens1", 1),
            held(VF, "openshift.io/a"));
    assertThat(pools.pools().getFirst().devices())
        .singleElement()
        .satisfies(device ->
            assertThat(device.unhealthy()).contains("pod default/p holds it as openshift.io/a"));
  }

  @Test
  void showsADeviceThatVanishedUnderAPodAsUnhealthyAndDropsOneThatNobodyHolds() {
    var config = "{'resourceName':'a','selectors':{'pfNames':['ens1']}}";
    var devices =
        pools(config, pfWithVfs("03", "ens1", 0), held(VF, "openshift.io/a"))
            .pools()
            .getFirst()
            .devices();
    assertThat(devices)
        .singleElement()
        .satisfies(device -> {
          assertThat(device.id()).isEqualTo(VF);
          assertThat(device.unhealthy()).isPresent();
        });
    assertThat(ids(config, pfWithVfs("03", "ens1", 0))).isEmpty();
  }

  @Test
  void saysWhyADeviceInTroubleMustNotBeGivenAway() {
    var config = selecting("'pfNames':['ens1']");
    var pf = "0000:03:00.0";
    var facts = pfWithVfs("03", "ens1", 2);
    assertThat(unhealthy(config, facts, Health.GOOD)).isEmpty();
    assertThat(unhealthy(config, facts, new Health(Set.of(), Set.of(pf))))
        .containsExactly("its PF 0000:03:00.0 has no link", "its PF 0000:03:00.0 has no link");
    assertThat(unhealthy(config, facts, new Health(Set.of(vf("03", 1)), Set.of())))
        .containsExactly("has PCI errors that the kernel could not recover from");
    assertThat(unhealthy(config, facts, new Health(Set.of(pf), Set.of())))
        .hasSize(2)
        .allMatch(why -> why.startsWith("its PF 0000:03:00.0 has PCI errors"));

    var silent = new ArrayList<>(facts);
    silent.set(
        1,
        function(
            vf("03", 0),
            f -> {
              f.physfn = Optional.of(pf);
              f.silent = true;
            }));
    assertThat(unhealthy(config, silent, Health.GOOD))
        .containsExactly("does not answer on the PCI bus");
  }

  private static List<String> unhealthy(String pool, Collection<PciFunction> facts, Health health) {
    return Pools.of(configs(pool), Facts.of(facts, true), Held.NONE, health)
        .pools()
        .getFirst()
        .devices()
        .stream()
        .flatMap(device -> device.unhealthy().stream())
        .toList();
  }

  private static Held held(String id, String resource) {
    return new Held(Map.of(id, new Held.Holder(resource, "default/p")));
  }

  private static PciFunction sfParent(Consumer<Functions> with) {
    return function(
        "0000:03:00.0",
        f -> {
          f.netdevs.add(new Netdev("ens1", OptionalInt.of(1), "s1", "p0", false));
          with.accept(f);
        });
  }

  private static AuxDevice sf(String name, int number) {
    return new AuxDevice(name, OptionalInt.of(number), List.of(), List.of(), false);
  }

  private static String selecting(String keys) {
    return "{'resourceName':'a','selectors':{" + keys + "}}";
  }

  private static String aux(String keys) {
    return "{'resourceName':'a','deviceType':'auxNetDevice','selectors':{'auxTypes':['sf'],"
        + keys
        + "}}";
  }

  private static List<String> ids(String pools, Collection<PciFunction> facts) {
    return devices(pools, facts).stream().map(PoolDevice::id).toList();
  }

  private static List<PoolDevice> devices(String pools, Collection<PciFunction> facts) {
    return pools(pools, facts, Held.NONE).pools().getFirst().devices();
  }

  private static Pools pools(String pools, Collection<PciFunction> facts, Held held) {
    return Pools.of(configs(pools), Facts.of(facts, true), held);
  }

  private static List<PoolConfig> configs(String pools) {
    try {
      return new ConfigDecoder("openshift.io")
          .decode("{\"resourceList\":[" + pools.replace('\'', '"') + "]}")
          .pools();
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
  }
}
