package io.sriov.cni.sriov;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.cni.plugin.Vf;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.Sysfs;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VfTest {

  private static final String PF = "0000:3b:00.0";

  @TempDir Path root;
  Sysfs sysfs;
  PciBus bus;

  @BeforeEach
  void start() throws Exception {
    sysfs = new Sysfs(root);
    bus = new PciBus(sysfs);
    Files.createDirectories(device(PF).resolve("net/ens1"));
    Files.writeString(device(PF).resolve("sriov_numvfs"), "2");
    vf(0, "0000:3b:02.0");
    vf(1, "0000:3b:02.1");
  }

  private Path device(String address) throws Exception {
    return Files.createDirectories(root.resolve("bus/pci/devices").resolve(address));
  }

  private void vf(int number, String address) throws Exception {
    Files.createSymbolicLink(device(PF).resolve("virtfn" + number), device(address));
    Files.createSymbolicLink(device(address).resolve("physfn"), device(PF));
  }

  @Test
  @Spec("04:59")
  void isFoundWithItsPfAndNumber() throws Exception {
    assertThat(Vf.find(bus, sysfs, "0000:3b:02.0")).contains(new Vf("0000:3b:02.0", "ens1", 0));
    assertThat(Vf.find(bus, sysfs, "0000:3b:02.1")).contains(new Vf("0000:3b:02.1", "ens1", 1));
  }

  @Test
  @Spec("04:59")
  void isNotFoundWithoutANetdevOfItsPf() throws Exception {
    Files.delete(device(PF).resolve("net/ens1"));

    assertThat(Vf.find(bus, sysfs, "0000:3b:02.0")).isEmpty();
    assertThatThrownBy(() -> Vf.require(bus, sysfs, "0000:3b:02.0"))
        .hasMessageContaining("0000:3b:00.0")
        .hasMessageContaining("no netdev");
  }

  @Test
  @Spec("04:60")
  void isFoundBesideALinkThatCannotBeRead() throws Exception {
    Files.delete(device(PF).resolve("virtfn0"));
    Files.createFile(device(PF).resolve("virtfn0"));

    assertThat(Vf.find(bus, sysfs, "0000:3b:02.1")).contains(new Vf("0000:3b:02.1", "ens1", 1));
  }

  @Test
  @Spec(value = "04:61", differs = "the uplink is chosen")
  void belongsToTheUplinkAndNotToARepresentor() throws Exception {
    for (String representor : new String[] {"aaa0", "ens0_1"}) {
      Files.createDirectories(device(PF).resolve("net").resolve(representor));
      Path port = Files.createDirectories(root.resolve("class/net").resolve(representor));
      Files.writeString(port.resolve("phys_port_name"), "pf0vf1\n");
    }
    Path uplink = Files.createDirectories(root.resolve("class/net/ens1"));
    Files.writeString(uplink.resolve("phys_port_name"), "p0\n");

    assertThat(Vf.find(bus, sysfs, "0000:3b:02.0").orElseThrow().pf()).isEqualTo("ens1");
  }

  @Test
  @Spec(value = "04:22", differs = "upper case is taken")
  void isNamedAsSysfsNamesIt() throws Exception {
    assertThat(Vf.addressOf("0000:3B:02.0")).isEqualTo("0000:3b:02.0");
  }

  @Test
  void hasItsNetdevBelowAVirtioDevice() throws Exception {
    Files.createDirectories(device("0000:3b:02.0").resolve("virtio3/net/eth7"));

    assertThat(Vf.require(bus, sysfs, "0000:3b:02.0").netdev(bus)).contains("eth7");
  }
}
