package io.sriov.kube;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.sriov.api.SriovNetwork;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventsTest {

  private final SetClock clock = new SetClock("2026-01-02T03:04:05Z");
  private final Events events =
      new Events(Cluster.CLIENT, clock, "sriov-network-config-daemon", "worker1");
  private final String namespace = Cluster.newNamespace();
  private final SriovNetwork network = Cluster.newNetwork(namespace);

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void makesOneEventWithACountOfRepeatedNews() {
    events.warning(network, "VFsInUse", "Apply", "pod a/b holds VF 3");
    awaitEvents(1);
    for (int i = 0; i < 3; i++) {
      clock.pass(Duration.ofSeconds(20));
      events.warning(network, "VFsInUse", "Apply", "pod a/b holds VF 3");
      int told = i + 2;
      await()
          .atMost(10, SECONDS)
          .until(() ->
              stored().size() == 1
                  && stored().getFirst().getSeries() != null
                  && stored().getFirst().getSeries().getCount() == told);
    }
  }

  @Test
  void makesANewEventOfTheSameNewsMuchLater() {
    events.normal(network, "RebootNode", "Reboot", "Reboot node has been initiated");
    awaitEvents(1);
    clock.pass(Duration.ofMinutes(11));
    events.normal(network, "RebootNode", "Reboot", "Reboot node has been initiated");
    awaitEvents(2);
  }

  @Test
  void holdsBackAnObjectThatHasUsedUpItsAllowance() {
    for (int i = 0; i < EventBudget.BURST + 10; i++) {
      events.normal(network, "Flap", "Test", "news " + i);
    }
    awaitEvents(EventBudget.BURST);
    clock.pass(Duration.ofSeconds(EventBudget.SECONDS_PER_EVENT));
    events.normal(network, "Flap", "Test", "later news");
    awaitEvents(EventBudget.BURST + 1);
    assertThat(stored()).extracting(Event::getNote).contains("later news");
  }

  @Test
  void sendsWhatTheApiServerAcceptsOfAVeryLongNote() {
    events.normal(network, "Long", "Test", "中".repeat(2000));
    awaitEvents(1);
    var note = stored().getFirst().getNote();
    assertThat(note).endsWith("中…");
    assertThat(note.getBytes(StandardCharsets.UTF_8).length).isBetween(1020, 1024);
  }

  @Test
  void sendsWhatIsStillWaitingBeforeItCloses() {
    for (int i = 0; i < 5; i++) {
      events.normal(network, "End", "Test", "news " + i);
    }
    events.close();
    assertThat(stored()).hasSize(5);
  }

  private void awaitEvents(int count) {
    await().atMost(10, SECONDS).untilAsserted(() -> assertThat(stored()).hasSize(count));
  }

  private List<Event> stored() {
    return Cluster.CLIENT.events().v1().events().inNamespace(namespace).list().getItems();
  }
}
