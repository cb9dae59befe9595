package io.sriov.kube;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.sriov.api.SriovNetwork;
import io.sriov.testkit.Spec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConditionsTest {

  private final SetClock clock = new SetClock("2026-01-02T03:04:05Z");
  private final Events events = new Events(Cluster.CLIENT, clock, "sriov-network-operator", "test");
  private final String namespace = Cluster.newNamespace();
  private final SriovNetwork network = Cluster.newNetwork(namespace);

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  @Spec("01:147")
  void writesAConditionOnlyWhenItDiffersAndKeepsItsTransitionTime() {
    apply("sriov-network-operator", DesiredCondition.holds("Ready", "NetworkReady", "all well"));
    var first = current();
    clock.pass(Duration.ofHours(1));

    apply("sriov-network-operator", DesiredCondition.holds("Ready", "NetworkReady", "all well"));
    assertThat(current().getMetadata().getResourceVersion())
        .isEqualTo(first.getMetadata().getResourceVersion());

    apply("sriov-network-operator", DesiredCondition.holds("Ready", "NetworkReady", "better"));
    assertThat(condition("Ready").getMessage()).isEqualTo("better");
    assertThat(condition("Ready").getLastTransitionTime()).isEqualTo("2026-01-02T03:04:05Z");

    apply("sriov-network-operator", DesiredCondition.fails("Ready", "NamespaceNotFound", "none"));
    assertThat(condition("Ready").getStatus()).isEqualTo("False");
    assertThat(condition("Ready").getLastTransitionTime()).isEqualTo("2026-01-02T04:04:05Z");
    assertThat(condition("Ready").getObservedGeneration()).isEqualTo(1L);
  }

  @Test
  @Spec("01:146")
  void leavesConditionTypesOfOtherWritersAlone() {
    apply("sriov-network-operator", DesiredCondition.holds("Ready", "NetworkReady", "ours"));
    apply("someone-else", DesiredCondition.fails("Audited", "Never", "theirs"));
    apply("sriov-network-operator", DesiredCondition.fails("Ready", "NamespaceNotFound", "ours"));

    assertThat(condition("Ready").getReason()).isEqualTo("NamespaceNotFound");
    assertThat(condition("Audited").getMessage()).isEqualTo("theirs");
    assertThat(current().getMetadata().getManagedFields())
        .filteredOn(entry -> "status".equals(entry.getSubresource()))
        .extracting(entry -> entry.getManager() + " " + entry.getOperation())
        .containsExactlyInAnyOrder("sriov-network-operator Apply", "someone-else Apply");
  }

  @Test
  void leavesTheSpecAlone() {
    apply("sriov-network-operator", DesiredCondition.holds("Ready", "NetworkReady", "all well"));

    assertThat(current().getSpec()).isEqualTo(network.getSpec());
    assertThat(current().getMetadata().getGeneration()).isEqualTo(1L);
  }

  @Test
  void tellsOfEachTransitionOnce() {
    apply("sriov-network-operator", DesiredCondition.holds("Ready", "NetworkReady", "all well"));
    apply("sriov-network-operator", DesiredCondition.holds("Ready", "NetworkReady", "all well"));
    apply("sriov-network-operator", DesiredCondition.fails("Ready", "NamespaceNotFound", "none"));

    await()
        .atMost(10, SECONDS)
        .untilAsserted(() ->
            assertThat(eventsInNamespace())
                .extracting(e ->
                    e.getType() + " " + e.getReason() + " " + e.getAction() + " " + e.getNote())
                .containsExactlyInAnyOrder(
                    "Normal ReadyAdded StatusChange all well",
                    "Normal ReadyChanged StatusChange none"));
    assertThat(eventsInNamespace())
        .allSatisfy(event -> {
          assertThat(event.getRegarding().getUid()).isEqualTo(network.getMetadata().getUid());
          assertThat(event.getRegarding().getKind()).isEqualTo("SriovNetwork");
          assertThat(event.getReportingController()).isEqualTo("sriov-network-operator");
        });
  }

  private List<Event> eventsInNamespace() {
    return Cluster.CLIENT.events().v1().events().inNamespace(namespace).list().getItems();
  }

  private void apply(String fieldManager, DesiredCondition desired) {
    var object = current();
    var stored =
        object.getStatus() == null ? List.<Condition>of() : object.getStatus().conditions();
    var after =
        new Conditions(Cluster.CLIENT, events, clock, fieldManager)
            .apply(object, stored, List.of(desired));
    assertThat(after).containsExactlyInAnyOrderElementsOf(current().getStatus().conditions());
  }

  private Condition condition(String type) {
    return current().getStatus().conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private SriovNetwork current() {
    return Cluster.CLIENT.resource(network).get();
  }
}
