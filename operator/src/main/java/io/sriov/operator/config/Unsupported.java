package io.sriov.operator.config;

import io.sriov.api.FeatureGate;
import io.sriov.api.SriovOperatorConfigSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Settings that this version does not implement: they are refused by name, never ignored. */
final class Unsupported {

  private static final Set<String> BUILT_GATES =
      Set.of(
          FeatureGate.PARALLEL_NIC_CONFIG.key(),
          FeatureGate.BLOCK_DEVICE_PLUGIN_UNTIL_CONFIGURED.key());

  private Unsupported() {}

  /** Members that ask for something that is not there, as {@code path value}. */
  static List<String> in(SriovOperatorConfigSpec spec) {
    List<String> found = new ArrayList<>();
    onlyFalse(found, "enableInjector", spec.enableInjector());
    onlyFalse(found, "enableOperatorWebhook", spec.enableOperatorWebhook());
    onlyFalse(found, "enableOvsOffload", spec.enableOvsOffload());
    gates(found, spec.featureGates());
    return List.copyOf(found);
  }

  private static void onlyFalse(List<String> found, String member, @Nullable Boolean value) {
    if (Boolean.TRUE.equals(value)) {
      found.add(member + " true");
    }
  }

  private static void gates(List<String> found, Map<String, Boolean> gates) {
    List<String> known = Arrays.stream(FeatureGate.values()).map(FeatureGate::key).toList();
    new TreeMap<>(gates)
        .forEach((gate, on) -> {
          if (on && !BUILT_GATES.contains(gate)) {
            found.add("featureGates." + gate + (known.contains(gate) ? " true" : " (unknown)"));
          }
        });
  }
}
