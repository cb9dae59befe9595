package io.sriov.cni.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.json.JsonReader;
import io.sriov.cni.json.JsonWriter;
import io.sriov.testkit.Spec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddResultTest {

  private static final String IPAM =
      "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24','gateway':'192.0.2.1'},"
          + "{'address':'2001:db8::5/64'}],'routes':[{'dst':'0.0.0.0/0'},"
          + "{'dst':'::/0','gw':'2001:db8::1','mtu':1400,'table':100,'scope':0}]}";

  private static AddResult result(String ipam) throws Exception {
    return new AddResult(
        "net1",
        "/run/netns/x",
        "02:00:00:00:00:01",
        1500,
        IpamResult.parse(
            JsonReader.read(ipam.replace('\'', '"').getBytes(StandardCharsets.UTF_8)), "1.0.0"));
  }

  private static String printed(String version) throws Exception {
    return JsonWriter.compact(result(IPAM).json(version)).replace('"', '\'');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "0.1.0|{'cniVersion':'0.1.0','ip4':{'ip':'192.0.2.5/24','gateway':'192.0.2.1',"
            + "'routes':[{'dst':'0.0.0.0/0'}]},'ip6':{'ip':'2001:db8::5/64',"
            + "'routes':[{'dst':'::/0','gw':'2001:db8::1'}]},'dns':{}}",
        "0.3.1|{'cniVersion':'0.3.1','interfaces':[{'name':'net1','mac':'02:00:00:00:00:01',"
            + "'sandbox':'/run/netns/x'}],'ips':[{'version':'4','interface':0,"
            + "'address':'192.0.2.5/24','gateway':'192.0.2.1'},{'version':'6','interface':0,"
            + "'address':'2001:db8::5/64'}],'routes':[{'dst':'0.0.0.0/0'},{'dst':'::/0',"
            + "'gw':'2001:db8::1','mtu':1400,'table':100,'scope':0}],'dns':{}}",
        "1.0.0|{'cniVersion':'1.0.0','interfaces':[{'mac':'02:00:00:00:00:01','mtu':1500,"
            + "'name':'net1','sandbox':'/run/netns/x'}],'ips':[{'address':'192.0.2.5/24',"
            + "'gateway':'192.0.2.1','interface':0},{'address':'2001:db8::5/64','interface':0}],"
            + "'routes':[{'dst':'0.0.0.0/0'},{'dst':'::/0','gw':'2001:db8::1','mtu':1400,"
            + "'table':100,'scope':0}]}"
      })
  @Spec("04:17")
  void hasTheShapeOfTheConfigurationsVersion(String version, String expected) throws Exception {
    assertThat(printed(version)).isEqualTo(expected);
    String[][] same = {{"0.1.0", "0.2.0"}, {"0.3.1", "0.4.0"}, {"1.0.0", "1.1.0"}};
    for (String[] pair : same) {
      if (pair[0].equals(version)) {
        assertThat(printed(pair[1])).isEqualTo(expected.replace(pair[0], pair[1]));
      }
    }
  }

  @Test
  @Spec("04:86")
  void readsAddressesOfTheOldestResultsToo() throws Exception {
    AddResult result =
        result(
            "{'cniVersion':'0.2.0','ip4':{'ip':'192.0.2.5/24','gateway':'192.0.2.1',"
                + "'routes':[{'dst':'10.0.0.0/8'}]},'dns':{'nameservers':['192.0.2.53']}}");

    assertThat(JsonWriter.compact(result.json("1.0.0")))
        .contains("\"dns\":{\"nameservers\":[\"192.0.2.53\"]}")
        .contains("\"gateway\":\"192.0.2.1\"")
        .contains("\"dst\":\"10.0.0.0/8\"");
  }

  @Test
  @Spec("04:87")
  void assumesTheConfigurationsVersionForAResultWithout() throws Exception {
    assertThat(
            IpamResult.parse(
                    JsonReader.read(
                        "{\"ip4\":{\"ip\":\"192.0.2.5/24\"}}".getBytes(StandardCharsets.UTF_8)),
                    "0.2.0")
                .ips())
        .hasSize(1);
  }

  @Test
  @Spec("04:18")
  void printsAnErrorWithItsCodeAndWhatIsKnown() {
    assertThat(CniException.internal("no \"VF\"").document("1.0.0"))
        .isEqualTo(
            """
            {
                "cniVersion": "1.0.0",
                "code": 999,
                "msg": "no \\"VF\\""
            }\
            """);
  }
}
