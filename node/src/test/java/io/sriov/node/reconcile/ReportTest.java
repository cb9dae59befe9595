package io.sriov.node.reconcile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.sriov.kube.Events;
import io.sriov.lab.ApiServer;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.SimulatedHost;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A condition from beside the loop, against a real API server. */
class ReportTest {

  private final Cluster cluster = new Cluster(ApiServer.shared());
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final Events events =
      new Events(cluster.client, Clock.systemUTC(), "daemon", Cluster.NODE);
  private final StatusPublisher publisher =
      new StatusPublisher(cluster.client, events, Clock.systemUTC());

  @BeforeEach
  void state() {
    host.addPf("0000:04:00.0");
    cluster.want("");
  }

  @AfterEach
  void stop() throws InterruptedException {
    publisher.close();
    events.close();
    cluster.client.close();
  }

  private static Condition clean(String status, String message) {
    return new ConditionBuilder()
        .withType("VfsClean")
        .withStatus(status)
        .withReason("Reason")
        .withMessage(message)
        .withObservedGeneration(1L)
        .build();
  }

  private void pass() {
    publisher.publish(
        cluster.state(), 1, Outcome.seen(host.inventory(), NodePlan.refused(List.of())));
  }

  private void awaitMessage(String message) {
    await()
        .atMost(30, SECONDS)
        .until(() ->
            cluster.condition("VfsClean").filter(c -> c.getMessage().equals(message)).isPresent());
  }

  @Test
  void staysBesideTheConditionsOfTheLoop() {
    publisher.report(cluster.state(), clean("True", "one"));
    pass();
    awaitMessage("one");
    cluster.awaitStatus("Succeeded");
    pass();
    publisher.report(cluster.state(), clean("False", "two"));
    awaitMessage("two");
    assertThat(cluster.condition("Ready")).isPresent();
    assertThat(cluster.state().getStatus().interfaces()).hasSize(1);
  }

  @Test
  void keepsTheTimeOfTheTransition() {
    publisher.report(cluster.state(), clean("False", "one"));
    awaitMessage("one");
    String since = cluster.condition("VfsClean").orElseThrow().getLastTransitionTime();
    publisher.report(cluster.state(), clean("False", "two"));
    awaitMessage("two");
    assertThat(cluster.condition("VfsClean").orElseThrow().getLastTransitionTime())
        .isEqualTo(since);
  }

  @Test
  void writesNothingIfNothingDiffers() throws InterruptedException {
    publisher.report(cluster.state(), clean("True", "one"));
    awaitMessage("one");
    String version = cluster.state().getMetadata().getResourceVersion();
    publisher.report(cluster.state(), clean("True", "one"));
    publisher.close();
    assertThat(cluster.state().getMetadata().getResourceVersion()).isEqualTo(version);
  }
}
