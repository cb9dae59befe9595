package io.sriov.deviceplugin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sriov.deviceplugin.pool.Configured;
import io.sriov.deviceplugin.pool.Facts;
import io.sriov.deviceplugin.pool.Functions;
import io.sriov.deviceplugin.pool.Held;
import io.sriov.deviceplugin.pool.Pools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Configurations nobody would write: each is decoded or refused with a reason, and what was decoded
 * makes pools. A failure names its seed. {@code -Dfuzz.seconds=600 -Dtest.excludedGroups=} runs
 * longer.
 */
class ConfigFuzzTest {

  private static final Duration MOST_FOR_ONE = Duration.ofSeconds(10);
  private static final Facts FACTS = Facts.of(Functions.pfWithVfs("03", "ens1", 4), true);
  private static final List<String> KEYS =
      List.of(
          "resourceList",
          "resourceName",
          "resourcePrefix",
          "deviceType",
          "selectors",
          "vendors",
          "excludeTopology",
          "additionalInfo",
          "devices",
          "drivers",
          "pciAddresses",
          "acpiIndexes",
          "auxTypes",
          "pfNames",
          "rootDevices",
          "linkTypes",
          "ddpProfiles",
          "pKeys",
          "isRdma",
          "IsRdma",
          "needVhostNet",
          "vdpaType",
          "SelectorObj",
          "*",
          "0000:03:10.0",
          "");
  private static final List<String> TEXTS =
      List.of(
          "a",
          "nic_0",
          "a b",
          "netDevice",
          "accelerator",
          "auxNetDevice",
          "sf",
          "ens1",
          "ens1#0-3",
          "ens1#",
          "ens1#0-2147483647",
          "ens1#3-1,x",
          "ens1#0#1",
          "#",
          "0000:03:00.0#0-1",
          "8086",
          "vhost",
          "virtio",
          "igbvf",
          "0xffff",
          "\\u0000",
          "\\ud800",
          "\u20ac",
          "\\n",
          "");

  @Test
  void refusesWithAReasonOrDecodes() {
    fuzz(Duration.ofSeconds(2), 1);
  }

  @Test
  @Tag("soak")
  void refusesWithAReasonOrDecodesForLong() {
    fuzz(Duration.ofSeconds(Long.getLong("fuzz.seconds", 600)), System.nanoTime());
  }

  private static void fuzz(Duration time, long firstSeed) {
    long end = System.nanoTime() + time.toNanos();
    int decoded = 0;
    int pools = 0;
    long seed = firstSeed;
    for (; System.nanoTime() < end; seed++) {
      var text = text(new Random(seed));
      int found = decode(seed, text);
      decoded += found < 0 ? 0 : 1;
      pools += Math.max(found, 0);
    }
    // Else the generator has lost its way.
    assertThat(decoded).as("of %d", seed - firstSeed).isPositive();
    assertThat(pools).isPositive();
  }

  /** How many pools; -1 for a configuration that was refused. */
  private static int decode(long seed, String text) {
    try {
      return assertTimeoutPreemptivelyIfLarge(
          text,
          () -> {
            var config = new ConfigDecoder("openshift.io").decode(text);
            var pools = Pools.of(config.pools(), FACTS, Held.NONE);
            assertThat(Configured.of(pools, FACTS)).hasSize(config.pools().size());
            return config.pools().size();
          });
    } catch (ConfigException e) {
      assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
      return -1;
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed + ": " + e + " for " + text, e);
    }
  }

  @FunctionalInterface
  private interface Decoding {
    int run() throws ConfigException;
  }

  private static int assertTimeoutPreemptivelyIfLarge(String text, Decoding decoding)
      throws ConfigException {
    if (text.length() < 100_000) {
      return decoding.run();
    }
    var refused = new ArrayList<ConfigException>();
    int pools =
        assertTimeoutPreemptively(
            MOST_FOR_ONE,
            () -> {
              try {
                return decoding.run();
              } catch (ConfigException e) {
                refused.add(e);
                return -1;
              }
            });
    if (!refused.isEmpty()) {
      throw refused.getFirst();
    }
    return pools;
  }

  private static String text(Random random) {
    if (random.nextInt(2000) == 0) {
      return large(random);
    }
    var text = random.nextInt(4) == 0 ? value(random, 0) : configuration(random);
    for (int i = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0;
        i > 0 && !text.isEmpty();
        i--) {
      text = mutated(text, random);
    }
    return text;
  }

  /** Mostly right, so that the deeper rules are met too. */
  private static String configuration(Random random) {
    var pools = new ArrayList<String>();
    for (int i = 0; i < random.nextInt(4); i++) {
      var members = new ArrayList<String>();
      members.add("\"resourceName\":\"p" + random.nextInt(5) + "\"");
      var selector =
          "{\"%s\":[\"%s\"],\"%s\":%s}"
              .formatted(
                  one(KEYS, random), one(TEXTS, random), one(KEYS, random), value(random, 3));
      members.add("\"selectors\":" + (random.nextBoolean() ? selector : "[" + selector + "]"));
      if (random.nextInt(3) == 0) {
        members.add("\"" + one(KEYS, random) + "\":" + value(random, 2));
      }
      pools.add("{" + String.join(",", members) + "}");
    }
    return "{\"resourceList\":[" + String.join(",", pools) + "]}";
  }

  private static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 5 ? 5 : 8)) {
      case 0 -> "null";
      case 1 -> "" + random.nextBoolean();
      case 2 -> random.nextBoolean() ? "-1.5e9" : "" + random.nextLong();
      case 3, 4 -> "\"" + one(TEXTS, random) + "\"";
      case 5 -> "[" + values(random, depth, "") + "]";
      default -> "{" + values(random, depth, "key") + "}";
    };
  }

  private static String values(Random random, int depth, String key) {
    var values = new ArrayList<String>();
    for (int i = 0; i < random.nextInt(5); i++) {
      values.add(
          (key.isEmpty() ? "" : "\"" + one(KEYS, random) + "\":") + value(random, depth + 1));
    }
    return String.join(",", values);
  }

  private static String mutated(String text, Random random) {
    int at = random.nextInt(text.length());
    int to = Math.min(text.length(), at + 1 + random.nextInt(8));
    return switch (random.nextInt(5)) {
      case 0 -> text.substring(0, at) + text.substring(to);
      case 1 -> text.substring(0, to) + text.substring(at);
      case 2 -> text.substring(0, at) + (char) random.nextInt(0x10000) + text.substring(at);
      case 3 ->
          text.substring(0, at)
              + one(List.of("{", "}", "[", "]", ",", "\"", ":", "\\"), random)
              + text.substring(to);
      default -> text.substring(0, at);
    };
  }

  /** Deep, long or both. */
  private static String large(Random random) {
    int many = 20_000 + random.nextInt(50_000);
    return switch (random.nextInt(4)) {
      case 0 -> "[".repeat(many * 2);
      case 1 -> "{\"resourceList\":".repeat(many);
      case 2 ->
          "{\"resourceList\":[{\"resourceName\":\"a\",\"selectors\":{\"pfNames\":[\"ens1#"
              + "0-65535,".repeat(many)
              + "\"]}}]}";
      default ->
          "{\"resourceList\":[{\"resourceName\":\""
              + "a".repeat(many * 3)
              + "\",\"selectors\":{}}]}";
    };
  }

  private static String one(List<String> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }
}
