package io.sriov.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.sriov.kube.ClusterClient;
import io.sriov.lab.ApiServer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CacheTest {

  private static final String NAME = "cache-test";

  private final KubernetesClient client =
      ClusterClient.open(
          Config.fromKubeconfig(ApiServer.shared().kubeconfig().toFile()), "kubectl");
  private final AtomicLong nanos = new AtomicLong();
  private final Cache<Node> nodes = new Cache<>(client.nodes(), nanos::get);

  @BeforeEach
  void start() {
    nodes.start().toCompletableFuture().join();
  }

  @AfterEach
  void close() {
    nodes.close();
    client.close();
  }

  private Node create() {
    return client
        .resource(new NodeBuilder().withNewMetadata().withName(NAME).endMetadata().build())
        .create();
  }

  private void awaitThere(boolean there) {
    await().atMost(Duration.ofSeconds(60)).until(() -> nodes.get(NAME).isPresent() == there);
  }

  @Test
  void whatWasWrittenIsSeenBeforeTheWatchBringsIt() {
    Node written = create();

    nodes.remember(written);

    assertThat(nodes.get(NAME)).isPresent();
    client.resource(written).delete();
    awaitThere(false);
  }

  /** The answer to a write that was on its way when the news of the deletion came. */
  @Test
  void anAnswerThatComesAfterTheDeletionDoesNotBringTheObjectBack() {
    Node written = create();
    awaitThere(true);
    client.resource(written).delete();
    awaitThere(false);

    nodes.remember(written);

    assertThat(nodes.get(NAME)).isEmpty();
  }

  /** However long the watch lags: a decision made from an older state would undo the newer one. */
  @Test
  void whatWasWrittenCountsUntilTheWatchBringsItOrSomethingNewer() {
    Node first = create();
    awaitThere(true);
    nodes.close();
    Node written =
        client
            .resource(first)
            .edit(node ->
                new NodeBuilder(node).editMetadata().addToLabels("a", "b").endMetadata().build());

    nodes.remember(written);
    nodes.remember(first);
    nanos.addAndGet(Duration.ofMinutes(5).toNanos());

    assertThat(nodes.get(NAME)).contains(written);
    client.resource(written).delete();
  }

  @Test
  void aNewObjectOfTheSameNameIsAnother() {
    Node first = create();
    awaitThere(true);
    client.resource(first).delete();
    awaitThere(false);

    nodes.remember(create());

    assertThat(nodes.get(NAME)).isPresent();
    client.nodes().withName(NAME).delete();
  }
}
