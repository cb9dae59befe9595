package io.sriov.node.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.kubelet.FakeKubelet;
import io.sriov.kubelet.PodResources;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.plan.audit.Answer;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kubelet says to the auditor, over its real socket. */
class KubeletHoldersTest {

  @TempDir Path folder;
  private final UnixGrpc grpc = new UnixGrpc();
  private FakeKubelet kubelet;

  @BeforeEach
  void start() throws IOException {
    kubelet = new FakeKubelet(folder).start();
  }

  @AfterEach
  void stop() {
    grpc.close();
    kubelet.close();
  }

  private Answer<List<VfInUse>> answer() {
    return new KubeletHolders(new PodResources(grpc, kubelet.sockets.podResources()))
        .now(Duration.ofSeconds(5));
  }

  @Test
  void namesThePodOfADevice() {
    kubelet.hold("web", "openshift.io/nic", "0000:04:10.1");
    assertThat(answer())
        .isEqualTo(
            new Answer.Given<>(
                List.of(new VfInUse(new PciAddress("0000:04:10.1"), "default/web", "app"))));
  }

  /** This daemon is a pod too. */
  @Test
  void takesAKubeletThatKnowsNoPodsForSilent() {
    assertThat(answer()).isInstanceOf(Answer.Silence.class);
    kubelet.hold("daemon", "example.com/none");
    assertThat(answer()).isEqualTo(new Answer.Given<>(List.of()));
  }

  @Test
  void takesAKubeletThatDoesNotAnswerForSilent() {
    kubelet.stop();
    assertThat(answer()).isInstanceOf(Answer.Silence.class);
  }
}
