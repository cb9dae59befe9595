package io.sriov.deviceplugin.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.deviceplugin.allocation.DeviceFiles;
import io.sriov.deviceplugin.allocation.DeviceFiles.Node;
import io.sriov.deviceplugin.allocation.DeviceFiles.RdmaNode;
import io.sriov.deviceplugin.config.ConfigDecoder;
import io.sriov.deviceplugin.pool.Facts;
import io.sriov.deviceplugin.pool.FactsWanted;
import io.sriov.deviceplugin.pool.Held;
import io.sriov.deviceplugin.pool.Netdev;
import io.sriov.deviceplugin.pool.PciFunction;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.deviceplugin.pool.Pools;
import io.sriov.deviceplugin.pool.VdpaDevice;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostFactsTest {

  private static final String PF = SysfsTree.PF;

  @TempDir Path root;
  private SysfsTree tree;
  private final FakeDrivers drivers = new FakeDrivers();
  private FactsWanted wanted = FactsWanted.NONE;

  @BeforeEach
  void tree() throws Exception {
    tree = new SysfsTree(root.resolve("sys"));
    Files.createDirectories(root.resolve("proc/net"));
    Files.createDirectories(root.resolve("dev"));
  }

  @Test
  @Spec("05:40")
  void readsAPfAndItsVfs() throws Exception {
    tree.pf();
    var vf = tree.boundVf(2);
    tree.text(PF + "/sriov_numvfs", "1");

    assertThat(at(PF))
        .satisfies(pf -> {
          assertThat(pf.vendor()).isEqualTo("8086");
          assertThat(pf.device()).isEqualTo("10c9");
          assertThat(pf.baseClass()).isEqualTo(2);
          assertThat(pf.driver()).contains("igb");
          assertThat(pf.vfIndexes()).isEqualTo(Map.of(vf, 2));
          assertThat(pf.netdevs())
              .containsExactly(new Netdev("ens1", OptionalInt.of(1), "", "", false));
          assertThat(pf.physfn()).isEmpty();
        });
    assertThat(at(vf))
        .satisfies(function -> {
          assertThat(function.physfn()).contains(PF);
          assertThat(function.driver()).contains("igbvf");
          assertThat(function.netdevs()).extracting(Netdev::name).containsExactly("ens1v2");
        });
  }

  @Test
  @Spec("05:26")
  @Spec("05:27")
  void skipsOneEntryItCannotReadAndOtherClasses() throws Exception {
    tree.pf();
    tree.function("0000:01:00.0", "pci:junk");
    tree.function("0000:02:00.0", "pci:v00008086d00001234sv00000000sd00000000bc01sc06i01");
    tree.function("0000:04:00.0", "pci:v00008086d00005678sv00000000sd00000000bc12sc00i00");
    tree.function("0000:05:00.0", "pci:v00008086d00005678sv00000000sd00000000bc02sc07i00");

    assertThat(facts().functions().keySet()).containsExactly(PF, "0000:04:00.0", "0000:05:00.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "0", "invalid content", ""})
  @Spec(
      value = "05:29",
      differs = "sriov_numvfs keeps its readers waiting while VFs are made: their links count")
  void countsVfsByTheirLinksWhateverTheNumberSays(String text) throws Exception {
    tree.pf();
    tree.delete(PF + "/sriov_numvfs");
    if (!text.isEmpty()) {
      tree.text(PF + "/sriov_numvfs", text);
    }
    assertThat(candidates()).containsExactly(PF);

    var vf = tree.boundVf(0);
    assertThat(at(PF).vfIndexes()).containsOnlyKeys(vf);
    assertThat(candidates()).containsExactly(vf);
  }

  private List<String> candidates() throws Exception {
    var pools =
        new ConfigDecoder("openshift.io")
            .decode("{\"resourceList\":[{\"resourceName\":\"all\",\"selectors\":{}}]}")
            .pools();
    return Pools.of(pools, facts(), Held.NONE).pools().getFirst().devices().stream()
        .map(PoolDevice::id)
        .toList();
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void doesNotWaitWithTheKernelForVfsThatAreBeingMade() throws Exception {
    tree.pf();
    tree.delete(PF + "/sriov_numvfs");
    var blocks = tree.root.resolve("bus/pci/devices").resolve(PF).resolve("sriov_numvfs");
    assertThat(new ProcessBuilder("mkfifo", blocks.toString()).start().waitFor()).isZero();

    assertThat(at(PF).vfIndexes()).isEmpty();
    var vf = tree.boundVf(0);
    assertThat(at(PF).vfIndexes()).containsOnlyKeys(vf);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "0,0", "-1,", "invalid content,"})
  @Spec("05:34")
  void readsTheNumaNode(String text, Integer node) throws Exception {
    tree.pf();
    tree.text(PF + "/numa_node", text);
    assertThat(at(PF).numaNode())
        .isEqualTo(node == null ? OptionalInt.empty() : OptionalInt.of(node));
  }

  @Test
  @Spec("05:33")
  void seesNoDriverWhereThereIsNoLink() throws Exception {
    tree.pf();
    tree.delete(PF + "/driver");
    assertThat(at(PF).driver()).isEmpty();
    tree.text(PF + "/driver", "igb");
    assertThat(at(PF).driver()).isEmpty();
  }

  @Test
  @Spec("05:36")
  void readsTheAcpiIndexWithoutItsNewline() throws Exception {
    tree.pf();
    assertThat(at(PF).acpiIndex()).isEmpty();
    tree.text(PF + "/acpi_index", "101");
    assertThat(at(PF).acpiIndex()).isEqualTo("101");
  }

  @Test
  void saysWhyAnAttributeCannotBeRead() throws Exception {
    tree.pf();
    Files.createDirectories(tree.root.resolve("bus/pci/devices/" + PF + "/acpi_index"));
    assertThat(at(PF).fault()).hasValueSatisfying(why -> assertThat(why).contains("acpi_index"));
  }

  @Test
  @Spec("05:31")
  void marksTheNetdevOfTheDefaultRoute() throws Exception {
    tree.pf();
    routes("ens1\t00000000\t0200000A\t0003\t0\t0\t0\t00000000\t0\t0\t0");
    assertThat(at(PF).netdevs().getFirst().defaultRoute()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ens1\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
        "ens1\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0",
        "other\t00000000\t0200000A\t0003\t0\t0\t0\t00000000\t0\t0\t0",
        "ens1"
      })
  @Spec("05:32")
  void leavesOtherRoutesAlone(String route) throws Exception {
    tree.pf();
    routes(route);
    assertThat(at(PF).netdevs().getFirst().defaultRoute()).isFalse();
  }

  @Test
  @Spec("05:32")
  void takesAnUnreadableRouteTableForNoDefaultRoute() throws Exception {
    tree.pf();
    assertThat(at(PF).netdevs().getFirst().defaultRoute()).isFalse();
  }

  @Test
  @Spec("05:37")
  void knowsSwitchdevModeByThePortsOfTheSwitch() throws Exception {
    tree.pf();
    assertThat(at(PF).switchdev()).isFalse();
    tree.text(PF + "/net/ens1/phys_switch_id", "e8ebd3");
    tree.text(PF + "/net/ens1/phys_port_name", "p0");
    assertThat(at(PF).switchdev()).isTrue();
    assertThat(at(PF).netdevs())
        .containsExactly(new Netdev("ens1", OptionalInt.of(1), "e8ebd3", "p0", false));
  }

  @Test
  void findsTheNetdevOfAVirtioFunctionOneLevelDeeper() throws Exception {
    tree.function("0000:06:00.0", "pci:v00001AF4d00001041sv00001AF4sd00001100bc02sc00i00");
    tree.text("0000:06:00.0/virtio3/net/ens6/type", "1");
    assertThat(at("0000:06:00.0").netdevs()).extracting(Netdev::name).containsExactly("ens6");
  }

  @Test
  @Spec("05:57")
  void readsRdmaDevicesAndTheDefaultPartitionKey() throws Exception {
    tree.pf();
    tree.text(PF + "/infiniband/mlx5_0/ports/1/pkeys/0", "0xffff");
    assertThat(at(PF).rdmaDevices()).containsExactly("mlx5_0");
    assertThat(at(PF).pKey()).isEqualTo("0xffff");
  }

  @Test
  @Spec("05:43")
  @Spec("05:44")
  void findsAuxiliaryDevicesOfAFunctionWithNetdev() throws Exception {
    tree.pf();
    tree.text(PF + "/mlx5_core.sf.4/sfnum", "88");
    tree.text(PF + "/mlx5_core.sf.4/net/ens1s88/type", "1");
    tree.text(PF + "/mlx5_core.eth.0/uevent", "");
    assertThat(at(PF).auxiliary())
        .extracting(aux -> aux.name(), aux -> aux.sfNumber(), aux -> aux.netdevs().size())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("mlx5_core.eth.0", OptionalInt.empty(), 0),
            org.assertj.core.groups.Tuple.tuple("mlx5_core.sf.4", OptionalInt.of(88), 1));
    tree.delete(PF + "/net");
    assertThat(at(PF).auxiliary()).isEmpty();
  }

  @Test
  @Spec("05:60")
  void findsTheVdpaDeviceOnTopOfAFunction() throws Exception {
    tree.pf();
    tree.text(PF + "/vdpa7/uevent", "");
    tree.link("/bus/vdpa/devices/vdpa7", "../../pci/devices/" + PF + "/vdpa7");
    tree.link(PF + "/vdpa7/driver", "../../../../vdpa/drivers/vhost_vdpa");
    assertThat(at(PF).vdpa()).contains(new VdpaDevice("vdpa7", "vhost"));
  }

  @Test
  @Spec("05:58")
  void asksTheDriverForRdmaWhereAPodMayHideIt() throws Exception {
    tree.pf();
    var vf = tree.boundVf(0);
    tree.text(vf + "/mlx5_core.sf.4/sfnum", "88");
    drivers.rdma.add(vf);
    drivers.rdma.add("mlx5_core.sf.4");
    assertThat(at(vf).rdmaEnabled()).isFalse();

    wanted = new FactsWanted(true, false);
    assertThat(at(vf).rdmaEnabled()).isTrue();
    assertThat(at(vf).auxiliary().getFirst().rdmaEnabled()).isTrue();
    drivers.rdma.clear();
    assertThat(at(vf).rdmaEnabled()).isFalse();
    assertThat(drivers.asked).doesNotContain(PF);
    assertThat(files(vf, "{\"isRdma\":true}")).isEmpty();
  }

  @Test
  @Spec("05:58")
  void givesNoRdmaNodesOfADeviceWhoseRdmaFilesAPodHas() throws Exception {
    tree.pf();
    var vf = tree.boundVf(0);
    drivers.rdma.add(vf);
    wanted = new FactsWanted(true, false);
    assertThat(files(vf, "{\"isRdma\":true}"))
        .hasValueSatisfying(files -> {
          assertThat(files.rdma()).isEmpty();
          assertThat(files.rdmaDevices()).isEmpty();
        });
  }

  @Test
  @Spec("05:55")
  void readsTheDdpProfileWhenASelectorComparesIt() throws Exception {
    tree.pf();
    var vf = tree.boundVf(0);
    drivers.profiles.put(vf, "GTP");
    assertThat(at(vf).ddpProfile()).isEmpty();
    wanted = new FactsWanted(false, true);
    assertThat(at(vf).ddpProfile()).isEqualTo("GTP");
  }

  @ParameterizedTest
  @CsvSource({"0,true", "1,false", "'',false"})
  void seesAPfThatIsUpAndHasNoCarrier(String carrier, boolean down) throws Exception {
    tree.pf();
    assertThat(at(PF).linkDown()).isFalse();
    tree.text(PF + "/net/ens1/carrier", carrier);
    assertThat(at(PF).linkDown()).isEqualTo(down);
    // In switchdev mode the representor of a VF without a pod has none either.
    tree.text(PF + "/net/aeth0/phys_port_name", "pf0vf0");
    tree.text(PF + "/net/aeth0/carrier", "0");
    assertThat(at(PF).linkDown()).isEqualTo(down);
  }

  @Test
  void seesAFunctionThatDoesNotAnswerOnTheBus() throws Exception {
    tree.pf();
    var vf = tree.boundVf(0);
    assertThat(at(vf).silent()).isFalse();
    // Vendor and device of a VF always read as ones.
    var config = tree.root.resolve("bus/pci/devices/" + vf + "/config");
    Files.write(config, new byte[] {-1, -1, -1, -1, 4, 0, 16, 0, 1});
    assertThat(at(vf).silent()).isFalse();
    Files.write(config, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1});
    assertThat(at(vf).silent()).isTrue();
    Files.write(config, new byte[] {-1, -1, -1, -1, -1});
    assertThat(at(vf).silent()).isFalse();
  }

  @Test
  void tellsThatAFunctionIsGone() throws Exception {
    tree.pf();
    assertThat(host().look(wanted).function("0000:99:00.0")).isEmpty();
  }

  @Test
  @Spec("05:64")
  @Spec("05:65")
  @Spec("05:66")
  void resolvesTheVfioGroup() throws Exception {
    tree.pf();
    tree.bind(PF, "vfio-pci");
    assertThat(files("{}").vfioGroup()).isEmpty();
    Files.createDirectories(tree.root.resolve("bus/pci/devices/" + PF + "/iommu_group"));
    assertThat(files("{}").vfioGroup()).isEmpty();
    tree.delete(PF + "/iommu_group");
    tree.text("/kernel/iommu_groups/0/type", "DMA");
    tree.link(PF + "/iommu_group", "../../../../kernel/iommu_groups/0");
    assertThat(files("{}").vfioGroup()).contains(new Node("/dev/vfio/0", "/dev/vfio/0"));
    tree.text("/kernel/iommu_groups/0/name", "vfio-noiommu");
    assertThat(files("{}").vfioGroup()).contains(new Node("/dev/vfio/noiommu-0", "/dev/vfio/0"));
  }

  @Test
  @Spec("05:68")
  @Spec("05:69")
  void findsTheUioNode() throws Exception {
    tree.pf();
    tree.bind(PF, "igb_uio");
    assertThat(files("{}").uio()).isEmpty();
    Files.createDirectories(tree.root.resolve("bus/pci/devices/" + PF + "/uio"));
    assertThat(files("{}").uio()).isEmpty();
    tree.text(PF + "/uio/uio1/name", "igb_uio");
    assertThat(files("{}").uio()).contains("/dev/uio1");
  }

  @Test
  @Spec("05:69")
  void takesAUioFileForNoNode() throws Exception {
    tree.pf();
    tree.bind(PF, "igb_uio");
    tree.text(PF + "/uio", "");
    assertThat(files("{}").uio()).isEmpty();
  }

  @Test
  @Spec("05:73")
  void findsTheCharacterDevicesOfAnRdmaDeviceInOrder() throws Exception {
    tree.pf();
    tree.text(PF + "/infiniband/mlx5_0/node_type", "1: CA");
    tree.text("/class/infiniband_verbs/uverbs0/ibdev", "mlx5_9");
    tree.text("/class/infiniband_verbs/uverbs1/ibdev", "mlx5_0");
    tree.text("/class/infiniband_mad/umad1/ibdev", "mlx5_0");
    tree.text("/class/infiniband_mad/issm1/ibdev", "mlx5_0");
    dev("infiniband/rdma_cm");
    assertThat(files("{\"isRdma\":true}"))
        .isEqualTo(
            new DeviceFiles(
                Optional.empty(),
                Optional.empty(),
                List.of(
                    new RdmaNode("issm", "/dev/infiniband/issm1"),
                    new RdmaNode("umad", "/dev/infiniband/umad1"),
                    new RdmaNode("uverbs", "/dev/infiniband/uverbs1"),
                    new RdmaNode("rdma_cm", "/dev/infiniband/rdma_cm")),
                List.of("mlx5_0"),
                false,
                Optional.empty()));
  }

  @Test
  @Spec("05:72")
  void offersVhostNetOnlyWhereItExists() throws Exception {
    tree.pf();
    assertThat(device("{\"needVhostNet\":true}").vhostNet()).isFalse();
    dev("vhost-net");
    assertThat(device("{\"needVhostNet\":true}").vhostNet()).isTrue();
    assertThat(files("{\"needVhostNet\":true}").vhostNet()).isFalse();
    dev("net/tun");
    assertThat(files("{\"needVhostNet\":true}").vhostNet()).isTrue();
  }

  @Test
  @Spec("05:93")
  void findsTheNodeOfAVhostVdpaDevice() throws Exception {
    tree.pf();
    tree.text(PF + "/vdpa7/vhost-vdpa-0/dev", "511:0");
    tree.link("/bus/vdpa/devices/vdpa7", "../../pci/devices/" + PF + "/vdpa7");
    tree.link(PF + "/vdpa7/driver", "../../../../vdpa/drivers/vhost_vdpa");
    assertThat(files("{\"vdpaType\":\"vhost\"}").vhostVdpa()).isEmpty();
    dev("vhost-vdpa-0");
    assertThat(files("{\"vdpaType\":\"vhost\"}").vhostVdpa()).contains("/dev/vhost-vdpa-0");
  }

  private HostFacts host() {
    return new HostFacts(new Sysfs(tree.root), root.resolve("proc"), root.resolve("dev"), drivers);
  }

  private Facts facts() throws Exception {
    return host().all(wanted, () -> {});
  }

  /** The same whether all are read or one. */
  private PciFunction at(String address) throws Exception {
    var function = facts().at(address).orElseThrow();
    assertThat(host().look(wanted).function(address)).contains(function);
    return function;
  }

  private PoolDevice device(String selector) throws Exception {
    var pools =
        new ConfigDecoder("openshift.io")
            .decode("{\"resourceList\":[{\"resourceName\":\"a\",\"selectors\":" + selector + "}]}")
            .pools();
    return Pools.of(pools, facts(), Held.NONE).pools().getFirst().devices().getFirst();
  }

  /** Absent for a VF that the selector does not keep. */
  private Optional<DeviceFiles> files(String vf, String selector) throws Exception {
    var pools =
        new ConfigDecoder("openshift.io")
            .decode("{\"resourceList\":[{\"resourceName\":\"a\",\"selectors\":" + selector + "}]}")
            .pools();
    return Pools.of(pools, facts(), Held.NONE)
        .pools()
        .getFirst()
        .device(vf)
        .map(new HostDeviceFiles(new Sysfs(tree.root), root.resolve("dev"))::of);
  }

  private DeviceFiles files(String selector) throws Exception {
    return new HostDeviceFiles(new Sysfs(tree.root), root.resolve("dev")).of(device(selector));
  }

  private void routes(String line) throws Exception {
    Files.writeString(
        root.resolve("proc/net/route"),
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
            + line
            + "\n");
  }

  private void dev(String node) throws Exception {
    var file = root.resolve("dev").resolve(node);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
  }
}
