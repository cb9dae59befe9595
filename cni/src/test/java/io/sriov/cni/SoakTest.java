package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.wire.Frame;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.unix.UnixConnection;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many pods, one after the other: what a call takes it gives back. */
class SoakTest {

  private static final int VFS = 4;
  private static final int WARM_UP = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir Path folder;

  /**
   * What this process has.
   *
   * @param sockets of the descriptors
   * @param heap bytes in use after a collection
   */
  private record Usage(int descriptors, int sockets, int threads, long heap) {

    static Usage now() throws IOException {
      int descriptors = 0;
      int sockets = 0;
      try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
        for (Path one : all.toList()) {
          descriptors++;
          if (Files.isSymbolicLink(one)
              && Files.readSymbolicLink(one).toString().startsWith("socket:")) {
            sockets++;
          }
        }
      }
      // Not the tasks: the JVM's compilers come and go.
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();
      System.gc();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      return new Usage(descriptors, sockets, threads, heap);
    }

    /** Two MiB of heap are not of so many cycles. */
    boolean isWithin(Usage before) {
      return descriptors <= before.descriptors
          && sockets <= before.sockets
          && threads <= before.threads
          && heap <= before.heap + 2 * 1024 * 1024;
    }
  }

  @Test
  void leaksNothingInAHundredCycles() throws Exception {
    leaksNothingIn(100);
  }

  @Test
  @Tag("soak")
  void leaksNothingInTenThousandCycles() throws Exception {
    leaksNothingIn(10_000);
  }

  private void leaksNothingIn(int cycles) throws Exception {
    try (VethNode node = new VethNode(folder, VFS)) {
      String before = node.snapshot();
      try (CniServer _ = CniServer.start(node.settings(), (command, code, took) -> {})) {
        for (int i = 0; i < WARM_UP; i++) {
          cycle(node, i);
        }
        Usage first = Usage.now();
        for (int i = 0; i < cycles; i++) {
          cycle(node, i);
        }
        // Threads and namespaces end in their own time.
        Awaitility.await()
            .pollInSameThread()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(200))
            .untilAsserted(() ->
                assertThat(Usage.now()).matches(now -> now.isWithin(first), first + " at most"));
      }
      node.refreshSysfs();
      assertThat(node.snapshot()).isEqualTo(before);
    }
  }

  private void cycle(VethNode node, int number) throws Exception {
    try (VethNode.PodNetns pod = new VethNode.PodNetns(folder)) {
      call(node, "ADD", pod, number);
      assertThat(pod.links.findLink("net1")).isPresent();
      call(node, "DEL", pod, number);
    }
    node.pf.calls.clear();
  }

  /** As the forwarder, without a process for each call. */
  private static void call(VethNode node, String command, VethNode.PodNetns pod, int number)
      throws Exception {
    String conf =
        "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\",\"vlan\":100}"
            .formatted(VethNode.address(number % VFS));
    Frame.Call call =
        new Frame.Call(
            UUID.randomUUID().toString().replace("-", ""),
            Frame.Netns.OPEN,
            0,
            Map.of(
                "CNI_COMMAND",
                command,
                "CNI_CONTAINERID",
                "c" + number,
                "CNI_NETNS",
                pod.path(),
                "CNI_IFNAME",
                "net1",
                "CNI_PATH",
                "/nonexistent"),
            conf.getBytes(StandardCharsets.UTF_8));
    try (UnixConnection connection = UnixConnection.connect(node.socket());
        Fd descriptor = pod.descriptor()) {
      connection.writeWithDescriptor(call.pack(), descriptor);
      while (true) {
        int length = ByteBuffer.wrap(connection.readExactly(4, PATIENCE)).getInt();
        if (Frame.parse(connection.readExactly(length, PATIENCE)) instanceof Frame.Done done) {
          assertThat(done.exitCode())
              .as(new String(done.stdout(), StandardCharsets.UTF_8))
              .isZero();
          return;
        }
      }
    }
  }
}
