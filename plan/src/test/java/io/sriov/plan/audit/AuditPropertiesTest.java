package io.sriov.plan.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.CniState.NetnsPath;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfSetting;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rules that hold for every node; a failure names its seed. */
class AuditPropertiesTest {

  private static final int CASES = 3000;

  private interface Property {
    void check(Scene scene, Random random);
  }

  private static void forAll(Property property) {
    for (long seed = 0; seed < CASES; seed++) {
      var random = new Random(seed);
      try {
        property.check(new Scene(random), random);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  /** Another card, pods, files and dirt of every kind, here and there. */
  private static void disturb(Scene scene, Random random) {
    scene.want(
        new Interface(
            scene.pf.pci.value(),
            4,
            0,
            "ens1",
            null,
            null,
            random.nextInt(5) == 0,
            List.of(Scene.group("0-2", random.nextInt(3) == 0 ? "vfio-pci" : ""))));
    if (random.nextInt(3) == 0) {
      scene.pf.driver = List.of("ice", "mlx5_core", "bnxt_en", "other").get(random.nextInt(4));
    }
    for (int vf = 0; vf < 4; vf++) {
      if (random.nextInt(3) == 0) {
        scene.pod("pod" + random.nextInt(2), vf);
      }
      if (random.nextInt(4) == 0) {
        scene.attach(vf, NetnsPath.values()[random.nextInt(3)]);
      }
      if (random.nextInt(4) == 0) {
        scene.names.put(scene.vf(vf).pci, "ens1v" + vf);
      }
      dirty(scene, vf, random);
    }
    if (random.nextInt(8) == 0) {
      scene.kubeletSilent();
    }
    if (random.nextInt(8) == 0) {
      scene.cniSilent();
    }
    if (random.nextInt(8) == 0) {
      scene.pf.up = false;
    }
  }

  private static void dirty(Scene scene, int vf, Random random) {
    switch (random.nextInt(9)) {
      case 0 -> scene.host.setVf(scene.pf.pci, vf, new VfSetting.Vlan(random.nextInt(4096), 1));
      case 1 -> scene.host.setVf(scene.pf.pci, vf, new VfSetting.Trust(true));
      case 2 -> scene.host.setVf(scene.pf.pci, vf, new VfSetting.SpoofCheck(random.nextBoolean()));
      case 3 -> scene.vf(vf).adminMac = scene.vf(random.nextInt(4)).adminMac;
      case 4 -> {
        scene.vf(vf).adminMac = scene.vf(0).adminMac;
        if (scene.vf(vf).mac != null) {
          scene.vf(vf).mac = scene.vf(0).adminMac;
        }
      }
      case 5 -> scene.vf(vf).name = List.of("eth0", "net1", "dev7", "own").get(random.nextInt(4));
      case 6 -> scene.moveAway(vf);
      default -> {}
    }
  }

  @Test
  void neverTouchesAVfThatAnyWitnessSaysIsUsed() {
    forAll((scene, random) -> {
      disturb(scene, random);
      Set<PciAddress> held = new HashSet<>();
      scene.pods.forEach(use -> held.add(use.vf()));
      var attached = new HashSet<PciAddress>();
      scene.attached.forEach(one -> attached.add(one.vf()));
      for (Mend mend : scene.mends()) {
        assertThat(held).doesNotContain(mend.at().vf());
        var vf =
            scene.inventory().pfs().getFirst().vfs().stream()
                .filter(one -> one.pci().equals(mend.at().vf()))
                .findFirst()
                .orElseThrow();
        assertThat(vf.netdevElsewhere()).isFalse();
        assertThat(scene.witnesses().complete()).isTrue();
        assertThat(mend.at().id()).isNotEqualTo(3);
        if (!(mend instanceof Mend.EndAttachment)) {
          assertThat(attached).doesNotContain(mend.at().vf());
          assertThat(scene.spec().interfaces().getFirst().externallyManaged()).isFalse();
        }
      }
    });
  }

  @Test
  void mendingRemovesTheFinding() {
    forAll((scene, random) -> {
      disturb(scene, random);
      for (Finding finding : scene.findings()) {
        List<Mend> mends = scene.audit().mends(finding);
        if (!mends.isEmpty()) {
          mends.forEach(scene::carryOut);
          assertThat(scene.findings()).doesNotContain(finding);
        }
      }
    });
  }

  @Test
  void mendingComesToAnEnd() {
    forAll((scene, random) -> {
      disturb(scene, random);
      for (int round = 0; round < 12 && !scene.mends().isEmpty(); round++) {
        scene.carryOut(scene.mends().getFirst());
      }
      assertThat(scene.mends()).isEmpty();
    });
  }

  @Test
  void findsNothingOnACleanNodeWhateverPodsDo() {
    forAll((scene, random) -> {
      for (int vf = 0; vf < 4; vf++) {
        if (random.nextBoolean()) {
          scene.pod("pod" + vf, vf);
          if (random.nextBoolean()) {
            scene.attach(vf, NetnsPath.THERE);
            scene.moveAway(vf);
            scene.host.setVf(scene.pf.pci, vf, new VfSetting.Vlan(random.nextInt(4096), 0));
          }
        }
      }
      assertThat(scene.findings()).isEmpty();
    });
  }

  @Test
  void doesNotDependOnTheOrderOfFiles() {
    forAll((scene, random) -> {
      disturb(scene, random);
      List<Finding> before = scene.findings();
      List<Attached> reversed = List.copyOf(scene.attached).reversed();
      scene.attached.clear();
      scene.attached.addAll(reversed);
      assertThat(scene.findings()).containsExactlyInAnyOrderElementsOf(before);
    });
  }
}
