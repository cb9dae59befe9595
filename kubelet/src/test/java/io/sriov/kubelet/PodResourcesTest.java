package io.sriov.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.sriov.kubelet.podresources.ListPodResourcesRequest;
import io.sriov.kubelet.podresources.ListPodResourcesResponse;
import io.sriov.kubelet.podresources.PodResourcesListerGrpc;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodResourcesTest {

  private static final Duration DEADLINE = Duration.ofSeconds(10);

  @TempDir Path folder;
  private final UnixGrpc grpc = new UnixGrpc();

  @AfterEach
  void close() {
    grpc.close();
  }

  @Test
  void listsTheDevicesOfEachContainerMergedByResource() throws Exception {
    try (var kubelet = new FakeKubelet(folder).start()) {
      kubelet.hold("a", "openshift.io/nic", "0000:03:02.0", "0000:03:02.1", "0000:03:02.0");
      kubelet.hold("b", "nvidia.com/gpu", "gpu0");
      var client = new PodResources(grpc, kubelet.sockets.podResources());

      assertThat(client.allocations(_ -> true, DEADLINE))
          .containsExactly(
              new Allocation(
                  "default",
                  "a",
                  "app",
                  "openshift.io/nic",
                  List.of("0000:03:02.0", "0000:03:02.1")),
              new Allocation("default", "b", "app", "nvidia.com/gpu", List.of("gpu0")));
      assertThat(client.allocations(name -> name.startsWith("openshift.io/"), DEADLINE)).hasSize(1);
    }
  }

  @Test
  void reachesARestartedKubeletAtOnce() throws Exception {
    try (var kubelet = new FakeKubelet(folder).start()) {
      var client = new PodResources(grpc, kubelet.sockets.podResources());
      assertThat(client.allocations(_ -> true, DEADLINE)).isEmpty();
      kubelet.stop();
      assertThatThrownBy(() -> client.allocations(_ -> true, DEADLINE))
          .isInstanceOfSatisfying(KubeletException.class, e -> assertThat(e.retryable()).isTrue())
          .hasMessageContaining("List")
          .hasMessageContaining("pod-resources/kubelet.sock");
      kubelet.start();
      kubelet.hold("a", "r/x", "1");
      assertThat(client.allocations(_ -> true, DEADLINE)).hasSize(1);
      assertThat(client.allocatable(DEADLINE)).isEqualTo(Map.<String, Set<String>>of());
    }
  }

  @Test
  void reachesAKubeletThatWasRestartedSinceTheLastQuestion() throws Exception {
    try (var kubelet = new FakeKubelet(folder).start()) {
      var client = new PodResources(grpc, kubelet.sockets.podResources());
      assertThat(client.allocations(_ -> true, DEADLINE)).isEmpty();
      kubelet.stop();
      kubelet.start();
      kubelet.hold("a", "r/x", "1");
      assertThat(client.allocations(_ -> true, DEADLINE)).hasSize(1);
    }
  }

  @Test
  void keepsOneConnectionUntilItIsClosed() throws Exception {
    try (var kubelet = new FakeKubelet(folder).start()) {
      var client = new PodResources(grpc, kubelet.sockets.podResources());
      for (int question = 0; question < 3; question++) {
        assertThat(client.allocations(_ -> true, DEADLINE)).isEmpty();
      }
      assertThat(connections(kubelet.sockets.podResources())).isEqualTo(1);
      client.close();
      await().untilAsserted(() -> assertThat(connections(kubelet.sockets.podResources())).isZero());
    }
  }

  /** Accepted connections of a socket; the state of connected ones is 03 (Linux socket.h). */
  private static long connections(Path socket) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/net/unix"))) {
      return lines.filter(line -> line.matches("(\\S+ +){5}03 .*" + socket)).count();
    }
  }

  @Test
  void givesUpAtTheDeadlineWhenTheKubeletIsSilent() throws Exception {
    var socket = folder.resolve("silent.sock");
    try (var silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(socket));
      var client = new PodResources(grpc, socket);
      long start = System.nanoTime();
      assertThatThrownBy(() -> client.allocations(_ -> true, Duration.ofMillis(200)))
          .isInstanceOfSatisfying(KubeletException.class, e -> assertThat(e.retryable()).isTrue());
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void refusesAnAnswerAboveTheKubeletsOwnLimit() throws Exception {
    var socket = folder.resolve("huge.sock");
    var huge =
        ListPodResourcesResponse.newBuilder()
            .addPodResources(
                io.sriov.kubelet.podresources.PodResourcesEntry.newBuilder()
                    .setName("x".repeat(17 << 20)))
            .build();
    var server = grpc.serve(socket, List.of(new Answering(huge)));
    try {
      assertThatThrownBy(() -> new PodResources(grpc, socket).allocations(_ -> true, DEADLINE))
          .isInstanceOf(KubeletException.class)
          .hasMessageContaining("RESOURCE_EXHAUSTED");
    } finally {
      server.shutdownNow();
    }
  }

  /**
   * Bytes laid out by hand from the field numbers of the public API, with the fields we do not
   * declare (cpu_ids 3, topology 3) in between.
   */
  @Test
  void readsTheWireFormatAndSkipsWhatItDoesNotKnow() throws Exception {
    var bytes =
        HexFormat.of()
            .parseHex(
                ("0a 2c" // 1: pod_resources
                        + "0a 01 70" // 1: name "p"
                        + "12 01 6e" // 2: namespace "n"
                        + "1a 24" // 3: containers
                        + "0a 01 63" // 1: name "c"
                        + "12 19" // 2: devices
                        + "0a 03 722f78" // 1: resource_name "r/x"
                        + "12 0c 303030303a30333a30322e30" // 2: device_ids "0000:03:02.0"
                        + "1a 04 0a 02 08 01" // 3: topology { nodes { ID 1 } }
                        + "1a 04 00 01 02 03") // 3: cpu_ids 0-3
                    .replace(" ", ""));
    var answer = ListPodResourcesResponse.parseFrom(ByteString.copyFrom(bytes));

    assertThat(PodResources.allocations(answer, _ -> true))
        .containsExactly(new Allocation("n", "p", "c", "r/x", List.of("0000:03:02.0")));
  }

  @Test
  void namesThePathThatIsTooLongForASocket() {
    var socket = folder.resolve("x".repeat(100) + ".sock");
    assertThatThrownBy(() -> grpc.serve(socket, List.of()))
        .hasMessageContaining(socket.toString())
        .hasMessageContaining("at most 107");
  }

  private static final class Answering extends PodResourcesListerGrpc.PodResourcesListerImplBase {
    private final ListPodResourcesResponse response;

    Answering(ListPodResourcesResponse response) {
      this.response = response;
    }

    @Override
    public void list(
        ListPodResourcesRequest request, StreamObserver<ListPodResourcesResponse> answer) {
      answer.onNext(response);
      answer.onCompleted();
    }
  }
}
