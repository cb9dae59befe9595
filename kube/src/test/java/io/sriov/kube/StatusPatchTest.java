package io.sriov.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class StatusPatchTest {

  @Test
  void sendsOnlyWhatDiffers() {
    var from = Map.of("a", 1, "b", List.of(1, 2), "c", Map.of("x", 1, "y", 2));
    var to = Map.of("a", 1, "b", List.of(2), "c", Map.of("x", 1, "y", 3));

    assertThat(StatusPatch.difference(from, to))
        .isEqualTo(Map.of("b", List.of(2), "c", Map.of("y", 3)));
  }

  @Test
  void removesWithNullWhatWentAway() {
    var removal = new HashMap<String, Object>();
    removal.put("lastSyncError", null);

    assertThat(StatusPatch.difference(Map.of("lastSyncError", "x"), Map.of())).isEqualTo(removal);
  }

  /** The rule of RFC 7386: the difference, merged into the old value, is the new value. */
  @Test
  void mergingTheDifferenceGivesTheNewStatus() {
    long seed = System.nanoTime();
    var random = RandomGeneratorFactory.getDefault().create(seed);
    for (int i = 0; i < 20_000; i++) {
      var from = randomObject(random, 3);
      var to = randomObject(random, 3);
      assertThat(merged(from, StatusPatch.difference(from, to))).as("seed %d", seed).isEqualTo(to);
      assertThat(StatusPatch.difference(to, to)).isEmpty();
    }
  }

  private static Map<String, Object> randomObject(RandomGenerator random, int depth) {
    var result = new LinkedHashMap<String, Object>();
    for (int field = random.nextInt(4); field > 0; field--) {
      result.put(
          "f" + random.nextInt(4),
          switch (random.nextInt(depth > 0 ? 3 : 2)) {
            case 0 -> random.nextInt(3);
            case 1 -> List.of(random.nextInt(2));
            default -> randomObject(random, depth - 1);
          });
    }
    return result;
  }

  private static Map<String, Object> merged(Map<?, ?> target, Map<?, ?> patch) {
    var result = new LinkedHashMap<String, Object>();
    target.forEach((key, value) -> result.put(key.toString(), value));
    patch.forEach((key, value) -> {
      if (value == null) {
        result.remove(key.toString());
      } else if (value instanceof Map<?, ?> inner) {
        var old = result.get(key.toString());
        result.put(
            key.toString(),
            merged(old instanceof Map<?, ?> m ? m : Map.of(), Objects.requireNonNull(inner)));
      } else {
        result.put(key.toString(), value);
      }
    });
    return result;
  }
}
