package io.sriov.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.testkit.Spec;
import org.junit.jupiter.api.Test;

class RecordsTest {

  @Test
  @Spec("01:16")
  void indexZeroOfAVfIsWritten() {
    var state =
        Serialization.unmarshal(
            """
            interfaces:
            - pciAddress: 0000:04:00.0
              totalvfs: 7
              numVfs: 1
              Vfs:
              - {pciAddress: "0000:04:10.0", vfID: 0, driver: igbvf}
            """,
            SriovNetworkNodeStateStatus.class);

    assertThat(Serialization.asJson(state))
        .isEqualTo(
            "{\"interfaces\":[{\"pciAddress\":\"0000:04:00.0\",\"numVfs\":1,\"totalvfs\":7,"
                + "\"Vfs\":[{\"driver\":\"igbvf\",\"pciAddress\":\"0000:04:10.0\",\"vfID\":0}]}]}");
  }

  @Test
  void nullAbsentAndEmptyReadAlike() {
    var absent = Serialization.unmarshal("interfaces: null", SriovNetworkNodeStateSpec.class);
    var empty =
        Serialization.unmarshal("interfaces: []\nunknown: 1", SriovNetworkNodeStateSpec.class);

    assertThat(absent).isEqualTo(empty).isEqualTo(SriovNetworkNodeStateSpec.EMPTY);
  }

  @Test
  void anExplicitPriorityOfZeroDiffersFromAnAbsentOne() {
    var given =
        Serialization.unmarshal(
            "priority: 0\nnumVfs: 1\nresourceName: r", SriovNetworkNodePolicySpec.class);
    var absent =
        Serialization.unmarshal("numVfs: 1\nresourceName: r", SriovNetworkNodePolicySpec.class);

    assertThat(given.priority()).isZero();
    assertThat(absent.priority()).isNull();
    assertThat(absent.priorityOrStrongest()).isZero();
  }

  @Test
  void numVfsOfZeroIsWrittenInAPolicy() {
    var policy =
        Serialization.unmarshal(
            "numVfs: 0\nresourceName: r\nnodeSelector: {}\nnicSelector: {vendor: '8086'}",
            SriovNetworkNodePolicySpec.class);

    assertThat(Serialization.asJson(policy))
        .isEqualTo("{\"resourceName\":\"r\",\"numVfs\":0,\"nicSelector\":{\"vendor\":\"8086\"}}");
  }
}
