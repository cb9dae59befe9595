package io.sriov.kube;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeadershipTest {

  @Test
  void passesToTheNextCandidateWhenTheLeaderGivesItUp() throws Exception {
    var namespace = Cluster.newNamespace();
    var lost = new AtomicInteger();
    var first =
        Leadership.contest(Cluster.CLIENT, namespace, "operator", "a", lost::incrementAndGet);
    first.await();
    assertThat(holder(namespace)).isEqualTo("a");

    try (var second = Leadership.contest(Cluster.CLIENT, namespace, "operator", "b", () -> {})) {
      first.close();
      await().atMost(10, SECONDS).untilAtomic(lost, org.hamcrest.Matchers.equalTo(1));
      second.await();
      assertThat(holder(namespace)).isEqualTo("b");
    }
  }

  private static String holder(String namespace) {
    return Cluster.CLIENT
        .leases()
        .inNamespace(namespace)
        .withName("operator")
        .get()
        .getSpec()
        .getHolderIdentity();
  }
}
