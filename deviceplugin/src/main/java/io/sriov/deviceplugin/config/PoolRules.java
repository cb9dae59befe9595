package io.sriov.deviceplugin.config;

import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/** What a decoded pool must obey (spec 05 §2.4). */
final class PoolRules {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]+");

  private PoolRules() {}

  static void check(List<PoolConfig> pools) throws ConfigException {
    var names = new HashSet<String>();
    for (var pool : pools) {
      if (!NAME.matcher(pool.name()).matches()) {
        throw ConfigException.invalidPool(
            "resourceName \"%s\" is not made of letters, digits, _ and - alone"
                .formatted(pool.name()));
      }
      if (!names.add(pool.resource())) {
        throw ConfigException.invalidPool(
            "two pools are named %s; give one of them another resourceName or resourcePrefix"
                .formatted(pool.resource()));
      }
      switch (pool.kind()) {
        case NET_DEVICE -> rdmaAndVdpaExclude(pool);
        case AUX_NET_DEVICE -> auxTypesAreSf(pool);
        case ACCELERATOR -> {}
      }
    }
  }

  private static void rdmaAndVdpaExclude(PoolConfig pool) throws ConfigException {
    for (var selector : pool.selectors()) {
      if (selector.isRdma() && !selector.vdpaType().isEmpty()) {
        throw ConfigException.invalidPool(
            "pool %s: one selector has both isRdma and vdpaType \"%s\""
                .formatted(pool.resource(), selector.vdpaType()));
      }
    }
  }

  private static void auxTypesAreSf(PoolConfig pool) throws ConfigException {
    for (var selector : pool.selectors()) {
      if (selector.auxTypes().isEmpty() || !selector.auxTypes().stream().allMatch("sf"::equals)) {
        throw ConfigException.invalidPool(
            "pool %s: auxTypes of each selector must be [\"sf\"], but is %s"
                .formatted(pool.resource(), selector.auxTypes()));
      }
    }
  }
}
