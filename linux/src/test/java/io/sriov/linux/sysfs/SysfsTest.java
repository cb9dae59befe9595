package io.sriov.linux.sysfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a tree as the kernel lays it out: device directories with links between them. */
class SysfsTest {

  private static final String PF = "0000:3b:00.0";

  @TempDir Path root;

  private PciBus bus;

  @BeforeEach
  void makePf() throws IOException {
    bus = new PciBus(new Sysfs(root));
    Path pf = device(PF, "0x8086", "0x158b");
    attribute(pf, "sriov_totalvfs", "64\n");
    attribute(pf, "sriov_numvfs", "12\n");
    attribute(pf, "numa_node", "-1\n");
    attribute(pf, "driver_override", "(null)\n");
    Files.createDirectories(pf.resolve("net/ens1f0"));
    driver(pf, "i40e");
    for (int i = 0; i < 12; i++) {
      Path vf = device("0000:3b:02.%x".formatted(i), "0x8086", "0x154c");
      Files.createSymbolicLink(vf.resolve("physfn"), Path.of("../" + PF));
      Files.createSymbolicLink(pf.resolve("virtfn" + i), Path.of("../" + vf.getFileName()));
    }
  }

  @Test
  void readsWhatDescribesAPf() throws LinuxException {
    PciDevice pf = bus.device(PF);

    assertThat(pf.exists()).isTrue();
    assertThat(pf.vendor()).contains("8086");
    assertThat(pf.device()).contains("158b");
    assertThat(pf.deviceClass()).hasValue(0x020000);
    assertThat(pf.driver()).contains("i40e");
    assertThat(pf.totalVfs()).hasValue(64);
    assertThat(pf.numVfs()).hasValue(12);
    assertThat(pf.netNames()).containsExactly("ens1f0");
    assertThat(pf.numaNode()).isEmpty();
    assertThat(pf.driverOverride()).isEmpty();
    assertThat(pf.iommuGroup()).isEmpty();
    assertThat(pf.rdmaDevices()).isEmpty();
    assertThat(pf.isVf()).isFalse();
    assertThat(bus.devices()).hasSize(13).first().hasToString(PF);
  }

  @Test
  void ordersVfsByNumberNotByText() throws LinuxException {
    assertThat(bus.device(PF).virtfns())
        .extracting(PciDevice.VirtualFunction::index)
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(bus.device("0000:3b:02.b").vfIndex()).hasValue(11);
    assertThat(bus.device("0000:3b:02.b").physfn()).contains(PF);
    assertThat(bus.device(PF).vfIndex()).isEmpty();
  }

  @Test
  void aDeviceThatIsGoneIsEmptyNotAnError() throws LinuxException {
    PciDevice gone = bus.device("0000:ff:00.0");

    assertThat(gone.exists()).isFalse();
    assertThat(gone.vendor()).isEmpty();
    assertThat(gone.driver()).isEmpty();
    assertThat(gone.virtfns()).isEmpty();
    assertThat(gone.netNames()).isEmpty();
    assertThat(gone.totalVfs()).isEmpty();
    assertThat(gone.deviceClass()).isEmpty();
  }

  @Test
  void findsTheLinkOfAVirtioDevice() throws IOException {
    Path virtio = device("0000:00:05.0", "0x1af4", "0x1041");
    Files.createDirectories(virtio.resolve("virtio3/net/enp0s5"));

    assertThat(bus.device("0000:00:05.0").netNames()).containsExactly("enp0s5");
  }

  @Test
  void writesValuesAsTheyAre() throws IOException {
    bus.device(PF).setNumVfs(0);
    assertThat(root.resolve("bus/pci/devices/" + PF + "/sriov_numvfs")).hasContent("0");

    bus.device(PF).setDriverOverride("vfio-pci");
    assertThat(bus.device(PF).driverOverride()).contains("vfio-pci");
    bus.device(PF).clearDriverOverride();
    assertThat(Files.readAllBytes(bus.device(PF).path().resolve("driver_override")))
        .containsExactly(0);
  }

