package io.sriov.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.Names;
import io.sriov.lab.ApiServer;
import io.sriov.testkit.Spec;
import org.junit.jupiter.api.Test;

/** A cluster of one node: an API server of its own, as other tests have nodes in theirs. */
class SingleNodeDrainTest {

  @Test
  @Spec("02:130")
  @Spec("02:129")
  void theOnlyNodeIsNotDrainedForItsRebootButForItsVfs() throws Exception {
    try (ApiServer server = ApiServer.start();
        TestCluster cluster = new TestCluster(server);
        Operator unused = cluster.operator()) {
      DrainFixture drains = new DrainFixture(cluster);
      cluster.config(cluster.nodeSelector());
      drains.nodes(1);
      drains.vfPod(1, "vf");

      drains.request(1, Names.REBOOT_REQUIRED, null);
      drains.becomes(1, Names.DRAIN_COMPLETE);
      assertThat(drains.cordoned(1)).isFalse();
      assertThat(drains.exists("vf")).isTrue();
      drains.done(1);
      drains.back(1);

      drains.drain(1);
      drains.drained(1);
      assertThat(drains.exists("vf")).isFalse();
      drains.done(1);
      drains.back(1);
      assertThat(cluster.metric("sriov_drains", "result", "completed")).isEqualTo(2);
    }
  }
}
