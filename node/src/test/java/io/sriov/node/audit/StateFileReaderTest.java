package io.sriov.node.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.plan.audit.CniState;
import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.CniState.NetnsPath;
import io.sriov.plan.node.PciAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileReaderTest {

  private static final PciAddress VF = new PciAddress("0000:04:10.0");

  /** As the Go plugin 2.8 writes it, with some members left out. */
  private static final String GO =
      """
      {"cniVersion":"1.0.0","deviceID":"0000:04:10.0","ipam":{},"name":"n1","type":"sriov",
       "vlan":100,"Master":"ens1","VFID":0,
       "OrigVfState":{"HostIFName":"ens1v0","SpoofChk":true,"Trust":false,"AdminMAC":"",
         "EffectiveMAC":"","Vlan":0,"VlanQoS":0,"VlanProto":33024,"MinTxRate":0,"MaxTxRate":0,
         "LinkState":0,"MTU":1500}}
      """;

  private static final String OURS =
      GO.strip().replaceFirst("}$", "")
          + ",\"attachment\":{\"phase\":\"PHASE\",\"containerID\":\"c1\",\"ifname\":\"net1\","
          + "\"netns\":\"/var/run/netns/pod1\",\"userspace\":false}}";

  @TempDir Path root;

  private CniState read() throws IOException {
    return new StateFileReader(root, VF.value()::equals).read();
  }

  private void write(String file, String content) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private void ours(String phase) throws IOException {
    write("var/lib/cni/sriov/c1-net1", OURS.replace("PHASE", phase));
  }

  private Attached only() throws IOException {
    CniState state = read();
    assertThat(state.unreadable()).isEmpty();
    assertThat(state.attached()).hasSize(1);
    return state.attached().getFirst();
  }

  @Test
  void knowsNothingWhereThereIsNoFolder() throws IOException {
    assertThat(read()).isEqualTo(CniState.EMPTY);
  }

  @Test
  void readsAFileOfTheGoPlugin() throws IOException {
    write("var/lib/cni/sriov/c1-net1", GO);
    write("var/lib/cni/sriov/pci/0000:04:10.0", "/var/run/netns/pod1");
    assertThat(only())
        .isEqualTo(
            new Attached(
                "/var/lib/cni/sriov/c1-net1",
                VF,
                true,
                "c1-net1",
                "ens1v0",
                false,
                true,
                NetnsPath.GONE));
  }

  @Test
  void doesNotKnowTheNamespaceOfAGoPluginsFileWithoutItsAllocation() throws IOException {
    write("var/lib/cni/sriov/c1-net1", GO);
    assertThat(only().netns()).isEqualTo(NetnsPath.UNKNOWN);
  }

  @Test
  void takesAGoPluginsFileWithoutNetdevForAUserspaceVf() throws IOException {
    write("var/lib/cni/sriov/c1-net1", GO.replace("ens1v0", ""));
    assertThat(only().userspace()).isTrue();
  }

  @Test
  void readsAFileOfOurs() throws IOException {
    ours("attached");
    assertThat(only())
        .isEqualTo(
            new Attached(
                "/var/lib/cni/sriov/c1-net1",
                VF,
                true,
                "c1",
                "ens1v0",
                false,
                true,
                NetnsPath.GONE));
  }

  @Test
  void tellsAnAddUnderWayFromOneThatEnded() throws IOException {
    ours("adding");
    assertThat(only().complete()).isFalse();
  }

  @Test
  void leavesOutWhatWasGivenBack() throws IOException {
    ours("released");
    assertThat(read()).isEqualTo(CniState.EMPTY);
  }

  @Test
  void readsFilesOfInfiniBandVfs() throws IOException {
    write(
        "var/lib/cni/ib-sriov/c2-net1",
        "{\"deviceID\":\"0000:05:00.1\",\"HostIFNames\":\"ib3\",\"Master\":\"ib0\"}");
    assertThat(only())
        .returns("ib3", Attached::hostName)
        .returns(false, Attached::vfExists)
        .returns("/var/lib/cni/ib-sriov/c2-net1", Attached::file);
  }

  @Test
  void tellsWhichFilesCannotBeRead() throws IOException {
    ours("attached");
    write("var/lib/cni/sriov/c2-net1", "{\"deviceID\":");
    write("var/lib/cni/sriov/c3-net1", "{}");
    write("var/lib/cni/sriov/.unreadable-c4-net1", "set aside already");
    assertThat(read().attached()).hasSize(1);
    assertThat(read().unreadable())
        .extracting(CniState.Unreadable::file)
        .containsExactly("/var/lib/cni/sriov/c2-net1", "/var/lib/cni/sriov/c3-net1");
  }

  @Test
  void followsLinksOfTheHostAsTheHostDoes() throws IOException {
    ours("attached");
    Files.createDirectories(root.resolve("run/netns"));
    Files.createSymbolicLink(root.resolve("var/run"), Path.of("/run"));
    assertThat(only().netns()).isEqualTo(NetnsPath.GONE);
    Files.createFile(root.resolve("run/netns/pod1"));
    assertThat(only().netns()).isEqualTo(NetnsPath.THERE);
  }

  @Test
  void followsRelativeLinksToo() throws IOException {
    ours("attached");
    Files.createDirectories(root.resolve("run/netns"));
    Files.createSymbolicLink(root.resolve("var/run"), Path.of("../run"));
    Files.createFile(root.resolve("run/netns/pod1"));
    assertThat(only().netns()).isEqualTo(NetnsPath.THERE);
  }

  @Test
  void givesUpOnLinksThatLeadInCircles() throws IOException {
    ours("attached");
    Files.createSymbolicLink(root.resolve("var/run"), Path.of("/var/run"));
    assertThatThrownBy(this::read).isInstanceOf(IOException.class).hasMessageContaining("links");
  }

  @Test
  void takesAFileOfADeviceThatIsNoneForUnreadable() throws IOException {
    for (String device : List.of("", "../../../etc/shadow", "\\u0000", "net1")) {
      write("var/lib/cni/sriov/c1-net1", GO.replace(VF.value(), device));
      assertThat(read().attached()).as(device).isEmpty();
      assertThat(read().unreadable()).as(device).hasSize(1);
    }
  }

  @Test
  void knowsNothingOfANamespaceThatIsNoPath() throws IOException {
    ours("attached");
    Path file = root.resolve("var/lib/cni/sriov/c1-net1");
    Files.writeString(file, Files.readString(file).replace("/var/run/netns/pod1", "\\u0000"));
    assertThat(only().netns()).isEqualTo(NetnsPath.UNKNOWN);
  }
}
