package io.sriov.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateStatus;
import org.junit.jupiter.api.Test;

class StatusWriteTest {

  private final StatusPatch patch = new StatusPatch(Cluster.CLIENT);

  @Test
  void writesOnlyWhenSomethingDiffersAndRemovesWhatWentAway() {
    var created = nodeState();

    var failed =
        patch.apply(
            created,
            status(
                """
                syncStatus: Failed
                lastSyncError: no such PF
                interfaces:
                - {pciAddress: "0000:01:00.0", name: ens1, totalvfs: 7}
                - {pciAddress: "0000:02:00.0", name: ens2, totalvfs: 7}
                """));
    assertThat(failed.getStatus().interfaces()).hasSize(2);

    var same = patch.apply(failed, failed.getStatus());
    assertThat(same).isSameAs(failed);
    assertThat(current(created).getMetadata().getResourceVersion())
        .isEqualTo(failed.getMetadata().getResourceVersion());

    var succeeded =
        patch.apply(
            failed,
            status(
                """
                syncStatus: Succeeded
                interfaces:
                - {pciAddress: "0000:01:00.0", name: ens1, totalvfs: 7, numVfs: 2}
                """));
    assertThat(succeeded.getStatus()).isEqualTo(current(created).getStatus());
    assertThat(succeeded.getStatus().lastSyncError()).isNull();
    assertThat(succeeded.getStatus().interfaces()).hasSize(1);
    assertThat(succeeded.getStatus().interfaces().getFirst().numVfs()).isEqualTo(2);
    assertThat(succeeded.getMetadata().getGeneration()).isEqualTo(1L);
  }

  private static SriovNetworkNodeState nodeState() {
    var state = new SriovNetworkNodeState();
    state.setMetadata(
        new ObjectMetaBuilder().withNamespace(Cluster.newNamespace()).withName("worker1").build());
    state.setSpec(
        Cluster.CLIENT
            .getKubernetesSerialization()
            .unmarshal("{}", SriovNetworkNodeStateSpec.class));
    return Cluster.CLIENT.resource(state).create();
  }

  private static SriovNetworkNodeState current(SriovNetworkNodeState state) {
    return Cluster.CLIENT.resource(state).get();
  }

  private static SriovNetworkNodeStateStatus status(String yaml) {
    return Cluster.CLIENT
        .getKubernetesSerialization()
        .unmarshal(yaml, SriovNetworkNodeStateStatus.class);
  }
}
