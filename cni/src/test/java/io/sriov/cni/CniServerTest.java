package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.cni.plugin.Misspelling;
import io.sriov.cni.wire.Frame;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.unix.UnixConnection;
import io.sriov.testkit.Spec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real forwarder and the server, with veth pairs for VFs. */
class CniServerTest {

  @TempDir Path folder;
  VethNode node;

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, 4);
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private static String conf(int vf, String more) {
    return "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\"%s}"
        .formatted(VethNode.address(vf), more.replace('\'', '"'));
  }

  private Forwarder forwarder(String command, VethNode.PodNetns pod, String conf) {
    return Forwarder.command(command)
        .with("CNI_NETNS", pod.path())
        .with("CNI_PATH", folder.toString())
        .with("SRIOV_CNI_SOCKET", node.socket().toString())
        .with("SRIOV_CNI_WAIT_MS", "30000")
        .stdin(conf);
  }

  private void script(String name, String body) throws Exception {
    Path plugin = folder.resolve(name);
    Files.writeString(plugin, "#!/bin/sh\n" + body + "\n");
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void attachesAndReleases() throws Exception {
    List<String> ended = new CopyOnWriteArrayList<>();
    script(
        "ipam",
        "[ $CNI_COMMAND = ADD ] && echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"192.0.2.5/24\"}]}'; cat > "
            + folder.resolve("seen"));
    String before = node.snapshot();
    String conf = conf(0, ",'vlan':100,'ipam':{'type':'ipam'}");
    try (CniServer server =
            CniServer.start(node.settings(), (command, code, took) -> ended.add(command + code));
        VethNode.PodNetns pod = node.pod()) {
      Forwarder.Answer add = forwarder("ADD", pod, conf).run();
      assertThat(add.exit()).as(add.stdout()).isZero();
      assertThat(add.stdout())
          .startsWith("{\n    \"cniVersion\"")
          .endsWith("}")
          .contains("192.0.2.5");
      assertThat(add.stderr()).contains("level=\"info\"").contains("containerID=\"c1\"");
      assertThat(folder.resolve("seen")).hasContent(conf);
      assertThat(forwarder("CHECK", pod, conf).run().exit()).isZero();
      node.refreshSysfs();
      assertThat(forwarder("DEL", pod, conf).run())
          .extracting("exit", "stdout")
          .containsExactly(0, "");
      assertThat(server).isNotNull();
    }

    assertThat(node.snapshot()).isEqualTo(before);
    assertThat(ended).containsExactly("ADD-1", "CHECK-1", "DEL-1");
    assertThat(node.socket()).doesNotExist();
  }

  @Test
  @Spec("04:43")
  void tellsOfMisspeltKeysAndGoesOn() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    var listener =
        new CniServer.CallListener() {
          @Override
          public void ended(String command, int code, Duration took) {}

          @Override
          public void misspelt(String network, String pod, Misspelling key) {
            told.add(network + ", " + pod + ": " + key.advice());
          }
        };
    String conf = conf(0, ",'max-tx-rate':100,'vlan_trunk':'1','VLAN':100");
    try (CniServer _ = CniServer.start(node.settings(), listener);
        VethNode.PodNetns pod = node.pod()) {
      Forwarder.Answer add =
          forwarder("ADD", pod, conf)
              .with("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p1")
              .run();
      node.refreshSysfs();

      assertThat(add.exit()).as(add.stdout()).isZero();
      assertThat(add.stderr()).contains("did you mean max_tx_rate?").contains("level=\"warning\"");
      assertThat(node.pf.state(0)).containsEntry("vlan", "100").containsEntry("max", "0");
      assertThat(forwarder("DEL", pod, conf).run().stderr()).doesNotContain("did you mean");
    }
    assertThat(told)
        .containsExactly(
            "n1, pod default/p1: \"max-tx-rate\" has no effect: did you mean max_tx_rate?");
  }

  @Test
  @Spec("04:116")
  void takesTheNamespaceOfAProcess() throws Exception {
    Process process = new ProcessBuilder("unshare", "--net", "sh", "-c", "echo up; cat").start();
    assertThat(process.getInputStream().read()).isEqualTo('u');
    String conf = conf(0, "");
    try (CniServer _ = CniServer.start(node.settings(), (command, code, took) -> {});
        VethNode.PodNetns pod = node.pod()) {
      String path = "/proc/" + process.pid() + "/ns/net";

      Forwarder.Answer answer = forwarder("ADD", pod, conf).with("CNI_NETNS", path).run();

      assertThat(answer.exit()).as(answer.stdout()).isZero();
      node.refreshSysfs();
      assertThat(forwarder("DEL", pod, conf).with("CNI_NETNS", path).run().exit()).isZero();
      assertThat(node.hostLinks.findLink(VethNode.hostName(0))).isPresent();
    } finally {
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
    }
  }

  @Test
  @Spec("04:45")
  @Spec("04:46")
  void writesTheLogOfACallWhereTheNetworkSays() throws Exception {
    Path root = node.settings().hostRoot();
    try (CniServer _ = CniServer.start(node.settings(), (c, code, took) -> {});
        VethNode.PodNetns pod = node.pod()) {
      Forwarder.Answer bad =
          forwarder(
                  "ADD",
                  pod,
                  conf(0, ",'vlan':5000,'logFile':'/var/log/deep/sriov.log','logLevel':'DEBUG'"))
              .run();
      assertThat(bad.code()).isEqualTo(999);
      assertThat(bad.stderr()).isEmpty();
      assertThat(root.resolve("var/log/deep/sriov.log"))
          .content()
          .contains("level=\"error\"")
          .contains("vlan")
          .contains("ifname=\"net1\"");

      Forwarder.Answer quiet = forwarder("DEL", pod, conf(0, ",'logLevel':'Error'")).run();
      assertThat(quiet.stderr()).isEmpty();
      Forwarder.Answer odd = forwarder("DEL", pod, conf(0, ",'logLevel':'VERBOSE'")).run();
      assertThat(odd.exit()).isZero();
      assertThat(odd.stderr()).contains("level=\"info\"");

      Files.createSymbolicLink(root.resolve("var/log/link.log"), folder.resolve("elsewhere"));
      Forwarder.Answer linked =
          forwarder("ADD", pod, conf(0, ",'logFile':'/var/log/link.log'")).run();
      assertThat(linked.exit()).isZero();
      assertThat(linked.stderr()).contains("symbolic link");
      assertThat(folder.resolve("elsewhere")).doesNotExist();
    }
  }

  @Test
  @Spec("04:18")
  void answersNonsenseWithoutHarm() throws Exception {
    try (CniServer _ = CniServer.start(node.settings(), (c, code, took) -> {});
        VethNode.PodNetns pod = node.pod()) {
      byte[][] nonsense = {
        {},
        {0},
        {-1, -1, -1, -1},
        {0, 0, 0, 1, 99},
        {0, 0, 0, 0},
        "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8)
      };
      for (byte[] bytes : nonsense) {
        try (UnixConnection connection = UnixConnection.connect(node.socket())) {
          connection.write(bytes, Duration.ofSeconds(1));
          connection.endOutput();
          assertThat(connection.readToEnd(100, Duration.ofSeconds(5))).isEmpty();
        } catch (LinuxException e) {
          // It closed before it had read everything.
          assertThat(e.is(Errno.ECONNRESET, Errno.EPIPE)).isTrue();
        }
      }
      // A frame that is well-formed and a call that is not.
      try (UnixConnection connection = UnixConnection.connect(node.socket())) {
        Frame.Call call =
            new Frame.Call("00".repeat(16), Frame.Netns.OPEN, 0, Map.of(), new byte[0]);
        connection.write(call.pack(), Duration.ofSeconds(1));
        byte[] accepted = connection.readExactly(6, Duration.ofSeconds(5));
        assertThat(accepted).containsExactly(0, 0, 0, 2, 2, 1);
        int length = ByteBuffer.wrap(connection.readExactly(4, Duration.ofSeconds(5))).getInt();
        Frame done = Frame.parse(connection.readExactly(length, Duration.ofSeconds(5)));
        assertThat(new String(((Frame.Done) done).stdout(), StandardCharsets.UTF_8))
            .contains("\"code\": 4");
      }
      assertThat(forwarder("ADD", pod, conf(0, "")).run().exit()).isZero();
    }
  }

  /** Also of those whom somebody lets at the socket. */
  @Test
  void servesNobodyButRoot() throws Exception {
    List<String> ended = new CopyOnWriteArrayList<>();
    Path program = folder.resolve("forwarder");
    Files.copy(Forwarder.BINARY, program, StandardCopyOption.COPY_ATTRIBUTES);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    String before = node.snapshot();
    try (CniServer _ =
            CniServer.start(node.settings(), (command, code, took) -> ended.add(command));
        VethNode.PodNetns pod = node.pod()) {
      for (String mode : List.of("rw-------", "rw-rw-rw-")) {
        Files.setPosixFilePermissions(node.socket(), PosixFilePermissions.fromString(mode));

        Forwarder.Answer answer =
            forwarder("ADD", pod, conf(0, ""))
                .with("SRIOV_CNI_WAIT_MS", "300")
                .asNobody(program)
                .run();

        assertThat(answer.code()).as(mode).isEqualTo(11);
        assertThat(answer.stdout())
            .contains(mode.equals("rw-------") ? "Permission denied" : "lost");
      }
    }
    assertThat(ended).isEmpty();
    node.refreshSysfs();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  @Test
  void letsCallsInFlightFinishWhenItStops() throws Exception {
    script(
        "ipam",
        "touch "
            + folder.resolve("running")
            + "; while [ ! -e "
            + folder.resolve("go")
            + " ]; do sleep 0.02; done; echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"192.0.2.5/24\"}]}'");
    try (VethNode.PodNetns pod = node.pod()) {
      CniServer server = CniServer.start(node.settings(), (c, code, took) -> {});
      Process add = forwarder("ADD", pod, conf(0, ",'ipam':{'type':'ipam'}")).start();
      Awaitility.await().until(() -> Files.exists(folder.resolve("running")));
      CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
      Awaitility.await().until(() -> !Files.exists(node.socket()));
      Files.createFile(folder.resolve("go"));

      assertThat(Forwarder.await(add).exit()).isZero();
      closed.get(10, java.util.concurrent.TimeUnit.SECONDS);
      assertThat(pod.links.findLink("net1")).isPresent();
    }
  }

  @Test
  void removesWhatAKilledServerLeftHalfWritten() throws Exception {
    Path leftover = Files.createDirectories(node.state().resolve("pci")).resolve(".4711-3");
    Files.writeString(leftover, "{\"MAC\"");

    try (CniServer _ = CniServer.start(node.settings(), (c, code, took) -> {})) {
      assertThat(leftover).doesNotExist();
    }
  }

  @Test
  void doesNotServeBesideAnotherServer() throws Exception {
    try (CniServer _ = CniServer.start(node.settings(), (c, code, took) -> {})) {
      assertThatThrownBy(() -> CniServer.start(node.settings(), (c, code, took) -> {}))
          .hasMessageContaining("EADDRINUSE");
    }
  }

  @Test
  void worksOnDifferentVfsAtTheSameTime() throws Exception {
    String before = node.snapshot();
    List<VethNode.PodNetns> pods = new ArrayList<>();
    List<Process> adds = new ArrayList<>();
    try (CniServer _ = CniServer.start(node.settings(), (c, code, took) -> {})) {
      for (int vf = 0; vf < 4; vf++) {
        pods.add(node.pod());
        adds.add(
            forwarder("ADD", pods.get(vf), conf(vf, "")).with("CNI_CONTAINERID", "c" + vf).start());
      }
      for (Process add : adds) {
        assertThat(Forwarder.await(add).exit()).isZero();
      }
      for (int vf = 0; vf < 4; vf++) {
        assertThat(pods.get(vf).links.findLink("net1")).isPresent();
        assertThat(
                forwarder("DEL", pods.get(vf), conf(vf, ""))
                    .with("CNI_CONTAINERID", "c" + vf)
                    .run()
                    .exit())
            .isZero();
      }
    }
    assertThat(node.snapshot()).isEqualTo(before);
  }
}
