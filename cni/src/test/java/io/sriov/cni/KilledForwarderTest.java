package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.file.FileLock;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VlanProtocol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The forwarder is killed while its call is worked on, as a runtime does that has waited enough.
 */
class KilledForwarderTest {

  private static final String ADDRESS =
      "echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"192.0.2.5/24\"}]}'";
  private static final String CONF =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\",\"vlan\":100,"
          + "\"mac\":\"02:00:00:00:00:77\",\"trust\":\"on\",\"spoofchk\":\"off\",\"max_tx_rate\":10,"
          + "\"ipam\":{\"type\":\"ipam\"}}";

  @TempDir Path folder;
  VethNode node;
  VethNode.PodNetns pod;
  String before;
  String vfsBefore;
  final AtomicReference<Process> forwarder = new AtomicReference<>();

  /** What happens between the end of an ADD's work and its answer. */
  private Runnable onEnd = () -> {};

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, 2);
    node.pf.preset(
        0,
        new VfChange.Vlan(7, 0, VlanProtocol.DOT1Q),
        new VfChange.Mac(HardwareAddress.parse("02:00:00:00:00:01").orElseThrow()));
    pod = node.pod();
    ipam("true");
    before = node.snapshot();
    vfsBefore = node.vfs();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  /** An IPAM plugin that counts its calls and does something before it answers. */
  private void ipam(String doing) throws Exception {
    Path plugin = folder.resolve("ipam");
    Files.writeString(
        plugin,
        "#!/bin/sh\necho $CNI_COMMAND >> %s\n[ $CNI_COMMAND = ADD ] || exit 0\n%s\n%s\n"
            .formatted(folder.resolve("told"), doing, ADDRESS));
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
  }

  private Forwarder call(String command) {
    return Forwarder.command(command)
        .with("CNI_NETNS", pod.path())
        .with("CNI_PATH", folder.toString())
        .with("SRIOV_CNI_SOCKET", node.socket().toString())
        .with("SRIOV_CNI_WAIT_MS", "30000")
        .stdin(CONF.formatted(VethNode.address(0)));
  }

  private CniServer serve() throws Exception {
    return CniServer.start(
        node.settings(),
        (command, code, took) -> {
          if (command.equals("ADD")) {
            onEnd.run();
          }
        });
  }

  private void kill() {
    Process process = Awaitility.await().until(forwarder::get, p -> p != null);
    process.destroyForcibly();
    try {
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The VF is free without any DEL; the one that comes gives the addresses back. */
  private void isUndone(boolean addressesOwed) throws Exception {
    Path state = node.state().resolve("c1-net1");
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          node.refreshSysfs();
          assertThat(node.vfs()).isEqualTo(vfsBefore);
          assertThat(node.state().resolve("pci").resolve(VethNode.address(0))).doesNotExist();
          if (addressesOwed) {
            assertThat(state).content().contains("\"phase\":\"released\"");
          } else {
            assertThat(state).doesNotExist();
          }
        });
    assertThat(pod.links.findLink("net1")).isEmpty();
    if (addressesOwed) {
      Files.deleteIfExists(folder.resolve("told"));
      assertThat(call("DEL").run().exit()).isZero();
      assertThat(folder.resolve("told")).hasContent("DEL");
    }
    node.refreshSysfs();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  private void isUndoneWhenKilledBy(Runnable trap, boolean addressesOwed) throws Exception {
    try (CniServer _ = serve()) {
      forwarder.set(call("ADD").start());
      trap.run();
      isUndone(addressesOwed);
    }
  }

  @Test
  void whileItsCallWaitsForAnotherOnTheSameVf() throws Exception {
    Path locks = Files.createDirectories(node.state().resolve("pci/vf_lock"));
    Path file = locks.resolve(VethNode.address(0) + ".lock");
    try (CniServer _ = serve()) {
      FileLock other = FileLock.acquire(file, 0600, Duration.ofSeconds(1));
      try {
        forwarder.set(call("ADD").start());
        String waits = "-> FLOCK.*:" + Files.getAttribute(file, "unix:ino") + " .*";
        Awaitility.await()
            .until(() ->
                Files.readAllLines(Path.of("/proc/locks")).stream()
                    .anyMatch(line -> line.matches(".*" + waits)));
        kill();
      } finally {
        other.close();
      }
      try (FileLock afterwards = FileLock.acquire(file, 0600, Duration.ofSeconds(10))) {
        assertThat(afterwards).isNotNull();
      }
      assertThat(node.pf.calls).isEmpty();
      isUndone(false);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void beforeASetting(int setting) throws Exception {
    node.pf.onCall =
        number -> {
          if (number == setting) {
            node.pf.onCall = later -> {};
            kill();
          }
        };
    isUndoneWhenKilledBy(() -> Awaitility.await().until(() -> !forwarder.get().isAlive()), false);
    assertThat(folder.resolve("told")).doesNotExist();
  }

  @Test
  void whileTheIpamPluginRuns() throws Exception {
    ipam("touch " + folder.resolve("running") + "; sleep 1");
    isUndoneWhenKilledBy(
        () -> {
          Awaitility.await().until(() -> Files.exists(folder.resolve("running")));
          kill();
        },
        true);
  }

  @Test
  void beforeItsAnswerIsSent() throws Exception {
    onEnd = this::kill;
    isUndoneWhenKilledBy(() -> Awaitility.await().until(() -> !forwarder.get().isAlive()), true);
  }

  @Test
  void beforeItReadsItsAnswer() throws Exception {
    onEnd = () -> signal("STOP");
    isUndoneWhenKilledBy(
        () -> {
          Awaitility.await().until(KilledForwarderTest::serverWaitsForPrinted);
          kill();
        },
        true);
  }

  @Test
  void keepsTheVfOfAForwarderThatIsSlowToPrint() throws Exception {
    onEnd = () -> signal("STOP");
    try (CniServer _ = serve()) {
      Process add = call("ADD").start();
      forwarder.set(add);
      Awaitility.await().until(KilledForwarderTest::serverWaitsForPrinted);
      signal("CONT");

      assertThat(Forwarder.await(add).exit()).isZero();
    }
    assertThat(pod.links.findLink("net1")).isPresent();
    assertThat(node.state().resolve("c1-net1")).content().contains("\"phase\":\"attached\"");
  }

  @Test
  void letsADelGoOn() throws Exception {
    try (CniServer _ = serve()) {
      assertThat(call("ADD").run().exit()).isZero();
      node.refreshSysfs();
      node.pf.onCall =
          number -> {
            node.pf.onCall = later -> {};
            kill();
          };
      node.pf.calls.clear();
      forwarder.set(call("DEL").start());
      isUndone(false);
    }
  }

  private static boolean serverWaitsForPrinted() {
    return Thread.getAllStackTraces().values().stream()
        .flatMap(Stream::of)
        .anyMatch(frame -> frame.getMethodName().equals("awaitPrinted"));
  }

  private void signal(String name) {
    try {
      Process process = Awaitility.await().until(forwarder::get, p -> p != null);
      assertThat(
              new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                  .start()
                  .waitFor())
          .isZero();
      if (name.equals("STOP")) {
        Awaitility.await().until(() -> state(process) == 'T');
      }
    } catch (java.io.IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static char state(Process process) throws java.io.IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }
}
