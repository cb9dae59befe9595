package io.sriov.operator.drain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.sriov.api.Names;
import io.sriov.kube.ClusterClient;
import io.sriov.lab.ApiServer;
import io.sriov.operator.cluster.Cluster;
import io.sriov.testkit.Spec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DrainWritesTest {

  private final KubernetesClient client =
      ClusterClient.open(
          Config.fromKubeconfig(ApiServer.shared().kubeconfig().toFile()), "kubectl");
  private final Cluster cluster = new Cluster(client, "default");
  private final DrainWrites writes = new DrainWrites(client, cluster);
  private final Node node = client.resource(node("drain-writes")).create();

  private static Node node(String name) {
    return new NodeBuilder().withNewMetadata().withName(name).endMetadata().build();
  }

  @AfterEach
  void close() {
    client.resource(node).delete();
    cluster.close();
    client.close();
  }

  @Test
  @Spec("02:147")
  void aNodeThatIsGoneCannotBeCordoned() {
    client.resource(node).delete();

    assertRefused(404, node);
  }

  /** Two operators: the later one decides anew. */
  @Test
  void aStepDecidedFromOlderFactsIsRefused() {
    Node cordoned = writes.cordon(node);

    assertRefused(409, node);
    assertThat(writes.uncordon(cordoned).getSpec().getUnschedulable()).isNull();
  }

  @Test
  void cordonAndMarkComeAndGoTogether() {
    Node cordoned = writes.cordon(node);

    assertThat(cordoned.getSpec().getUnschedulable()).isTrue();
    assertThat(DrainFacts.annotation(cordoned, Names.CORDONED)).contains("true");
    Node back = writes.uncordon(cordoned);
    assertThat(DrainFacts.isSchedulable(back)).isTrue();
    assertThat(DrainFacts.annotation(back, Names.CORDONED)).isEmpty();
  }

  private void assertRefused(int code, Node seen) {
    assertThatThrownBy(() -> writes.cordon(seen))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(code));
  }
}
