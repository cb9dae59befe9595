package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.netlink.LinkChange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The forwarder with exactly the environment and configuration that each runtime gives it. All run
 * it through the CNI library, which hands its own environment on, with the CNI variables replaced.
 */
class RuntimesTest {

  /** Variables beside the pod's own, and what the runtime makes of the network. */
  enum Runtime {
    /** As a service of systemd, the network being the pod's only one. */
    CONTAINERD(
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p1;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=u1",
        "/opt/cni/bin",
        "",
        Map.of(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
            "LANG", "en_US.UTF-8",
            "INVOCATION_ID", "0123456789abcdef0123456789abcdef",
            "JOURNAL_STREAM", "8:1234",
            "NOTIFY_SOCKET", "/run/systemd/notify",
            "SYSTEMD_EXEC_PID", "1")),
    /** Two folders of plugins, and a path of namespaces below /var/run; no HOME. */
    CRIO(
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p1;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=u1",
        "/usr/libexec/cni:/opt/cni/bin",
        "",
        Map.of(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
            "GOTRACEBACK", "crash",
            "CONTAINER_LOG_LEVEL", "",
            "INVOCATION_ID", "0123456789abcdef0123456789abcdef",
            "JOURNAL_STREAM", "8:1234",
            "NOTIFY_SOCKET", "/run/systemd/notify",
            "KUBENSMNT", "")),
    /** A process that the runtime started with its own CNI variables; the pod asked for a MAC. */
    MULTUS_THIN(
        "IgnoreUnknown=true;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p1;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=u1;MAC=02:00:00:00:00:e1",
        "/opt/cni/bin:/opt/cni/bin",
        ",\"pciBusID\":\"%s\",\"capabilities\":{\"mac\":true},\"runtimeConfig\":{\"mac\":\"02:00:00:00:00:e1\"}",
        Map.of(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
            "GOTRACEBACK", "crash",
            "CNI_NETNS_OVERRIDE", "")),
    /** A pod of its own, in the host's root by chroot. */
    MULTUS_THICK(
        "IgnoreUnknown=true;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p1;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=u1",
        "/opt/cni/bin",
        ",\"pciBusID\":\"%s\"",
        Map.of(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOSTNAME", "worker1",
            "HOME", "/root",
            "KUBERNETES_SERVICE_HOST", "10.96.0.1",
            "KUBERNETES_SERVICE_PORT", "443",
            "KUBERNETES_PORT", "tcp://10.96.0.1:443",
            "MULTUS_NODE_NAME", "worker1"));

    final String args;
    final String path;
    final String config;
    final Map<String, String> own;

    Runtime(String args, String path, String config, Map<String, String> own) {
      this.args = args;
      this.path = path;
      this.config = config;
      this.own = own;
    }
  }

  private static final String CONTAINER =
      "2f1a3c5e7f90817263544536271809f0e1d2c3b4a5968778695a4b3c2d1e0f00";

  @TempDir Path folder;
  VethNode node;
  String before;

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, 1);
    Path plugins = Files.createDirectories(folder.resolve("opt/cni/bin"));
    Files.copy(Forwarder.BINARY, plugins.resolve("sriov"), StandardCopyOption.COPY_ATTRIBUTES);
    Path ipam = plugins.resolve("static");
    Files.writeString(
        ipam,
        """
        #!/bin/sh
        env > %s/env
        [ $CNI_COMMAND = ADD ] || exit 0
        echo '{"cniVersion":"0.3.1","ips":[{"version":"4","address":"192.0.2.5/24"}]}'
        """
            .formatted(folder));
    assertThat(ipam.toFile().setExecutable(true)).isTrue();
    before = node.snapshot();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private Forwarder.Answer call(Runtime runtime, String command, String netns) throws Exception {
    node.refreshSysfs();
    Map<String, String> variables = new LinkedHashMap<>(runtime.own);
    variables.put("CNI_COMMAND", command);
    variables.put("CNI_CONTAINERID", CONTAINER);
    variables.put("CNI_NETNS", netns);
    variables.put("CNI_ARGS", runtime.args.formatted(CONTAINER));
    variables.put("CNI_IFNAME", "net1");
    variables.put("CNI_PATH", runtime.path.replace("/opt", folder + "/opt"));
    Forwarder forwarder =
        Forwarder.command(command)
            .startedAs(folder.resolve("opt/cni/bin/sriov"))
            .with("SRIOV_CNI_SOCKET", node.socket().toString())
            .stdin(
                ("{\"cniVersion\":\"0.3.1\",\"deviceID\":\"%1$s\",\"ipam\":{\"type\":\"static\"},\"name\":\"n1\",\"type\":\"sriov\",\"vlan\":100"
                        + runtime.config
                        + "}")
                    .replace("%s", "%1$s")
                    .formatted(VethNode.address(0)));
    variables.forEach(forwarder::with);
    return forwarder.run();
  }

  @ParameterizedTest
  @EnumSource
  void attachesAndReleases(Runtime runtime) throws Exception {
    try (CniServer _ = CniServer.start(node.settings(), (command, code, took) -> {});
        VethNode.PodNetns pod = node.pod()) {

      Forwarder.Answer add = call(runtime, "ADD", pod.path());

      assertThat(add.exit()).as(add.stdout()).isZero();
      assertThat(add.stdout())
          .contains("\"sandbox\": \"" + pod.path() + "\"")
          .contains("192.0.2.5");
      assertThat(pod.links.findLink("net1")).isPresent();
      if (runtime == Runtime.MULTUS_THIN) {
        assertThat(pod.links.link("net1").mac()).hasToString("02:00:00:00:00:e1");
      }
      // The IPAM plugin gets what the runtime gave.
      assertThat(Files.readAllLines(folder.resolve("env")))
          .contains("CNI_COMMAND=ADD", "CNI_IFNAME=net1", "PATH=" + runtime.own.get("PATH"))
          .contains("CNI_ARGS=" + runtime.args.formatted(CONTAINER))
          .noneMatch(line -> line.startsWith("SRIOV_CNI_NAME"));
      assertThat(call(runtime, "DEL", pod.path())).extracting("exit", "stdout").contains(0, "");
    }
    node.refreshSysfs();
    assertThat(node.snapshot()).isEqualTo(before);
  }

  /** CRI-O and containerd do so when a sandbox ended by itself. */
  @ParameterizedTest
  @EnumSource
  void releasesWithoutBeingToldTheNamespace(Runtime runtime) throws Exception {
    try (CniServer _ = CniServer.start(node.settings(), (command, code, took) -> {});
        VethNode.PodNetns pod = node.pod()) {
      assertThat(call(runtime, "ADD", pod.path()).exit()).isZero();
      var link = pod.links.link("net1");
      pod.links.change(link, LinkChange.none().moveTo(node.host));

      assertThat(call(runtime, "DEL", "").exit()).isZero();
    }
    node.refreshSysfs();
    assertThat(node.snapshot()).isEqualTo(before);
  }
}
