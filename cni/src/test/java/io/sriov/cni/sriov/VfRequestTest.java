package io.sriov.cni.sriov;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.plugin.CniArgs;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfLinkState;
import io.sriov.linux.netlink.VlanProtocol;
import io.sriov.testkit.Spec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VfRequestTest {

  private static NetConf decoded(String members) throws JsonException {
    return NetConf.of(
        JsonReader.read(("{" + members.replace('\'', '"') + "}").getBytes(StandardCharsets.UTF_8)));
  }

  private static VfRequest request(String members) throws Exception {
    return VfRequest.of(decoded(members), new CniArgs(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"vlan\":100|100|0|DOT1Q",
        "\"vlan\":4094,\"vlanQoS\":7|4094|7|DOT1Q",
        "\"vlan\":0,\"vlanQoS\":0,\"vlanProto\":\"802.1q\"|0|0|DOT1Q",
        "\"vlan\":1,\"vlanProto\":\"802.1Q\"|1|0|DOT1Q",
        "\"vlan\":1,\"vlanProto\":\"802.1AD\"|1|0|DOT1AD",
        "\"vlan\":7,\"Vlan\":8|8|0|DOT1Q",
        "\"VLAN\":8,\"vlan\":7,\"vLAN\":9|9|0|DOT1Q",
      })
  @Spec("04:25")
  @Spec("04:29")
  @Spec("04:32")
  @Spec("04:35")
  void readsTheVlan(String members, int id, int qos, VlanProtocol protocol) throws Exception {
    assertThat(request(members).changes()).containsExactly(new VfChange.Vlan(id, qos, protocol));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"vlan\":5000|vlan",
        "\"vlan\":4095|vlan",
        "\"vlan\":-1|vlan",
        "\"vlan\":0,\"vlanQoS\":1|vlanQoS",
        "\"vlan\":0,\"vlanProto\":\"802.1ad\"|vlanProto",
        "\"vlan\":100,\"vlanQoS\":10|vlanQoS",
        "\"vlan\":100,\"vlanQoS\":8|vlanQoS",
        "\"vlan\":100,\"vlanProto\":\"802\"|vlanProto",
        "\"vlan\":100,\"vlanProto\":\"\"|vlanProto",
        "\"vlanQoS\":1|vlanQoS",
        "\"vlanQoS\":0,\"vlan\":null|vlanQoS",
        "\"vlanProto\":\"802.1ad\"|vlanProto",
        "\"link_state\":\"Enable\"|link_state",
        "\"min_tx_rate\":-1|min_tx_rate",
        "\"max_tx_rate\":4294967296|max_tx_rate",
      })
  @Spec("04:25")
  @Spec("04:26")
  @Spec("04:27")
  @Spec("04:28")
  @Spec("04:29")
  @Spec("04:30")
  @Spec("04:31")
  @Spec("04:36")
  @Spec(value = "04:39", differs = "refused")
  void namesTheKeyWhoseValueIsWrong(String members, String key) {
    assertThatThrownBy(() -> request(members))
        .isInstanceOf(CniException.class)
        .hasMessageStartingWith(key)
        .extracting("code")
        .isEqualTo(999);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'vlan':'5'",
        "'vlan':true",
        "'vlan':100.0",
        "'vlan':1e2",
        "'vlan':99999999999999999999",
        "'ipam':'x'",
        "'capabilities':{'mac':'yes'}",
        "'spoofchk':true",
        "'dns':[]",
        "'runtimeConfig':5",
        "'prevResult':'x'",
        "'mtu':'9000'",
      })
  @Spec("04:34")
  @Spec("04:41")
  @Spec("04:42")
  void refusesAValueOfAnotherType(String members) {
    assertThatThrownBy(() -> decoded(members)).isInstanceOf(JsonException.class);
  }

  @Test
  @Spec("04:33")
  @Spec("04:36")
  @Spec("04:41")
  @Spec("04:43")
  @Spec("04:44")
  void asksForNothingThatIsEmptyNullOrUnknown() throws Exception {
    String members =
        "'vlan':null,'mac':null,'link_state':'','ipam':{},'runtimeConfig':null,'vf':0,"
            + "'vlan_trunk':'1','capabilities':null,'max-tx-rate':5";

    assertThat(request(members).changes()).isEmpty();
    assertThat(decoded(members).ipamType()).isEmpty();
  }

  @Test
  @Spec("04:38")
  void asksForBothRatesIfOneIsGiven() throws Exception {
    assertThat(request("'min_tx_rate':10").changes()).containsExactly(new VfChange.Rate(10, 0));
    assertThat(request("'max_tx_rate':10").changes()).containsExactly(new VfChange.Rate(0, 10));
    assertThat(request("'max_tx_rate':0").changes()).containsExactly(new VfChange.Rate(0, 0));
  }

  @Test
  @Spec("04:36")
  void readsTheLinkState() throws Exception {
    assertThat(request("'link_state':'disable'").changes())
        .containsExactly(new VfChange.LinkState(VfLinkState.DISABLE));
  }

  @Test
  @Spec("04:37")
  void doubtsWordsThatMeanOffButDoNotSayIt() throws Exception {
    VfRequest request = request("'spoofchk':'ON','trust':'true'");

    assertThat(request.changes())
        .containsExactly(new VfChange.SpoofChk(false), new VfChange.Trust(false));
    assertThat(request.doubts()).hasSize(2).allMatch(doubt -> doubt.contains("off"));
    assertThat(request("'spoofchk':'off','trust':'on'").doubts()).isEmpty();
  }

  @Test
  @Spec("04:35")
  void mergesObjectsThatAreGivenTwiceAsGoDoes() throws Exception {
    String members = "'runtimeConfig':{'mac':'02:00:00:00:00:01'},'RuntimeConfig':{'x':1}";

    assertThat(request(members).mac())
        .contains(HardwareAddress.parse("02:00:00:00:00:01").orElseThrow());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MAC=02:00:00:00:00:02|02:00:00:00:00:02",
        "IgnoreUnknown=true;K8S_POD_NAME=p;MAC=02:00:00:00:00:02|02:00:00:00:00:02",
        "IgnoreUnknown=1;mac=02:00:00:00:00:02|''",
        "IgnoreUnknown=FALSE|''",
      })
  @Spec("04:48")
  @Spec("04:49")
  void readsTheRuntimesArguments(String text, String mac) throws Exception {
    assertThat(CniArgs.parse(text).mac()).isEqualTo(mac);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MAC",
        "MAC=a;",
        ";",
        "A=1=2",
        "IgnoreUnknown=yes",
        "mac=x",
        "IgnoreUnknown=0;K8S_POD_NAME=p"
      })
  @Spec("04:49")
  @Spec("04:50")
  void refusesArgumentsThatAreNoPairsOrUnknown(String text) {
    assertThatThrownBy(() -> CniArgs.parse(text))
        .isInstanceOf(CniException.class)
        .hasMessageStartingWith("CNI_ARGS");
  }
}
