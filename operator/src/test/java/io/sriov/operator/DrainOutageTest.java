package io.sriov.operator;

import static io.sriov.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sriov.api.Names;
import io.sriov.lab.ApiServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The API server goes away in the middle of drains. */
class DrainOutageTest {

  @Test
  void aDrainOutlivesAnApiServerThatIsAway() throws Exception {
    try (ApiServer server = ApiServer.start();
        TestCluster cluster = new TestCluster(server);
        Operator unused = cluster.operator()) {
      DrainFixture drains = new DrainFixture(cluster);
      cluster.config(cluster.nodeSelector());
      drains.nodes(1, 2);
      drains.vfPod(1, "web-0");
      drains.budget("web");
      drains.drain(1);
      drains.becomes(1, Names.DRAINING);
      eventually(() -> assertThat(drains.cordoned(1)).isTrue());

      // Blocked by a budget: each try fails meanwhile.
      outage(server);
      drains.drain(2);
      assertThat(drains.current(1)).isEqualTo(Names.DRAINING);
      drains.allow("web", 1);
      drains.drained(1);
      assertThat(drains.current(2)).isEqualTo(Names.IDLE);

      // Drained, the other waits for the slot.
      outage(server);
      drains.done(1);
      drains.back(1);
      drains.drained(2);

      outage(server);
      drains.done(2);
      drains.back(2);
    }
  }

  /** Long enough for every watch to have noticed and failed to reconnect. */
  private static void outage(ApiServer server) {
    server.interrupt();
    await().pollDelay(Duration.ofSeconds(3)).until(() -> !answers(server));
    server.resume();
  }

  private static boolean answers(ApiServer server) {
    try (var probe = new Socket()) {
      probe.connect(new InetSocketAddress("127.0.0.1", server.url().getPort()), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
