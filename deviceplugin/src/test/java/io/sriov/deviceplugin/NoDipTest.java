package io.sriov.deviceplugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sriov.deviceplugin.host.SysfsTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a kubelet sees on its streams while pools change: never less than before and after. */
class NoDipTest {

  private static final int CHANGES = 40;
  private static final int POOLS = 3;
  private static final int VFS = 6;
  private static final long SEED = 11;

  @TempDir Path root;

  /** Which pool has which VF; also VFs that no pool has. */
  private record Layout(List<List<Integer>> byPool) {
    static Layout random(Random random) {
      var byPool = new ArrayList<List<Integer>>();
      IntStream.range(0, POOLS).forEach(_ -> byPool.add(new ArrayList<>()));
      for (int vf = 0; vf < VFS; vf++) {
        int pool = random.nextInt(POOLS + 1);
        if (pool < POOLS) {
          byPool.get(pool).add(vf);
        }
      }
      return new Layout(byPool);
    }

    /** A pool without devices is sometimes absent and sometimes empty. */
    String configuration(boolean withEmpty) {
      var pools = new ArrayList<String>();
      for (int i = 0; i < POOLS; i++) {
        var vfs = byPool.get(i).stream().map(String::valueOf).toList();
        if (!vfs.isEmpty() || withEmpty) {
          pools.add(
              "{\"resourceName\":\"p%d\",\"selectors\":{\"pfNames\":[\"ens1#%s\"]}}"
                  .formatted(i, vfs.isEmpty() ? "99" : String.join(",", vfs)));
        }
      }
      return String.join(",", pools);
    }

    List<String> ids(int pool) {
      return byPool.get(pool).stream().map(SysfsTree::vf).sorted().toList();
    }
  }

  @Test
  void noListIsShorterThanBothTheOneBeforeAndTheOneAfterAChange() throws Exception {
    var random = new Random(SEED);
    try (var node = new TestNode(root)) {
      IntStream.range(0, VFS).forEach(node.sysfs::boundVf);
      var now = Layout.random(random);
      node.configure(now.configuration(true)).start();
      awaitSeen(node, now);
      for (int change = 0; change < CHANGES; change++) {
        var next = Layout.random(random);
        var seen = new HashMap<Integer, Integer>();
        for (int pool = 0; pool < POOLS; pool++) {
          seen.put(pool, node.kubelet.lists(name(pool)).size());
        }
        var kept = socketsOfPoolsWithDevices(node, now, next);
        node.configure(next.configuration(random.nextBoolean()));
        awaitSeen(node, next);
        for (int pool = 0; pool < POOLS; pool++) {
          int least = Math.min(now.ids(pool).size(), next.ids(pool).size());
          var lists = node.kubelet.lists(name(pool));
          assertThat(lists.subList(seen.getOrDefault(pool, 0), lists.size()))
              .as("change %d, pool %d, from %s to %s", change, pool, now, next)
              .allSatisfy(list -> assertThat(list).hasSizeGreaterThanOrEqualTo(least));
        }
        assertThat(socketsOfPoolsWithDevices(node, now, next)).isEqualTo(kept);
        now = next;
      }
    }
  }

  @Test
  void aVfThatComesOrGoesOnlyAddsOrTakesItself() throws Exception {
    try (var node = new TestNode(root)) {
      IntStream.range(0, 2).forEach(node.sysfs::boundVf);
      node.pool("{\"pfNames\":[\"ens1\"]}").start();
      await().until(() -> node.kubelet.healthy(TestNode.NIC).size() == 2);
      for (int vf = 2; vf < VFS; vf++) {
        node.sysfs.boundVf(vf);
        node.uevent(SysfsTree.vf(vf));
      }
      await().until(() -> node.kubelet.healthy(TestNode.NIC).size() == VFS);
      int grown = node.kubelet.lists(TestNode.NIC).size();
      for (int vf = VFS - 1; vf > 1; vf--) {
        node.sysfs.removeVf(vf);
        node.uevent(SysfsTree.vf(vf));
      }
      await().until(() -> node.kubelet.healthy(TestNode.NIC).size() == 2);
      var sizes = node.kubelet.lists(TestNode.NIC).stream().map(List::size).toList();
      assertThat(sizes.subList(0, grown)).isSorted();
      assertThat(sizes.subList(grown - 1, sizes.size()))
          .isSortedAccordingTo(Comparator.reverseOrder())
          .allMatch(size -> size >= 2);
      assertThat(node.kubelet.registrations).hasSize(1);
    }
  }

  private static void awaitSeen(TestNode node, Layout layout) {
    await()
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> {
          for (int pool = 0; pool < POOLS; pool++) {
            assertThat(node.kubelet.healthy(name(pool))).isEqualTo(layout.ids(pool));
          }
        });
  }

  /** Of pools that have devices before and after; they must stay the same files. */
  private static Map<Integer, String> socketsOfPoolsWithDevices(
      TestNode node, Layout now, Layout next) throws Exception {
    var sockets = new HashMap<Integer, String>();
    for (int pool = 0; pool < POOLS; pool++) {
      if (!now.ids(pool).isEmpty() && !next.ids(pool).isEmpty()) {
        var file = node.kubelet.sockets.devicePlugins().resolve("openshift.io_p" + pool + ".sock");
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        sockets.put(pool, attributes.fileKey() + " " + attributes.creationTime());
      }
    }
    return sockets;
  }

  private static String name(int pool) {
    return "openshift.io/p" + pool;
  }
}
