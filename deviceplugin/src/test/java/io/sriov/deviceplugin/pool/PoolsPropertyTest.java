package io.sriov.deviceplugin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.deviceplugin.config.DeviceKind;
import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.config.Selector;
import io.sriov.testkit.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Rules that hold for every set of devices and pools; a failure names the seed. */
class PoolsPropertyTest {

  private static final int SEEDS = 2000;

  private record World(List<PciFunction> functions, List<PoolConfig> pools, Held held) {
    Facts facts() {
      return Facts.of(functions, true);
    }
  }

  @Test
  @Spec("05:62")
  void noDeviceIsInTwoPoolsOrTwiceInOne() {
    forEachSeed((_, world) -> {
      var seen = new HashSet<String>();
      for (var pool : Pools.of(world.pools(), world.facts(), world.held()).pools()) {
        pool.devices().forEach(device -> assertThat(seen.add(device.id())).isTrue());
      }
    });
  }

  @Test
  void theOrderInWhichDevicesAreFoundDoesNotMatter() {
    forEachSeed((random, world) -> {
      var shuffled = new ArrayList<>(world.functions());
      Collections.shuffle(shuffled, random);
      assertThat(Pools.of(world.pools(), Facts.of(shuffled, true), world.held()))
          .isEqualTo(Pools.of(world.pools(), world.facts(), world.held()));
    });
  }

  @Test
  void theOrderOfPoolsThatShareNoDeviceDoesNotMatter() {
    forEachSeed((random, world) -> {
      var alone = new ArrayList<PoolConfig>();
      var taken = new HashSet<String>();
      for (var pool : world.pools()) {
        var ids = ids(Pools.of(List.of(pool), world.facts(), Held.NONE).pools().getFirst());
        if (Collections.disjoint(taken, ids)) {
          taken.addAll(ids);
          alone.add(pool);
        }
      }
      var shuffled = new ArrayList<>(alone);
      Collections.shuffle(shuffled, random);
      assertThat(byResource(Pools.of(shuffled, world.facts(), Held.NONE)))
          .isEqualTo(byResource(Pools.of(alone, world.facts(), Held.NONE)));
    });
  }

  @Test
  void aHeldDeviceIsHealthyOnlyWhereItIsHeld() {
    forEachSeed((_, world) -> {
      for (var pool : Pools.of(world.pools(), world.facts(), world.held()).pools()) {
        for (var device : pool.devices()) {
          world
              .held()
              .holder(device.id())
              .filter(holder -> !holder.resource().equals(pool.config().resource()))
              .ifPresent(_ -> assertThat(device.unhealthy()).isPresent());
        }
      }
    });
  }

  @Test
  void everyDeviceHeldFromAConfiguredPoolIsInThatPool() {
    forEachSeed((_, world) -> {
      var pools = byResource(Pools.of(world.pools(), world.facts(), world.held()));
      world
          .held()
          .byId()
          .forEach((id, holder) -> {
            if (pools.containsKey(holder.resource())) {
              assertThat(pools.get(holder.resource())).contains(id);
            }
          });
    });
  }

  @Test
  void withoutHoldersEveryDeviceIsHealthyAndSelected() {
    forEachSeed((_, world) -> {
      var pools = Pools.of(world.pools(), world.facts(), Held.NONE);
      assertThat(pools.dependOnPods()).isFalse();
      for (var pool : pools.pools()) {
        assertThat(pool.devices()).allMatch(device -> device.unhealthy().isEmpty());
        var alone = Pools.of(List.of(pool.config()), world.facts(), Held.NONE);
        assertThat(ids(alone.pools().getFirst())).containsAll(ids(pool));
      }
    });
  }

  private static void forEachSeed(BiConsumer<Random, World> property) {
    for (long seed = 0; seed < SEEDS; seed++) {
      var random = new Random(seed);
      try {
        property.accept(random, world(random));
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  private static World world(Random random) {
    var functions = new ArrayList<PciFunction>();
    var ids = new ArrayList<String>();
    for (int card = 0; card < 1 + random.nextInt(3); card++) {
      int vfs = random.nextInt(6);
      for (var function : Functions.pfWithVfs("0" + card, "ens" + card, vfs)) {
        ids.add(function.address());
        if (random.nextInt(8) > 0) {
          functions.add(random.nextInt(6) > 0 ? function : rebound(random, function));
        }
      }
    }
    var pools = new ArrayList<PoolConfig>();
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      var selectors = new ArrayList<Selector>();
      for (int j = 0; j <= random.nextInt(2); j++) {
        selectors.add(selector(random, ids));
      }
      pools.add(
          new PoolConfig(
              "openshift.io",
              "pool" + i,
              DeviceKind.NET_DEVICE,
              selectors,
              random.nextBoolean(),
              Optional.empty()));
    }
    var held = new HashMap<String, Held.Holder>();
    for (var id : ids) {
      if (random.nextInt(5) == 0) {
        held.put(id, new Held.Holder("openshift.io/pool" + random.nextInt(6), "default/p"));
      }
    }
    return new World(functions, pools, new Held(held));
  }

  private static PciFunction rebound(Random random, PciFunction function) {
    return Functions.function(
        function.address(),
        f -> {
          f.driver = random.nextBoolean() ? Optional.empty() : Optional.of("vfio-pci");
          f.physfn = function.physfn();
          f.vfIndexes = new HashMap<>(function.vfIndexes());
          f.netdevs =
              new ArrayList<>(function.physfn().isPresent() ? List.of() : function.netdevs());
        });
  }

  private static Selector selector(Random random, List<String> ids) {
    int from = random.nextInt(4);
    var list = random.nextBoolean() ? "" : "#" + from + "-" + (from + random.nextInt(3));
    return new Selector(
        some(random, "8086", "15b3"),
        some(random, "10ca", "10c9"),
        some(random, "igbvf", "vfio-pci"),
        random.nextInt(6) == 0 ? List.of(ids.get(random.nextInt(ids.size()))) : List.of(),
        List.of(),
        List.of(),
        random.nextInt(2) == 0 ? List.of("ens" + random.nextInt(3) + list) : List.of(),
        random.nextInt(6) == 0 ? List.of("0000:0" + random.nextInt(3) + ":00.0" + list) : List.of(),
        List.of(),
        List.of(),
        List.of(),
        false,
        random.nextBoolean(),
        "");
  }

  /** No filter as a rule, else the first as a rule. */
  private static List<String> some(Random random, String usual, String rare) {
    return random.nextInt(3) > 0 ? List.of() : List.of(random.nextInt(3) > 0 ? usual : rare);
  }

  private static Map<String, List<String>> byResource(Pools pools) {
    var ids = new HashMap<String, List<String>>();
    pools.pools().forEach(pool -> ids.put(pool.config().resource(), ids(pool)));
    return ids;
  }

  private static List<String> ids(Pool pool) {
    return pool.devices().stream().map(PoolDevice::id).toList();
  }
}
