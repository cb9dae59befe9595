package io.sriov.cni.ib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.cni.json.JsonReader;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfLinkState;
import io.sriov.testkit.Spec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VfWishTest {

  private static Conf conf(String text) throws Exception {
    return Conf.decoded(JsonReader.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  private static Attachment state(String text) throws Exception {
    return Attachment.of(JsonReader.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01:23:45:67:89:ab:cd:xy",
        "01:23:45:67:89:ab:cd",
        "01:23:45:67:89:ab:cd:ef:01",
        "0123456789abcdef",
        "00:00:00:00:00:00:00:00"
      })
  @Spec("04:119")
  void refusesAGuidThatIsNone(String guid) {
    assertThatThrownBy(() -> VfWish.of(conf("{'runtimeConfig':{'infinibandGUID':'" + guid + "'}}")))
        .hasMessageStartingWith("runtimeConfig.infinibandGUID must");
  }

  @Test
  void thePodsGuidCountsBeforeThatOfTheArguments() throws Exception {
    String arguments = "'args':{'cni':{'guid':'02:00:00:00:00:00:00:02'}}";

    assertThat(VfWish.of(conf("{" + arguments + "}")).guid())
        .contains(new Guid(0x0200000000000002L));
    assertThat(
            VfWish.of(
                    conf(
                        "{'runtimeConfig':{'infinibandGUID':'02:00:00:00:00:00:00:01'},"
                            + arguments
                            + "}"))
                .changes())
        .containsExactly(
            new VfChange.NodeGuid(0x0200000000000001L), new VfChange.PortGuid(0x0200000000000001L));
    assertThat(VfWish.of(conf("{'guid':'02:00:00:00:00:00:00:01'}")).guid())
        .as("a member of the configuration itself means nothing")
        .isEmpty();
  }

  @Test
  void everyArgumentIsAString() {
    assertThatThrownBy(() -> conf("{'args':{'cni':{'guid':5}}}"))
        .hasMessageContaining("args.cni.guid must be a string");
  }

  @Test
  @Spec("04:125")
  void waitsForIbKubernetes() {
    assertThatThrownBy(() -> VfWish.of(conf("{'ibKubernetesEnabled':true}")))
        .hasMessageContaining("mellanox.infiniband.app");
  }

  @Test
  void readsTheGuidOfAnIpoibAddress() {
    HardwareAddress address =
        HardwareAddress.parse("80:00:02:08:fe:80:00:00:00:00:00:00:0c:42:a1:03:00:aa:00:07")
            .orElseThrow();

    assertThat(Guid.in(address)).get().hasToString("0c:42:a1:03:00:aa:00:07");
    assertThat(Guid.in(HardwareAddress.of(new byte[6]))).isEmpty();
    assertThat(Guid.parse("0C:42:A1:03:00:AA:00:07")).isEqualTo(Guid.in(address));
  }

  @Test
  @Spec("04:122")
  void putsAllOnesBackForAGuidOfZeros() throws Exception {
    String zeros = "00:00:00:00:00:00:00:00";

    assertThat(
            Restoration.settings(
                state("{'deviceID':'0000:03:00.1','HostIFGUID':'" + zeros + "'}"),
                Optional.empty()))
        .containsExactly(new VfChange.NodeGuid(-1), new VfChange.PortGuid(-1));
    assertThat(Restoration.settings(state("{'deviceID':'0000:03:00.1'}"), Optional.empty()))
        .isEmpty();
  }

  @Test
  @Spec(
      value = "04:122",
      differs = "a GUID that cannot be read does not keep the pod from ending: it becomes all ones")
  void putsAllOnesBackForAGuidThatCannotBeRead() throws Exception {
    assertThat(
            Restoration.settings(
                state("{'deviceID':'0000:03:00.1','HostIFGUID':'zz','link_state':'enable'}"),
                Optional.empty()))
        .containsExactly(
            new VfChange.LinkState(VfLinkState.AUTO),
            new VfChange.NodeGuid(-1),
            new VfChange.PortGuid(-1));
  }
}
