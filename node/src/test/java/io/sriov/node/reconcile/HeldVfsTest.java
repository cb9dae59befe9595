package io.sriov.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeldVfsTest {

  private static final PciAddress FIRST = new PciAddress("0000:04:10.0");
  private static final PciAddress SECOND = new PciAddress("0000:04:10.1");

  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private SimulatedHost.SimPf pf;

  @BeforeEach
  void vfs() {
    pf = host.addPf("0000:04:00.0");
    host.writeNumVfs(pf.pci, 2);
  }

  private void moveIntoAPod(int vf) {
    pf.vfs.get(vf).mac = null;
    pf.vfs.get(vf).mtu = 0;
  }

  private List<VfInUse> held(List<VfInUse> listed, HeldVfs.Attachments attachments) {
    return new HeldVfs(_ -> listed, attachments).on(host.inventory());
  }

  @Test
  void countsAVfThatIsAwayAlthoughARestartedKubeletListsNoPods() {
    moveIntoAPod(1);
    assertThat(held(List.of(), () -> Map.of(FIRST.value(), "c0", SECOND.value(), "c1")))
        .containsExactly(new VfInUse(SECOND, "container c1, not listed by the kubelet", ""));
  }

  @Test
  void namesThePodIfTheKubeletDoes() {
    moveIntoAPod(0);
    var listed = new VfInUse(FIRST, "default/web", "main");
    assertThat(held(List.of(listed), () -> Map.of(FIRST.value(), "c0"))).containsExactly(listed);
  }

  @Test
  void doesNotTakeAVfWithoutNetdevForOneThatAPodHas() {
    moveIntoAPod(0);
    host.loadModule("vfio_pci");
    host.unbind(pf.pci, 1);
    assertThat(held(List.of(), () -> Map.of(SECOND.value(), "c1"))).isEmpty();
  }

  @Test
  void leavesVfsAloneThatAreAwayIfNobodyKnowsWhere() {
    moveIntoAPod(0);
    assertThat(
            held(
                List.of(),
                () -> {
                  throw new IOException("no state files");
                }))
        .extracting(VfInUse::vf)
        .containsExactly(FIRST);
  }
}
