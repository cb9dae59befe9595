package io.sriov.deviceplugin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class UpdateOrderTest {

  @Test
  void tellsAPoolThatGivesADeviceBeforeTheOneThatGetsIt() {
    assertThat(
            UpdateOrder.of(
                Map.of("a", Set.of("1"), "b", Set.of("2", "3")),
                Map.of("a", Set.of("1", "2"), "b", Set.of("3"))))
        .containsExactly("b", "a");
  }

  @Test
  void tellsAPoolThatGoesBeforeANewOneWithItsDevices() {
    assertThat(UpdateOrder.of(Map.of("old", Set.of("1")), Map.of("new", Set.of("1"))))
        .containsExactly("old", "new");
  }

  @Test
  void tellsOneOfTwoThatExchangeDevicesFirst() {
    assertThat(
            UpdateOrder.of(
                Map.of("a", Set.of("1"), "b", Set.of("2")),
                Map.of("a", Set.of("2"), "b", Set.of("1"))))
        .containsExactlyInAnyOrder("a", "b");
  }

  /** With as few devices shown twice as there are circles to break: none where there is none. */
  @Test
  void showsNoDeviceTwiceUnlessPoolsExchangeDevicesInACircle() {
    for (long seed = 0; seed < 3000; seed++) {
      var random = new Random(seed);
      var before = new TreeMap<String, Set<String>>();
      var after = new TreeMap<String, Set<String>>();
      for (int device = 0; device < 8; device++) {
        put(before, random, device);
        put(after, random, device);
      }
      var order = UpdateOrder.of(before, after);
      var all = new HashSet<>(before.keySet());
      all.addAll(after.keySet());
      assertThat(order).as("seed %d", seed).doesNotHaveDuplicates().hasSameElementsAs(all);
      if (!twice(order, before, after).isEmpty()) {
        assertThat(orders(new ArrayList<>(all)))
            .as("seed %d: %s to %s by %s", seed, before, after, order)
            .noneMatch(other -> twice(other, before, after).isEmpty());
      }
    }
  }

  private static void put(Map<String, Set<String>> pools, Random random, int device) {
    int pool = random.nextInt(5);
    if (pool < 4) {
      pools.computeIfAbsent("p" + pool, _ -> new HashSet<>()).add("vf" + device);
    }
  }

  /** Devices that two pools show at some moment. */
  private static List<String> twice(
      List<String> order, Map<String, Set<String>> before, Map<String, Set<String>> after) {
    var shown = new LinkedHashMap<String, Set<String>>(before);
    var twice = new ArrayList<String>();
    for (var resource : order) {
      shown.put(resource, after.getOrDefault(resource, Set.of()));
      var seen = new HashSet<String>();
      shown.values().forEach(ids -> ids.stream().filter(id -> !seen.add(id)).forEach(twice::add));
    }
    return twice;
  }

  private static List<List<String>> orders(List<String> of) {
    if (of.isEmpty()) {
      return List.of(List.of());
    }
    var orders = new ArrayList<List<String>>();
    for (var first : of) {
      var rest = new ArrayList<>(of);
      rest.remove(first);
      for (var tail : orders(rest)) {
        var order = new ArrayList<String>(List.of(first));
        order.addAll(tail);
        orders.add(order);
      }
    }
    return orders;
  }
}
