package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The server, in a process of its own, is killed (signal 9) right before a system call of an ADD or
 * a DEL, by strace, which counts the calls of each thread.
 */
class KilledServerTest {

  private static final String CONF =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\",\"vlan\":100,"
          + "\"mac\":\"02:00:00:00:00:77\",\"trust\":\"on\",\"ipam\":{\"type\":\"ipam\"}}";

  @TempDir Path folder;
  VethNode node;
  VethNode.PodNetns pod;
  String before;
  private ServerProcess server;

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, 1);
    pod = node.pod();
    Path plugin = folder.resolve("ipam");
    Files.writeString(
        plugin,
        """
        #!/bin/sh
        [ $CNI_COMMAND = ADD ] || exit 0
        echo '{"cniVersion":"1.0.0","ips":[{"address":"192.0.2.5/24"}]}'
        """);
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
    before = node.snapshot();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    node.close();
  }

  private Forwarder call(String command) throws Exception {
    node.refreshSysfs();
    return Forwarder.command(command)
        .with("CNI_NETNS", pod.path())
        .with("CNI_PATH", folder.toString())
        .with("SRIOV_CNI_SOCKET", node.socket().toString())
        .with("SRIOV_CNI_WAIT_MS", "30000")
        .stdin(CONF.formatted(VethNode.address(0)));
  }

  @ParameterizedTest(name = "{2} ({0} {1})")
  @CsvSource({
    "rename, 2, before the allocation is written",
    "rename, 4, before the second setting",
    "sendmsg, 6, when the netdev has moved",
    "sendmsg, 10, before the interface goes up",
    "rename, 6, before the attachment is complete",
    "sendmsg, 17, before the answer",
  })
  @Spec("04:115")
  void anAddLeavesWhatADelMakesClean(String syscall, int nth, String ignoredWhen) throws Exception {
    killedInAdd(syscall, nth);
  }

  @ParameterizedTest(name = "{2} ({0} {1})")
  @CsvSource({
    "sendmsg, 2, before the VF is looked at",
    "sendmsg, 13, before the interface has its address",
    "sendmsg, 1, before the call is accepted",
    "rename, 1, before the attachment is written",
    "rename, 3, before the first setting",
    "rename, 5, before the third setting",
    "sendmsg, 5, before the netdev moves",
    "sendmsg, 8, before the address is set",
    "sendmsg, 11, before the IPAM plugin runs",
    "sendmsg, 14, before the interface is up with its address",
    "sendmsg, 16, before the address is announced",
  })
  @Tag("soak")
  void anAddLeavesWhatADelMakesCleanAtEveryOtherStep(String syscall, int nth, String ignoredWhen)
      throws Exception {
    killedInAdd(syscall, nth);
  }

  private void killedInAdd(String syscall, int nth) throws Exception {
    serveUntil(syscall, nth);
    Process add = call("ADD").start();
    server.awaitKilled();
    boolean runtimeGaveUp = nth % 4 == 2;
    if (runtimeGaveUp) {
      assertThat(add.destroyForcibly().waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    try (CniServer _ = CniServer.start(node.settings(), (command, code, took) -> {})) {
      if (!runtimeGaveUp) {
        Forwarder.Answer answer = Forwarder.await(add);
        assertThat(answer.exit()).as(answer.stdout()).isZero();
        assertThat(pod.links.link("net1").mac()).hasToString("02:00:00:00:00:77");
      }
      Forwarder.Answer answer = call("DEL").run();
      assertThat(answer.exit()).as(answer.stdout()).isZero();
    }
    node.refreshSysfs();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @ParameterizedTest(name = "{2} ({0} {1})")
  @CsvSource({
    "rename, 1, before the first setting",
    "sendmsg, 5, when the netdev has moved",
    "unlink, 1, before the allocation is removed",
    "unlink, 2, before the attachment is forgotten",
  })
  @Spec("04:115")
  void aDelIsCompletedByTheNext(String syscall, int nth, String ignoredWhen) throws Exception {
    killedInDel(syscall, nth);
  }

  @ParameterizedTest(name = "{2} ({0} {1})")
  @CsvSource({
    "sendmsg, 1, before the call is accepted",
    "sendmsg, 2, before the IPAM plugin runs",
    "rename, 2, before the second setting",
    "rename, 3, before the third setting",
    "sendmsg, 4, before the netdev moves",
    "sendmsg, 6, before the address is put back",
    "sendmsg, 8, before the answer",
  })
  @Tag("soak")
  void aDelIsCompletedByTheNextAtEveryOtherStep(String syscall, int nth, String ignoredWhen)
      throws Exception {
    killedInDel(syscall, nth);
  }

  private void killedInDel(String syscall, int nth) throws Exception {
    try (CniServer _ = CniServer.start(node.settings(), (command, code, took) -> {})) {
      assertThat(call("ADD").run().exit()).isZero();
    }
    serveUntil(syscall, nth);
    Process del = call("DEL").start();
    server.awaitKilled();
    boolean runtimeGaveUp = nth % 2 == 0;
    if (runtimeGaveUp) {
      assertThat(del.destroyForcibly().waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    try (CniServer _ = CniServer.start(node.settings(), (command, code, took) -> {})) {
      Forwarder.Answer answer = runtimeGaveUp ? call("DEL").run() : Forwarder.await(del);
      assertThat(answer.exit()).as(answer.stdout()).isZero();
    }
    node.refreshSysfs();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  /** Starts a server that ends before the n-th such call of one of its threads. */
  private void serveUntil(String syscall, int nth) throws IOException {
    server = ServerProcess.start(node);
    server.trace(
        "-o",
        "/dev/null",
        "-e",
        "trace=" + syscall,
        "-e",
        "inject=" + syscall + ":signal=KILL:when=" + nth);
  }
}
