package io.sriov.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.kubelet.FakeKubelet;
import io.sriov.kubelet.PodResources;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.plan.audit.Answer;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.SimulatedHost;
import io.sriov.plan.node.VfInUse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kubelet says about VFs, over its real socket. */
class KubeletPodsTest {

  private static final PciAddress FIRST = new PciAddress("0000:04:10.0");
  private static final PciAddress SECOND = new PciAddress("0000:04:10.1");

  @TempDir Path folder;
  private final SimulatedHost host = new SimulatedHost(new Random(1));
  private final UnixGrpc grpc = new UnixGrpc();
  private FakeKubelet kubelet;

  @BeforeEach
  void start() throws IOException {
    host.writeNumVfs(host.addPf("0000:04:00.0").pci, 2);
    kubelet = new FakeKubelet(folder).start();
  }

  @AfterEach
  void stop() {
    grpc.close();
    kubelet.close();
  }

  private List<VfInUse> held() {
    return new KubeletPods(new PodResources(grpc, kubelet.sockets.podResources()))
        .on(host.inventory());
  }

  private Answer<List<VfInUse>> answer() {
    return new KubeletPods(new PodResources(grpc, kubelet.sockets.podResources()))
        .all(Duration.ofSeconds(5));
  }

  @Test
  void namesThePodOfADeviceThatIsNoVfOfTheNodeToo() {
    kubelet.hold("web", "openshift.io/nic", "0000:05:10.1");

    assertThat(answer())
        .isEqualTo(
            new Answer.Given<>(
                List.of(new VfInUse(new PciAddress("0000:05:10.1"), "default/web", "app"))));
  }

  @Test
  void aKubeletWithoutAnyPodIsSilent() {
    assertThat(answer()).isInstanceOf(Answer.Silence.class);
    kubelet.hold("daemon", "example.com/none");
    assertThat(answer()).isEqualTo(new Answer.Given<>(List.of()));
  }

  @Test
  void aKubeletThatDoesNotAnswerIsSilent() {
    kubelet.stop();

    assertThat(answer()).isInstanceOf(Answer.Silence.class);
  }

  @Test
  void aVfIsHeldByThePodThatTheKubeletNames() {
    kubelet.hold("web", "openshift.io/nic", SECOND.value());
    kubelet.hold("other", "example.com/gpu", "0000:0a:00.0", "gpu-1");

    assertThat(held()).containsExactly(new VfInUse(SECOND, "default/web", "app"));
  }

  @Test
  void aKubeletWhosePodsHoldNoVfIsBelieved() {
    kubelet.hold("daemon", "example.com/none");

    assertThat(held()).isEmpty();
  }

  /** This daemon is a pod too: a kubelet that was just restarted has not read its pods yet. */
  @Test
  void aKubeletWithoutAnyPodIsNotBelieved() {
    assertThat(held()).extracting(VfInUse::vf).containsExactlyInAnyOrder(FIRST, SECOND);
    assertThat(held()).extracting(VfInUse::pod).allMatch(pod -> pod.indexOf('/') < 0);

    kubelet.hold("daemon", "example.com/none");
    assertThat(held()).isEmpty();
  }

  @Test
  void aKubeletThatDoesNotAnswerLeavesEveryVfHeld() {
    kubelet.stop();

    assertThat(held()).extracting(VfInUse::vf).containsExactlyInAnyOrder(FIRST, SECOND);
  }
}
