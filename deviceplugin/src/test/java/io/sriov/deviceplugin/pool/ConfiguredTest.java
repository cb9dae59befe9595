package io.sriov.deviceplugin.pool;

import static io.sriov.deviceplugin.pool.Functions.function;
import static io.sriov.deviceplugin.pool.Functions.pfWithVfs;
import static io.sriov.deviceplugin.pool.Functions.vf;
import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.deviceplugin.config.ConfigDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfiguredTest {

  @Test
  void promisesWhatIsListedWhetherItExistsOrNot() throws Exception {
    assertThat(configured(pool("a", "'pfNames':['ens1#0-3,9']"), pfWithVfs("03", "ens1", 2)))
        .isEqualTo(Map.of("x/a", 5));
    assertThat(configured(pool("a", "'pfNames':['ens7#0-3']"), pfWithVfs("03", "ens1", 2)))
        .isEqualTo(Map.of("x/a", 4));
    assertThat(
            configured(pool("a", "'rootDevices':['0000:03:00.0#0-3']"), pfWithVfs("03", "ens1", 0)))
        .isEqualTo(Map.of("x/a", 4));
  }

  @Test
  void promisesTheVfsThatAPfHasWhereNoneAreListed() throws Exception {
    assertThat(configured(pool("a", "'pfNames':['ens1']"), pfWithVfs("03", "ens1", 3)))
        .isEqualTo(Map.of("x/a", 3));
  }

  @Test
  void countsAVfWithoutTheDriverItShouldHave() throws Exception {
    var facts = new ArrayList<>(pfWithVfs("03", "ens1", 2));
    facts.set(
        1,
        function(
            vf("03", 0),
            f -> {
              f.physfn = Optional.of("0000:03:00.0");
              f.driver = Optional.empty();
            }));
    assertThat(configured(pool("a", "'pfNames':['ens1']"), facts)).isEqualTo(Map.of("x/a", 2));
    assertThat(configured(pool("a", "'pfNames':['ens1#0-1'],'drivers':['vfio-pci']"), facts))
        .isEqualTo(Map.of("x/a", 2));
  }

  @Test
  void countsEachVfForOnePool() throws Exception {
    var two =
        pool("a", "'pfNames':['ens1'],'drivers':['vfio-pci']")
            + ","
            + pool("b", "'pfNames':['ens1'],'drivers':['igbvf']")
            + ","
            + pool("c", "'pfNames':['ens1#0-5']");
    assertThat(configured(two, pfWithVfs("03", "ens1", 3)))
        .isEqualTo(Map.of("x/a", 0, "x/b", 3, "x/c", 3));
  }

  @Test
  void doesNotCountPfsThatASelectorWithoutNamesMatches() throws Exception {
    assertThat(configured(pool("a", "'drivers':['vfio-pci']"), pfWithVfs("03", "ens1", 0)))
        .isEqualTo(Map.of("x/a", 0));
  }

  @Test
  void readsARangeWithoutEndOnlyAsFarAsVfsGo() throws Exception {
    assertThat(configured(pool("a", "'pfNames':['ens1#0-2147483647']"), pfWithVfs("03", "ens1", 1)))
        .isEqualTo(Map.of("x/a", 65536));
  }

  private static String pool(String name, String selector) {
    return "{'resourceName':'%s','selectors':{%s}}".formatted(name, selector);
  }

  private static Map<String, Integer> configured(String pools, List<PciFunction> functions)
      throws Exception {
    var facts = Facts.of(functions, false);
    var config =
        new ConfigDecoder("x").decode("{\"resourceList\":[" + pools.replace('\'', '"') + "]}");
    return Configured.of(Pools.of(config.pools(), facts, Held.NONE), facts);
  }
}
