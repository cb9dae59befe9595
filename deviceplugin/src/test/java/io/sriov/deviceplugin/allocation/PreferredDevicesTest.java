package io.sriov.deviceplugin.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.deviceplugin.config.DeviceKind;
import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PreferredDevicesTest {

  private static final int SEEDS = 5000;

  @Test
  void takesOneNodeWhereOneSufficesAndLeavesTheLargerOneWhole() {
    var pool = pool(device("a", 0), device("b", 0), device("c", 1), device("d", 1), device("e", 1));
    assertThat(preferred(pool, 2)).containsExactly("a", "b");
    assertThat(preferred(pool, 3)).containsExactly("c", "d", "e");
  }

  @Test
  void staysOnTheNodeOfDevicesThatMustBeIncluded() {
    var pool = pool(device("a", 0), device("b", 0), device("c", 1), device("d", 1), device("e", 1));
    assertThat(PreferredDevices.of(pool, ids(pool), List.of("e"), 2)).containsExactly("e", "c");
  }

  @Test
  void spreadsOverPfsBeginningWithTheOneUsedLeast() {
    var pool = pool(on("pf0", "a"), on("pf0", "b"), on("pf1", "c"), on("pf1", "d"), on("pf1", "e"));
    assertThat(preferred(pool, 2)).containsExactly("c", "a");
    assertThat(preferred(pool, 4)).containsExactly("c", "a", "d", "b");
  }

  @Test
  void takesIdsItDoesNotKnowLast() {
    var pool = pool(device("a", 0));
    assertThat(PreferredDevices.of(pool, List.of("x", "a"), List.of(), 1)).containsExactly("a");
    assertThat(PreferredDevices.of(pool, List.of("x", "a"), List.of(), 2))
        .containsExactly("a", "x");
  }

  /** What was asked, and what came. */
  private record Case(
      long seed, Pool pool, List<String> available, List<String> must, int size, List<String> got) {

    Map<String, PoolDevice> devices() {
      return pool.devices().stream().collect(Collectors.toMap(PoolDevice::id, Function.identity()));
    }

    <K> Map<K, Integer> count(Collection<String> ids, Function<PoolDevice, K> by) {
      var count = new HashMap<K, Integer>();
      ids.forEach(id -> count.merge(by.apply(devices().get(id)), 1, Integer::sum));
      return count;
    }
  }

  @Test
  void answersWithAsManyAvailableDevicesAsAskedAndThoseThatMustBeIncluded() {
    for (var c : cases()) {
      assertThat(c.got())
          .as("%s", c)
          .doesNotHaveDuplicates()
          .containsAll(c.must())
          .hasSize(Math.min(Math.max(c.size(), c.must().size()), c.available().size()))
          .isSubsetOf(c.available());
    }
  }

  @Test
  void usesAsFewNumaNodesAsPossible() {
    for (var c : cases()) {
      var sizes = c.count(c.available(), PoolDevice::numaNode);
      var forced = c.count(c.must(), PoolDevice::numaNode).keySet();
      int wanted = c.got().size();
      int fewest = Integer.MAX_VALUE;
      var nodes = new ArrayList<>(sizes.keySet());
      for (int set = 0; set < 1 << nodes.size(); set++) {
        var used = new HashSet<OptionalInt>();
        for (int i = 0; i < nodes.size(); i++) {
          if ((set >> i & 1) == 1) {
            used.add(nodes.get(i));
          }
        }
        if (used.containsAll(forced)
            && used.stream().mapToInt(node -> sizes.getOrDefault(node, 0)).sum() >= wanted) {
          fewest = Math.min(fewest, used.size());
        }
      }
      assertThat(c.count(c.got(), PoolDevice::numaNode)).as("%s", c).hasSize(fewest);
    }
  }

  /** No PF gives two more than another that has one left on the nodes used. */
  @Test
  void spreadsEvenlyOverThePfsOfTheNodesUsed() {
    for (var c : cases()) {
      var used = c.count(c.got(), PoolDevice::numaNode).keySet();
      var taken = c.count(c.got(), PoolDevice::pf);
      var forced = c.count(c.must(), PoolDevice::pf);
      for (var id : c.available()) {
        var device = c.devices().get(id);
        if (!c.got().contains(id) && used.contains(device.numaNode())) {
          int least = taken.getOrDefault(device.pf(), 0);
          taken.forEach((pf, count) -> {
            if (count > forced.getOrDefault(pf, 0)) {
              assertThat(count).as("%s: %s against %s", c, pf, device.pf()).isLessThan(least + 2);
            }
          });
        }
      }
    }
  }

  private static List<Case> cases() {
    var cases = new ArrayList<Case>();
    for (long seed = 0; seed < SEEDS; seed++) {
      var random = new Random(seed);
      var devices = new ArrayList<PoolDevice>();
      int pfs = 1 + random.nextInt(4);
      for (int pf = 0; pf < pfs; pf++) {
        // A PF is on one node, as a rule.
        int node = random.nextInt(4) - 1;
        for (int vf = 0; vf < 1 + random.nextInt(5); vf++) {
          devices.add(
              device(
                  "pf%d-vf%d".formatted(pf, vf),
                  "pf" + pf,
                  random.nextInt(10) > 0 ? node : random.nextInt(3)));
        }
      }
      var ids = new ArrayList<>(devices.stream().map(PoolDevice::id).toList());
      Collections.shuffle(ids, random);
      var available = List.copyOf(ids.subList(0, 1 + random.nextInt(ids.size())));
      var must = available.subList(0, random.nextInt(Math.min(3, available.size())));
      int size = 1 + random.nextInt(8);
      var pool = pool(devices.toArray(PoolDevice[]::new));
      cases.add(
          new Case(
              seed, pool, available, must, size, PreferredDevices.of(pool, available, must, size)));
    }
    return cases;
  }

  private static List<String> preferred(Pool pool, int size) {
    return PreferredDevices.of(pool, ids(pool), List.of(), size);
  }

  private static List<String> ids(Pool pool) {
    return pool.devices().stream().map(PoolDevice::id).toList();
  }

  private static PoolDevice on(String pf, String id) {
    return device(id, pf, -1);
  }

  private static PoolDevice device(String id, int node) {
    return device(id, "pf" + node, node);
  }

  private static PoolDevice device(String id, String pf, int node) {
    return new PoolDevice(
        id,
        id,
        pf,
        "igbvf",
        node < 0 ? OptionalInt.empty() : OptionalInt.of(node),
        false,
        false,
        false,
        Optional.empty(),
        Optional.empty());
  }

  private static Pool pool(PoolDevice... devices) {
    return new Pool(
        new PoolConfig(
            "openshift.io", "nic", DeviceKind.NET_DEVICE, List.of(), false, Optional.empty()),
        List.of(devices));
  }
}