  @Test
  void unbindsFromTheDriverItHasAndBindsToAnother() throws IOException {
    attribute(root.resolve("bus/pci/drivers/i40e"), "unbind", "");
    attribute(Files.createDirectories(root.resolve("bus/pci/drivers/vfio-pci")), "bind", "");
    attribute(root.resolve("bus/pci"), "drivers_probe", "");

    bus.device(PF).unbind();
    bus.device(PF).bind("vfio-pci");
    bus.device(PF).probe();

    for (String file : List.of("drivers/i40e/unbind", "drivers/vfio-pci/bind", "drivers_probe")) {
      assertThat(root.resolve("bus/pci").resolve(file)).hasContent(PF);
    }
  }

  @Test
  @Spec("03:B1")
  void hasNothingToUnbindWithoutADriver() throws IOException {
    PciDevice driverless = bus.device("0000:3b:02.0");

    driverless.unbind();
    bus.device("0000:ff:00.0").unbind();

    assertThat(driverless.driver()).isEmpty();
  }

  @Test
  @Spec("03:B2")
  void doesNotPretendToHaveUnbound() {
    assertThatThrownBy(() -> bus.device(PF).unbind())
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.ENOENT))
        .hasMessageContaining("write " + PF + " to ")
        .hasMessageContaining("/bus/pci/drivers/i40e/unbind");
  }

  @Test
  void anErrorNamesValueAndAttribute() {
    assertThatThrownBy(() -> bus.device("0000:ff:00.0").setNumVfs(7))
        .isInstanceOf(LinuxException.class)
        .hasMessage(
            "write 7 to " + root + "/bus/pci/devices/0000:ff:00.0/sriov_numvfs: ENOENT (open)");
  }

  @Test
  void aValueThatIsNoNumberIsNotTakenForZero() throws IOException {
    attribute(bus.device(PF).path(), "sriov_numvfs", "many\n");

    assertThatThrownBy(() -> bus.device(PF).numVfs())
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.EBADMSG));
  }

  @Test
  void tellsRefusalFromAbsenceInTheRealSysfs() throws LinuxException {
    Sysfs sys = new Sysfs(Path.of("/sys"));
    Path lo = sys.path("class/net/lo");

    assertThat(sys.text(lo.resolve("mtu"))).contains("65536");
    assertThat(sys.text(lo.resolve("no_such_attribute"))).isEmpty();
    assertThatThrownBy(() -> sys.text(lo.resolve("speed")))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.EINVAL));
    assertThat(sys.textIfShown(lo.resolve("speed"))).isEmpty();
    assertThat(new PciBus(sys).devices()).isNotEmpty().allMatch(PciDevice::exists);
    assertThatThrownBy(() -> sys.write(lo.resolve("mtu"), "nonsense"))
        .hasMessage("write nonsense to /sys/class/net/lo/mtu: EINVAL");
  }

  @Test
  @Spec("04:60")
  void anUnreadableVirtfnDoesNotHideTheOthers() throws IOException {
    Path link = bus.device(PF).path().resolve("virtfn0");
    Files.delete(link);
    Files.createDirectory(link);

    assertThat(bus.device("0000:3b:02.1").vfIndex()).hasValue(1);
    assertThat(bus.device(PF).virtfns()).hasSize(11);
  }

  private Path device(String address, String vendor, String id) throws IOException {
    Path path = Files.createDirectories(root.resolve("bus/pci/devices").resolve(address));
    attribute(path, "vendor", vendor + "\n");
    attribute(path, "device", id + "\n");
    attribute(path, "class", "0x020000\n");
    return path;
  }

  private void driver(Path device, String name) throws IOException {
    Path driver = Files.createDirectories(root.resolve("bus/pci/drivers").resolve(name));
    Files.createSymbolicLink(device.resolve("driver"), device.relativize(driver));
  }

  private static void attribute(Path device, String name, String value) throws IOException {
    Files.writeString(device.resolve(name), value);
  }
}
