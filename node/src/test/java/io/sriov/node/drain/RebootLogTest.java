package io.sriov.node.drain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.node.drain.DrainFacts.Reboots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RebootLogTest {

  private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");

  @TempDir Path root;

  private RebootLog at(Duration afterNoon) {
    return new RebootLog(root, Clock.fixed(NOON.plus(afterNoon), ZoneOffset.UTC));
  }

  private static SriovNetworkNodeState state(long generation, int numVfs) {
    var state = new SriovNetworkNodeState();
    state.setMetadata(new ObjectMetaBuilder().withGeneration(generation).build());
    state.setSpec(
        Serialization.unmarshal(
            "interfaces: [{pciAddress: '0000:04:00.0', numVfs: " + numVfs + "}]",
            SriovNetworkNodeStateSpec.class));
    return state;
  }

  private Path file() {
    return root.resolve("etc/sriov-operator/reboots.json");
  }

  @Test
  void countsTheRebootsOfOneConfiguration() throws Exception {
    var log = at(Duration.ZERO);
    assertThat(log.of(state(4, 2), "a")).isEqualTo(Reboots.NONE);
    log.add(state(4, 2), "a");
    assertThat(log.of(state(4, 2), "b")).isEqualTo(new Reboots(1, false));
    log.add(state(4, 2), "b");
    assertThat(log.of(state(4, 2), "c")).isEqualTo(new Reboots(2, false));
    assertThat(file()).content().contains("\"generation\":4", "\"reboots\":2", "\"bootId\":\"b\"");
  }

  @Test
  void beginsAnewForAnotherConfiguration() throws Exception {
    var log = at(Duration.ZERO);
    log.add(state(4, 2), "a");
    assertThat(log.of(state(5, 2), "b")).isEqualTo(Reboots.NONE);
    // A NodeState that was made anew counts its generations from 1 again.
    assertThat(log.of(state(4, 3), "b")).isEqualTo(Reboots.NONE);
  }

  @Test
  void knowsInTheSameBootThatTheMachineGoesDown() throws Exception {
    at(Duration.ZERO).add(state(4, 2), "a");
    assertThat(at(Duration.ofMinutes(5)).of(state(4, 2), "a")).isEqualTo(new Reboots(1, true));
  }

  @Test
  void doesNotCountARebootThatNeverCame() throws Exception {
    at(Duration.ZERO).add(state(4, 2), "a");
    var later = at(Duration.ofMinutes(11));
    assertThat(later.of(state(4, 2), "a")).isEqualTo(new Reboots(0, false));
    later.add(state(4, 2), "a");
    assertThat(later.of(state(4, 2), "b")).isEqualTo(new Reboots(1, false));
  }

  @Test
  void isNotFooledByAClockThatWasSetBack() throws Exception {
    at(Duration.ofDays(1)).add(state(4, 2), "a");
    assertThat(at(Duration.ZERO).of(state(4, 2), "a")).isEqualTo(new Reboots(0, false));
  }

  @Test
  void takesBackWhatCouldNotBeTriggered() throws Exception {
    var log = at(Duration.ZERO);
    log.add(state(4, 2), "a");
    log.remove(state(4, 2));
    assertThat(log.of(state(4, 2), "a")).isEqualTo(Reboots.NONE);
  }

  @Test
  void countsAnUnreadableFileAsNoneAndReplacesIt() throws Exception {
    var log = at(Duration.ZERO);
    for (String broken : new String[] {"", "{", "[]", "{\"generation\":4,\"at\":\"today\"}"}) {
      Files.createDirectories(file().getParent());
      Files.writeString(file(), broken);
      assertThat(log.of(state(4, 2), "a")).isEqualTo(Reboots.NONE);
    }
    log.add(state(4, 2), "a");
    assertThat(log.of(state(4, 2), "b")).isEqualTo(new Reboots(1, false));
  }

  @Test
  void failsWhenItCannotCount() throws Exception {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/sriov-operator"), "a file where the folder should be");
    assertThatThrownBy(() -> at(Duration.ZERO).add(state(4, 2), "a"))
        .isInstanceOf(IOException.class);
  }
}
