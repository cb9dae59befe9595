package io.sriov.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.EswitchMode;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.plan.node.Inventory;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfSettings;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InventoryReaderTest {

  private static final String PF = "0000:04:00.0";
  private static final String MAC = "52:54:00:00:00:01";
  private static final List<SupportedNic> IGB = List.of(new SupportedNic("8086", "10c9", "10ca"));

  @TempDir Path folder;
  private SysfsTree tree;
  private final FakeSwitches switches = new FakeSwitches();
  private final Map<PciAddress, String> hanging = new HashMap<>();

  private final InventoryReader.Experience experience =
      new InventoryReader.Experience() {
        @Override
        public boolean refusesAdminMacs(PciAddress pf) {
          return false;
        }

        @Override
        public Optional<String> hanging(PciAddress pf) {
          return Optional.ofNullable(hanging.get(pf));
        }
      };

  /** What devlink and ethtool answer. */
  private static final class FakeSwitches implements InventoryReader.Switches {

    @FunctionalInterface
    interface Answer<T> {
      Optional<T> get() throws LinuxException;
    }

    Answer<Boolean> known = () -> Optional.of(mode() != null);
    Answer<EswitchMode> mode;
    Answer<String> steering = Optional::empty;
    Answer<Boolean> tcOffload = Optional::empty;

    private Answer<EswitchMode> mode() {
      return mode;
    }

    @Override
    public boolean known(PciAddress pf) throws LinuxException {
      return known.get().orElseThrow();
    }

    @Override
    public Optional<EswitchMode> mode(PciAddress pf) throws LinuxException {
      return mode.get();
    }

    @Override
    public Optional<String> flowSteering(PciAddress pf) throws LinuxException {
      return steering.get();
    }

    @Override
    public Optional<Boolean> tcOffload(String netdev) throws LinuxException {
      return tcOffload.get();
    }
  }

  @BeforeEach
  void tree() throws IOException {
    tree = new SysfsTree(folder.resolve("sys"));
  }

  private void igb() throws IOException {
    tree.nic(PF, "8086", "10c9", "igb");
    tree.netdev(PF, "net", SysfsTree.link("ens1", MAC));
  }

  private Inventory read(boolean anyModel) throws IOException {
    return read(anyModel, () -> tree.links);
  }

  private Inventory read(boolean anyModel, InventoryReader.Links links) throws IOException {
    return reader(anyModel, links).read();
  }

  private InventoryReader reader(boolean anyModel, InventoryReader.Links links) {
    var paths = new HostPaths(folder.resolve("host"), tree.sys, folder.resolve("tmp"));
    return new InventoryReader(
        new Sysfs(tree.sys),
        new StoredFiles(paths),
        links,
        switches,
        () -> IGB,
        anyModel,
        experience);
  }

  private Pf pf() throws IOException {
    return read(false).pfs().getFirst();
  }

  @Test
  @Spec("03:D2")
  void listsUnsupportedModelsOnlyOnRequest() throws IOException {
    igb();
    tree.nic("0000:05:00.0", "1af4", "1041", "virtio-pci");
    tree.netdev("0000:05:00.0", "virtio3/net", SysfsTree.link("ens2", MAC));
    assertThat(read(false).pfs()).extracting(Pf::name).containsExactly("ens1");
    assertThat(read(true).pfs()).extracting(Pf::name).containsExactly("ens1", "ens2");
  }

  /** Left out of the status, the PF would lose its VFs in the next pass. */
  @Test
  void findsAPfThatIsRenamedWhileItIsRead() throws IOException {
    igb();
    var dumps = new java.util.concurrent.atomic.AtomicInteger();
    var before = List.of(SysfsTree.link("eth0", MAC));

    var inventory = read(false, () -> dumps.getAndIncrement() == 0 ? before : tree.links);

    assertThat(inventory.pfs()).extracting(Pf::name).containsExactly("ens1");
    assertThat(dumps).hasValue(2);
  }

  @Test
  void leavesOutWhatIsNoNetworkCard() throws IOException {
    igb();
    tree.nic("0000:06:00.0", "8086", "10c9", "igb");
    SysfsTree.write(tree.device("0000:06:00.0").resolve("class"), "0x110000");
    tree.netdev("0000:06:00.0", "net", SysfsTree.link("ens3", MAC));
    assertThat(read(false).pfs()).hasSize(1);
  }

  /** What was no network card is not asked again, but what came in its place is. */
  @Test
  void seesACardWhereAnotherDeviceWas() throws IOException {
    igb();
    String slot = "0000:06:00.0";
    SysfsTree.write(tree.device(slot).resolve("class"), "0x010802");
    InventoryReader reader = reader(false, () -> tree.links);
    assertThat(reader.read().pfs()).hasSize(1);
    // A device that stays cannot become something else: its class is not read again.
    tree.nic(slot, "8086", "10c9", "igb");
    tree.netdev(slot, "net", SysfsTree.link("ens2", MAC));
    assertThat(reader.read().pfs()).hasSize(1);

    Files.move(tree.device(slot), folder.resolve("taken out"));
    tree.nic(slot, "8086", "10c9", "igb");
    tree.netdev(slot, "net", SysfsTree.link("ens3", MAC));

    assertThat(reader.read().pfs()).extracting(Pf::name).containsExactly("ens1", "ens3");
  }

  @Test
  @Spec("03:D3")
  @Spec("03:D4")
  void leavesOutPfsWithoutDriverOrNetdev() throws IOException {
    igb();
    tree.nic("0000:05:00.0", "8086", "10c9", null);
    tree.netdev("0000:05:00.0", "net", SysfsTree.link("ens2", MAC));
    tree.nic("0000:06:00.0", "8086", "10c9", "vfio-pci");
    assertThat(read(false).pfs()).extracting(Pf::name).containsExactly("ens1");
  }

  @Test
  @Spec("03:D5")
  void takesTheUplinkAmongRepresentors() throws IOException {
    tree.nic(PF, "8086", "10c9", "igb");
    port("aaa", "pf0vf1");
    port("enp216s0f0np0", "p0");
    port("eth0", "pf0vf0");
    assertThat(pf().name()).isEqualTo("enp216s0f0np0");
  }

  @Test
  @Spec("03:D6")
  void takesASwitchPortWithoutPortNameForTheUplink() throws IOException {
    tree.nic(PF, "8086", "10c9", "igb");
    port("aaa", "pf0vf1");
    tree.netdev(
        PF, "net", SysfsTree.link("eth0", MAC, Optional.of("7cfe90"), Optional.empty(), List.of()));
    assertThat(pf().name()).isEqualTo("eth0");
  }

  private void port(String name, String portName) throws IOException {
    Link link = SysfsTree.link(name, MAC, Optional.of("7cfe90"), Optional.of(portName), List.of());
    tree.netdev(PF, "net", link);
  }

  @Test
  @Spec("03:D7")
  void showsTheSpeedAsTheDriverPrintsIt() throws IOException {
    igb();
    assertThat(pf().linkSpeed()).isNull();
    tree.speed("ens1", "1000");
    assertThat(pf().linkSpeed()).isEqualTo("1000 Mb/s");
    tree.speed("ens1", "-1");
    assertThat(pf().linkSpeed()).isEqualTo("-1 Mb/s");
  }

  @Test
  @Spec("03:D9")
  void listsACardWithoutSriov() throws IOException {
    igb();
    assertThat(pf().sriov()).isNull();
    assertThat(pf().vfs()).isEmpty();
  }

  @Test
  @Spec("03:D11")
  @Spec("03:D12")
  void listsVfsWithoutDriverOrNetdev() throws IOException {
    igb();
    tree.sriov(PF, 7, 2);
    tree.vf(PF, 0, "0000:04:10.0");
    tree.vf(PF, 1, "0000:04:10.2");
    tree.driver("0000:04:10.2", "igbvf");
    assertThat(pf().vfs())
        .extracting(Vf::driver, Vf::name, Vf::mac, Vf::mtu)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(null, null, null, 0),
            org.assertj.core.groups.Tuple.tuple("igbvf", null, null, 0));
  }

  @Test
  @Spec("03:D13")
  @Spec("03:D14")
  void printsTheGuidOfTheOnlyRdmaDeviceLeastSignificantByteFirst() throws IOException {
    igb();
    tree.sriov(PF, 7, 1);
    tree.vf(PF, 0, "0000:04:10.0");
    assertThat(pf().vfs().getFirst().guid()).isNull();
    Files.createDirectories(tree.sys.resolve("class/infiniband"));
    Path rdma = tree.device("0000:04:10.0").resolve("infiniband");
    SysfsTree.write(rdma.resolve("mlx5_1/node_guid"), "0011:2233:4455:6677");
    assertThat(pf().vfs().getFirst().guid()).isEqualTo("77:66:55:44:33:22:11:00");
    Files.createDirectories(rdma.resolve("mlx5_2"));
    assertThat(pf().vfs().getFirst().guid()).isNull();
  }

  @Test
  @Spec("03:D15")
  void listsVfsInTheOrderOfTheirLinks() throws IOException {
    igb();
    tree.sriov(PF, 16, 12);
    for (int i = 0; i < 12; i++) {
      tree.vf(PF, i, "0000:04:1%d.%d".formatted(i / 8, i % 8));
    }
    assertThat(pf().vfs()).extracting(Vf::id).containsExactly(0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(pf().vfs().get(2).pci()).isEqualTo(new PciAddress("0000:04:11.2"));
  }

  @Test
  @Spec("03:D17")
  void takesExternallyManagedFromTheStoredRecord() throws IOException {
    igb();
    SysfsTree.write(
        folder.resolve("host/etc/sriov-operator/pci/" + PF),
        "{\"pciAddress\":\"" + PF + "\",\"externallyManaged\":true,\"later\":1}");
    assertThat(read(false).externallyManaged(new PciAddress(PF))).isTrue();
  }

  @Test
  @Spec("03:D18")
  void keepsAPfWhoseRecordIsGarbage() throws IOException {
    igb();
    SysfsTree.write(folder.resolve("host/etc/sriov-operator/pci/" + PF), "garbage");
    Inventory inventory = read(false);
    assertThat(inventory.pfs()).hasSize(1);
    assertThat(inventory.externallyManaged(new PciAddress(PF))).isFalse();
    assertThat(inventory.records().getFirst().error()).contains("not the JSON of a PF");
  }

  @Test
  @Spec("03:D20")
  void takesAnEmptyBusForAnError() {
    assertThatThrownBy(() -> read(false)).hasMessageContaining("no PCI devices");
  }

  @Test
  @Spec(value = "03:D21", differs = "only the odd device is left out")
  void leavesOutAnOddDeviceAlone() throws IOException {
    igb();
    tree.nic("0000:00:01.0", "8086", "10c9", "igb");
    SysfsTree.write(tree.device("0000:00:01.0").resolve("class"), "pci:v0000");
    assertThat(read(false).pfs()).hasSize(1);
  }

  @Test
  @Spec("03:D22")
  @Spec("03:B10")
  void namesTheVdpaTypeByItsDriver() throws IOException {
    igb();
    tree.sriov(PF, 7, 1);
    tree.vf(PF, 0, "0000:04:10.0");
    assertThat(pf().vfs().getFirst().vdpaType()).isNull();
    Path vdpa = tree.sys.resolve("bus/vdpa/devices/vdpa:0000:04:10.0");
    Files.createDirectories(vdpa);
    for (var expected :
        java.util.Map.of("vhost_vdpa", "vhost", "virtio_vdpa", "virtio", "something", "")
            .entrySet()) {
      Files.deleteIfExists(vdpa.resolve("driver"));
      Files.createSymbolicLink(vdpa.resolve("driver"), tree.sys.resolve(expected.getKey()));
      String type = pf().vfs().getFirst().vdpaType();
      assertThat(type == null ? "" : type).isEqualTo(expected.getValue());
    }
  }

  @Test
  void readsWhatTheKernelSaysOfAPfAndItsVfs() throws IOException {
    tree.nic(PF, "8086", "10c9", "igb");
    tree.netdev(
        PF,
        "net",
        SysfsTree.link(
            "ens1",
            MAC,
            Optional.empty(),
            Optional.empty(),
            List.of(SysfsTree.vfInfo(0, "00:00:00:00:00:00"))));
    tree.sriov(PF, 7, 1);
    tree.vf(PF, 0, "0000:04:10.0");
    tree.nic("0000:04:10.0", "8086", "10ca", "igbvf");
    tree.netdev("0000:04:10.0", "net", SysfsTree.link("ens1v0", "02:00:00:00:00:02"));
    SysfsTree.write(tree.device("0000:04:10.0").resolve("driver_override"), "(null)");
    Files.createSymbolicLink(
        tree.device(PF).resolve("iommu_group"), tree.sys.resolve("kernel/iommu_groups/7"));

    Pf pf = pf();
    assertThat(pf)
        .isEqualTo(
            new Pf(
                new PciAddress(PF),
                "ens1",
                List.of("alt-ens1"),
                "8086",
                "10c9",
                "igb",
                MAC,
                1500,
                9216,
                "ETH",
                null,
                "up",
                true,
                new Inventory.Sriov(7, 1, "legacy", true, "10ca", null),
                List.of(
                    new Vf(
                        new PciAddress("0000:04:10.0"),
                        0,
                        "igbvf",
                        null,
                        "ens1v0",
                        "02:00:00:00:00:02",
                        1500,
                        "00:00:00:00:00:00",
                        "8086",
                        "10ca",
                        null,
                        null,
                        null,
                        new VfSettings(0, 0, null, null, "auto", 0, 0))),
                null));
  }

  @Test
  @Spec("03:D1")
  void namesRepresentorsInSwitchdevMode() throws IOException {
    switches.mode = () -> Optional.of(EswitchMode.SWITCHDEV);
    tree.nic(PF, "8086", "10c9", "igb");
    port("enp216s0f0np0", "p0");
    port("eth0", "pf0vf0");
    tree.speed("enp216s0f0np0", "100000");
    tree.sriov(PF, 7, 1);
    tree.vf(PF, 0, "0000:04:10.0");
    tree.nic("0000:04:10.0", "8086", "10ca", "igbvf");
    assertThat(pf().sriov().eswitchMode()).isEqualTo("switchdev");
    assertThat(pf().linkSpeed()).isEqualTo("100000 Mb/s");
    assertThat(pf().vfs().getFirst().representorName()).isEqualTo("eth0");
    assertThat(pf().vfs().getFirst().deviceId()).isEqualTo("10ca");
  }

  @Test
  @Spec("03:D8")
  void takesAModeThatDevlinkDoesNotTellForLegacy() throws IOException {
    igb();
    tree.sriov(PF, 7, 0);
    assertThat(pf().sriov().eswitch()).isNull();
    assertThat(pf().sriov().eswitchMode()).isEqualTo("legacy");

    switches.known = () -> Optional.of(true);
    switches.mode = Optional::empty;
    assertThat(pf().sriov().eswitchMode()).isEqualTo("legacy");
    for (Errno errno : List.of(Errno.ENODEV, Errno.EIO)) {
      switches.mode =
          () -> {
            throw new LinuxException(errno, "DEVLINK_CMD_ESWITCH_GET");
          };
      assertThat(pf().sriov().eswitchMode()).isEqualTo("legacy");
    }
    switches.known =
        () -> {
          throw new LinuxException(Errno.EIO, "DEVLINK_CMD_GET");
        };
    assertThat(pf().sriov().eswitchMode()).isEqualTo("legacy");
  }

  @Test
  void readsWhatASwitchNeeds() throws IOException {
    tree.nic(PF, "8086", "10c9", "igb");
    port("enp216s0f0np0", "p0");
    tree.sriov(PF, 7, 0);
    switches.mode = () -> Optional.of(EswitchMode.SWITCHDEV);
    switches.steering = () -> Optional.of("dmfs");
    switches.tcOffload = () -> Optional.of(false);
    assertThat(pf().sriov().eswitch())
        .isEqualTo(new Inventory.Eswitch(false, "dmfs", "p0", "7cfe90"));
    switches.steering = () -> Optional.of("");
    assertThat(pf().sriov().eswitch().flowSteering()).isNull();
  }

  @Test
  @Spec(
      value = "03:D10",
      differs = "nobody waits: the event of the driver's binding lets the facts be read again")
  void showsADriverAsSoonAsItIsBound() throws IOException {
    igb();
    tree.sriov(PF, 7, 1);
    tree.vf(PF, 0, "0000:04:10.0");
    assertThat(pf().vfs().getFirst().driver()).isNull();
    tree.driver("0000:04:10.0", "igbvf");
    assertThat(pf().vfs().getFirst().driver()).isEqualTo("igbvf");
    assertThat(KernelFeedTest.bindingIsHeard()).isTrue();
  }

  @Test
  @Spec(value = "03:D16", differs = "a VF whose link is gone is none of the VFs any more")
  void leavesOutAVfWhoseLinkIsGone() throws IOException {
    igb();
    tree.sriov(PF, 7, 2);
    tree.vf(PF, 0, "0000:04:10.0");
    SysfsTree.write(tree.device(PF).resolve("virtfn1"), "no link");
    assertThat(pf().vfs()).extracting(Vf::id).containsExactly(0);
  }

  @Test
  @Spec(
      value = "03:D19",
      differs = "alternative names come with the link itself, no query of theirs can fail alone")
  void listsAPfWithoutAlternativeNames() throws IOException {
    tree.nic(PF, "8086", "10c9", "igb");
    tree.netdev(PF, "net", SysfsTree.link("eth0", MAC));
    assertThat(pf().altNames()).isEmpty();
    assertThat(read(false).toJson()).contains("\"eth0\"").doesNotContain("altNames");
  }

  @Test
  @Spec("03:D23")
  void knowsNoVdpaTypeWithoutVdpaInTheKernel() throws IOException {
    igb();
    tree.sriov(PF, 7, 1);
    tree.vf(PF, 0, "0000:04:10.0");
    assertThat(tree.sys.resolve("bus/vdpa")).doesNotExist();
    assertThat(pf().vfs()).singleElement().extracting(Vf::vdpaType).isNull();
  }

  @Test
  @Spec(
      value = "03:D24",
      differs = "a kernel without RDMA has no rdmaMode; everything else is reported all the same")
  void tellsTheRdmaModeWhereThereIsOne() throws IOException {
    igb();
    Inventory without = read(false);
    assertThat(without.rdmaMode()).isNull();
    assertThat(without.pfs()).hasSize(1);
    Path mode = tree.sys.resolve("module/ib_core/parameters/netns_mode");
    SysfsTree.write(mode, "Y");
    assertThat(read(false).rdmaMode()).isEqualTo("shared");
    SysfsTree.write(mode, "N");
    assertThat(read(false).rdmaMode()).isEqualTo("exclusive");
  }

  @Test
  @Spec("03:D25")
  void listsACardWhateverTheHostUsesItFor() throws IOException {
    tree.nic(PF, "8086", "10c9", "igb");
    tree.netdev(PF, "net", SysfsTree.slave("ens1", MAC, 7));
    assertThat(pf().name()).isEqualTo("ens1");
    assertThat(pf().linkAdminState()).isEqualTo("up");
  }

  @Test
  @Spec(value = "03:U7", differs = "the ids of the rules do not hang on the script")
  void knowsTheIdsOfVfsThoughTheScriptOfTheRulesCannotBeWritten() throws IOException {
    igb();
    Files.createDirectories(folder.resolve("host/etc/udev/disable-nm-sriov.sh/in-the-way"));
    var paths = new HostPaths(folder.resolve("host"), tree.sys, folder.resolve("tmp"));
    assertThatThrownBy(() -> new StoredFiles(paths).installUdevScripts())
        .hasMessageContaining("disable-nm-sriov.sh");
    assertThat(read(false).vfDeviceIds()).containsExactly("10ca");
  }

  @Test
  void takesAPfFromMemoryWhileItsDriverHangs() throws IOException {
    igb();
    tree.sriov(PF, 7, 2);
    tree.vf(PF, 0, "0000:04:10.0");
    var reader = reader(false, () -> tree.links);
    Pf before = reader.read().pfs().getFirst();
    hanging.put(new PciAddress(PF), "write 0 to sriov_numvfs");
    SysfsTree.write(tree.device(PF).resolve("sriov_numvfs"), "not to be read");
    for (int pass = 0; pass < 2; pass++) {
      assertThat(reader.read().pfs()).containsExactly(before.hanging("write 0 to sriov_numvfs"));
    }
    hanging.clear();
    tree.sriov(PF, 7, 0);
    assertThat(reader.read().pfs().getFirst().numVfs()).isZero();
  }

  @Test
  void findsTheNetdevOfAVirtioVfThatTheKernelDoesNotTieToItsFunction() throws IOException {
    igb();
    tree.sriov(PF, 7, 2);
    tree.vf(PF, 0, "0000:04:10.0");
    tree.vf(PF, 1, "0000:04:10.2");
    tree.netdev("0000:04:10.0", "virtio3/net", SysfsTree.link("eth5", MAC));
    tree.netdev("0000:04:10.2", "net", SysfsTree.of("0000:04:10.2", SysfsTree.link("eth6", MAC)));
    assertThat(pf().vfs()).extracting(Vf::name).containsExactly("eth5", "eth6");
  }

  @Test
  void readsAnInventoryOf1016VfsWithinItsBudget() throws IOException {
    tree.cards(8, 127);
    long best = Long.MAX_VALUE;
    for (int run = 0; run < 8; run++) {
      long start = System.nanoTime();
      assertThat(read(false).pfs()).hasSize(8);
      best = Math.min(best, System.nanoTime() - start);
    }
    System.out.printf("8 PFs with 127 VFs each: %d ms%n", best / 1_000_000);
    // A linear reader needs tens of milliseconds, a quadratic one seconds.
    assertThat(best).isLessThan(1_000_000_000L);
  }
}
