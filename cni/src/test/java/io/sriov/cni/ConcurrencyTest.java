package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More pods than VFs, all at the same time. */
class ConcurrencyTest {

  private static final int VFS = 14;
  private static final int PODS = 100;

  @TempDir Path folder;
  VethNode node;
  String before;
  private final List<VethNode.PodNetns> pods = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, VFS);
    before = node.snapshot();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private VethNode.PodNetns pod(int number) throws Exception {
    while (pods.size() <= number) {
      pods.add(node.pod());
    }
    return pods.get(number);
  }

  private Forwarder call(String command, int pod, int vf, String more) throws Exception {
    return Forwarder.command(command)
        .with("CNI_CONTAINERID", "c" + pod)
        .with("CNI_NETNS", pod(pod).path())
        .with("CNI_PATH", folder.toString())
        .with("SRIOV_CNI_SOCKET", node.socket().toString())
        .with("SRIOV_CNI_WAIT_MS", "60000")
        .stdin(
            "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\"%s}"
                .formatted(VethNode.address(vf), more));
  }

  private CniServer serve() throws Exception {
    return CniServer.start(node.settings(), (command, code, took) -> {});
  }

  private void isAsBefore() throws Exception {
    node.refreshSysfs();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void attachesOnePodToEachVfAndTellsTheOthersWhy() throws Exception {
    List<Process> adds = new ArrayList<>();
    Map<Integer, Integer> holders = new HashMap<>();
    try (CniServer _ = serve()) {
      for (int pod = 0; pod < PODS; pod++) {
        adds.add(call("ADD", pod, pod % VFS, "").start());
      }
      for (int pod = 0; pod < PODS; pod++) {
        Forwarder.Answer answer = Forwarder.await(adds.get(pod));
        if (answer.exit() == 0) {
          assertThat(holders.put(pod % VFS, pod)).as("VF %d is attached twice", pod % VFS).isNull();
          assertThat(pod(pod).links.findLink("net1")).isPresent();
        } else {
          assertThat(answer.code()).isEqualTo(999);
          assertThat(answer.stdout())
              .contains("pci address " + VethNode.address(pod % VFS) + " is already allocated");
        }
      }
      assertThat(holders).hasSize(VFS);
      List<Process> dels = new ArrayList<>();
      // As a runtime does, also of pods that got nothing.
      for (int pod = 0; pod < PODS; pod++) {
        dels.add(call("DEL", pod, pod % VFS, "").start());
      }
      for (Process del : dels) {
        assertThat(Forwarder.await(del).exit()).isZero();
      }
    }
    isAsBefore();
  }

  /** The IPAM plugin of each waits for those of all others. */
  @Test
  void worksOnAllVfsAtTheSameTime() throws Exception {
    Path plugin = folder.resolve("ipam");
    Path arrived = Files.createDirectory(folder.resolve("arrived"));
    Files.writeString(
        plugin,
        """
        #!/bin/sh
        [ $CNI_COMMAND = ADD ] || exit 0
        touch %1$s/$CNI_CONTAINERID
        n=0
        while [ $(ls %1$s | wc -l) -lt %2$d ]; do
          n=$((n + 1))
          [ $n -lt 400 ] || exit 1
          sleep 0.05
        done
        echo '{"cniVersion":"1.0.0","ips":[{"address":"192.0.2.5/24"}]}'
        """
            .formatted(arrived, VFS));
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
    List<Process> adds = new ArrayList<>();
    String ipam = ",\"ipam\":{\"type\":\"ipam\"}";
    try (CniServer _ = serve()) {
      for (int pod = 0; pod < VFS; pod++) {
        adds.add(call("ADD", pod, pod, ipam).start());
      }
      for (Process add : adds) {
        Forwarder.Answer answer = Forwarder.await(add);
        assertThat(answer.exit()).as(answer.stdout()).isZero();
      }
      for (int pod = 0; pod < VFS; pod++) {
        assertThat(call("DEL", pod, pod, ipam).run().exit()).isZero();
      }
    }
    isAsBefore();
  }

  /** An upgrade: the forwarder waits for the next server, and no call fails. */
  @Test
  void failsNoCallWhileTheServerIsReplacedUnderLoad() throws Exception {
    AtomicInteger left = new AtomicInteger(VFS);
    List<Callable<Void>> runtimes = new ArrayList<>();
    for (int number = 0; number < VFS; number++) {
      int pod = number;
      // Made here: the threads below only look for it.
      VethNode.PodNetns _ = pod(pod);
      runtimes.add(() -> {
        try {
          for (int cycle = 0; cycle < 2; cycle++) {
            for (String command : List.of("ADD", "DEL")) {
              Forwarder.Answer answer = call(command, pod, pod, "").run();
              assertThat(answer.exit()).as("%s: %s", command, answer.stdout()).isZero();
            }
          }
        } finally {
          left.decrementAndGet();
        }
        return null;
      });
    }
    int servers = 0;
    try (ExecutorService kubelet = Executors.newFixedThreadPool(VFS)) {
      List<Future<Void>> outcomes = new ArrayList<>();
      runtimes.forEach(runtime -> outcomes.add(kubelet.submit(runtime)));
      while (left.get() > 0) {
        AtomicInteger served = new AtomicInteger();
        try (CniServer _ =
            CniServer.start(node.settings(), (command, code, took) -> served.incrementAndGet())) {
          servers++;
          Awaitility.await().until(() -> served.get() >= 10 || left.get() == 0);
        }
      }
      for (Future<Void> outcome : outcomes) {
        outcome.get(10, TimeUnit.SECONDS);
      }
    }
    assertThat(servers).isGreaterThan(3);
    isAsBefore();
  }
}
