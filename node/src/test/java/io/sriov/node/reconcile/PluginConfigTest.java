package io.sriov.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PluginConfigTest {

  private static final String A = "p000004000";
  private static final String B = "p000005000";

  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final Pf a = pf("0000:04:00.0");

  private Pf pf(String pci) {
    host.addPf(pci);
    return host.inventory().pfs().stream()
        .filter(pf -> pf.pci().equals(new PciAddress(pci)))
        .findFirst()
        .orElseThrow();
  }

  private static String resource(String name, String selectors) {
    return "{\"resourceName\":\"%s\",\"selectors\":{%s}}".formatted(name, selectors);
  }

  private static String byName(String name, String... pfNames) {
    return resource(name, "\"pfNames\":[\"" + String.join("\",\"", pfNames) + "\"]");
  }

  private static String config(String... resources) {
    return "{\"resourceList\":[" + String.join(",", resources) + "]}";
  }

  private static String offered(String wanted, String present, Pf... unsettled) {
    return PluginConfig.offered(wanted, present, List.of(unsettled)).orElse(null);
  }

  @Test
  void isWhatIsWantedByteForByteWhenEveryPfIsAsItShallBe() {
    String odd = " {\"resourceList\" : [] } ";
    assertThat(offered(odd, null)).isEqualTo(odd);
    assertThat(offered("not JSON", null, a)).isEqualTo("not JSON");
  }

  @Test
  void isEmptyOnlyWhereThePluginHasSomethingToForget() {
    assertThat(offered(null, null)).isNull();
    assertThat(offered(null, config(byName("x", A)))).isEqualTo("{\"resourceList\":null}");
  }

  @Test
  void offersOtherPfsWhileOneIsNotReady() {
    String wanted = config(byName("x", A), byName("y", B + "#0-1"));
    assertThat(offered(wanted, null, a)).isEqualTo(config(byName("y", B + "#0-1")));
    assertThat(offered(config(byName("x", A)), null, a)).isNull();
  }

  @Test
  void offersOfAPfThatIsNotReadyWhatItOfferedBefore() {
    String before = config(byName("x", A + "#0-1", B + "#0-1"));
    String wanted = config(byName("x", B + "#0-3", A + "#0-5"), byName("new", A + "#6-6"));
    assertThat(offered(wanted, before, a)).isEqualTo(config(byName("x", B + "#0-3", A + "#0-1")));
  }

  @Test
  void knowsPfsByAddressToo() {
    String wanted = config(resource("x", "\"rootDevices\":[\"0000:04:00.0\",\"0000:05:00.0\"]"));
    assertThat(offered(wanted, null, a))
        .isEqualTo(config(resource("x", "\"rootDevices\":[\"0000:05:00.0\"]")));
  }

  @Test
  void keepsAResourceThatIsSelectedByModelAsItWas() {
    String before = config(resource("x", "\"devices\":[\"10ca\"]"));
    String wanted = config(resource("x", "\"devices\":[\"10ca\",\"154c\"]"), byName("y", B));
    assertThat(offered(wanted, before, a))
        .isEqualTo(config(resource("x", "\"devices\":[\"10ca\"]"), byName("y", B)));
    assertThat(offered(wanted, null, a)).isEqualTo(config(byName("y", B)));
  }

  @Test
  void stopsOfferingWhatNobodyWantsAnyMore() {
    assertThat(offered(config(byName("y", B)), config(byName("x", A), byName("y", B)), a))
        .isEqualTo(config(byName("y", B)));
  }
}
