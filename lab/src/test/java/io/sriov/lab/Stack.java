package io.sriov.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ThrowingRunnable;

/**
 * The stack, installed by the chart on the shared lab of two nodes; what tests say to it and see of
 * it.
 */
final class Stack {

  static final String NAMESPACE = "sriov-network-operator";
  static final String PF = "enp1s0";
  static final String PF_DEVICE = "/sys/class/net/enp1s0/device";

  /** Our processes on a node, by the file of their JVM options. */
  static final String DAEMON = "daemon.options";

  static final String DEVICE_PLUGIN = "device-plugin.options";

  private static final Path ROOT = Path.of(System.getProperty("sriov.root"));

  private final Lab lab;

  private Stack(Lab lab) {
    this.lab = lab;
  }

  static Stack installed() {
    return Shared.INSTANCE;
  }

  private static final class Shared {
    static final Stack INSTANCE = install();

    private static Stack install() {
      Stack stack = new Stack(Lab.withNodes(2));
      stack.installChart();
      return stack;
    }
  }

  void installChart() {
    lab.helm(
        "upgrade",
        "--install",
        "sriov-network-operator",
        ROOT.resolve("chart").toString(),
        "--namespace",
        NAMESPACE,
        "--create-namespace",
        "--values",
        ROOT.resolve("docs/examples/lab-values.yaml").toString(),
        "--wait",
        "--timeout",
        "5m");
    for (String node : nodes()) {
      eventually(
          240,
          () -> assertThat(state(node, "{.status.interfaces[*].name}")).contains("enp1s0 enp2s0"));
    }
  }

  Lab lab() {
    return lab;
  }

  List<String> nodes() {
    return lab.nodes();
  }

  void apply(String manifest) {
    withFile(manifest, file -> lab.kubectl("apply", "-f", file));
  }

  void delete(String manifest) {
    withFile(manifest, file -> lab.kubectl("delete", "--ignore-not-found", "--wait", "-f", file));
  }

  /** A part of a node's SriovNetworkNodeState, by JSON path. */
  String state(String node, String jsonPath) {
    return lab.kubectl(
        "-n", NAMESPACE, "get", "sriovnetworknodestates", node, "-o", "jsonpath=" + jsonPath);
  }

  /** A field of a PF as the node's SriovNetworkNodeState shows it, e.g. {@code Vfs[*].driver}. */
  String pf(String node, String pf, String field) {
    return state(node, "{.status.interfaces[?(@.name==\"" + pf + "\")]." + field + "}");
  }

  /** A condition of a policy: {@code status reason message}. */
  String selected(String policy) {
    return lab.kubectl(
        "-n",
        NAMESPACE,
        "get",
        "sriovnetworknodepolicies",
        policy,
        "-o",
        "jsonpath={range .status.conditions[?(@.type==\"Selected\")]}{.status} {.reason} {.message}{end}");
  }

  /** Allocatable devices of a resource; empty where the node does not know the resource. */
  String allocatable(String node, String resource) {
    return lab.kubectl(
        "get",
        "node",
        node,
        "-o",
        "jsonpath={.status.allocatable.openshift\\.io/" + resource + "}");
  }

  /** Names of the running pods of one of our workloads on a node. */
  String pods(String app, String node) {
    return ofPods(
            app,
            "spec.nodeName=" + node + ",status.phase=Running",
            "-o",
            "jsonpath={.items[*].metadata.name}")
        .trim();
  }

  /** What kubectl gets of the pods of one of our workloads that have these fields. */
  private String ofPods(String app, String fields, String... more) {
    List<String> words = new java.util.ArrayList<>(List.of("-n", NAMESPACE, "get", "pods"));
    words.addAll(List.of("-l", "app=" + app, "--field-selector=" + fields));
    words.addAll(List.of(more));
    return lab.kubectl(words.toArray(String[]::new));
  }

  String onNode(String node, String command) {
    return lab.onNode(node, command).trim();
  }

  String inPod(String pod, String... command) {
    List<String> words = new java.util.ArrayList<>(List.of("exec", pod, "--"));
    words.addAll(List.of(command));
    return lab.kubectl(words.toArray(String[]::new));
  }

  /** Id of one of our processes on a node; empty when it does not run. */
  String process(String node, String options) {
    // One process for all of /proc: many are slow to start here. The bracket keeps grep itself out.
    return onNode(
        node,
        "grep -lzx '@/opt/sriov/[%s]%s' /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 | head -1"
            .formatted(options.charAt(0), options.substring(1)));
  }

  /** Ends the config daemon of a node at once, if it runs; the kubelet starts it again. */
  void killDaemon(String node) {
    kill(node, DAEMON);
  }

  /** Whether the config daemon of a node runs, in a pod that nobody has deleted. */
  boolean daemonRuns(String node) {
    return ofPods(
                "sriov-network-config-daemon",
                "spec.nodeName=" + node,
                "-o",
                "jsonpath={.items[*].metadata.deletionTimestamp}{.items[*].status.phase}")
            .equals("Running")
        && !process(node, DAEMON).isEmpty();
  }

  /** Ends the device plugin of a node at once, if it runs; the kubelet starts it again. */
  void killDevicePlugin(String node) {
    kill(node, DEVICE_PLUGIN);
  }

  private void kill(String node, String options) {
    String process = process(node, options);
    if (!process.isEmpty()) {
      onNode(node, "kill -9 " + process + " || true");
    }
  }

  int vfs(String node, String pf) {
    return Integer.parseInt(onNode(node, "cat /sys/class/net/" + pf + "/device/sriov_numvfs"));
  }

  void awaitSucceeded(String node, String pf, int vfs) {
    eventually(
        90,
        () -> {
          assertThat(
                  state(
                      node,
                      "{.status.syncStatus} {.status.interfaces[?(@.name==\""
                          + pf
                          + "\")].numVfs}"))
              .isEqualTo(vfs == 0 ? "Succeeded " : "Succeeded " + vfs);
          assertThat(vfs(node, pf)).isEqualTo(vfs);
        });
  }

  void awaitPodReady(String pod) {
    lab.kubectl("wait", "--for=condition=Ready", "pod/" + pod, "--timeout=180s");
  }

  /** Deletes what tests made and waits until no VF is left. */
  void cleanUp() {
    lab.kubectl("delete", "pods", "-n", "default", "-l", "lab-test", "--wait", "--timeout=120s");
    // Each kubectl and each look at a node takes its second here: few, after every test.
    lab.kubectl(
        "-n",
        NAMESPACE,
        "delete",
        "sriovnetworkpoolconfigs,sriovnetworks,sriovnetworknodepolicies",
        "--all",
        "--wait",
        "--timeout=120s");
    for (String node : nodes()) {
      awaitNoVfs(node);
    }
  }

  private void awaitNoVfs(String node) {
    eventually(
        90,
        () -> {
          assertThat(state(node, "{.status.syncStatus} {.status.interfaces[*].numVfs}"))
              .isEqualTo("Succeeded ");
          assertThat(onNode(node, "cat /sys/class/net/enp[12]s0/device/sriov_numvfs"))
              .isEqualTo("0\n0");
        });
  }

  static void eventually(int seconds, ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(seconds))
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptionsInstanceOf(IllegalStateException.class)
        .untilAsserted(assertion);
  }

  static String policy(String name, String node, String nicSelector, String more) {
    return """
    apiVersion: sriovnetwork.openshift.io/v1
    kind: SriovNetworkNodePolicy
    metadata: {name: %1$s, namespace: %4$s}
    spec:
      resourceName: %1$s
      nodeSelector: {kubernetes.io/hostname: %2$s}
      nicSelector: %3$s
    """
            .formatted(name, node, nicSelector, NAMESPACE)
        + more.indent(2);
  }

  /** A pool of one node. */
  static String pool(String name, String node, String more) {
    return """
    apiVersion: sriovnetwork.openshift.io/v1
    kind: SriovNetworkPoolConfig
    metadata: {name: %1$s, namespace: %3$s}
    spec:
      nodeSelector: {matchLabels: {kubernetes.io/hostname: %2$s}}
    """
            .formatted(name, node, NAMESPACE)
        + more.indent(2);
  }

  static String network(String name, String more) {
    return """
    apiVersion: sriovnetwork.openshift.io/v1
    kind: SriovNetwork
    metadata: {name: %1$s, namespace: %2$s}
    spec:
      resourceName: %1$s
      networkNamespace: default
    """
            .formatted(name, NAMESPACE)
        + more.indent(2);
  }

  /**
   * A pod with one device of {@code resource}; {@code networks} is the Multus annotation, may be
   * empty.
   */
  static String pod(String name, String node, String resource, String networks) {
    return """
    apiVersion: v1
    kind: Pod
    metadata:
      name: %1$s
      namespace: default
      labels: {lab-test: "true"}
      annotations: {k8s.v1.cni.cncf.io/networks: "%4$s"}
    spec:
      nodeName: %2$s
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: localhost/lab-tools:dev
        imagePullPolicy: Never
        command: [sleep, infinity]
        securityContext: {capabilities: {add: [IPC_LOCK]}}
        resources:
          requests: {openshift.io/%3$s: "1"}
          limits: {openshift.io/%3$s: "1"}
    """
        .formatted(name, node, resource, networks);
  }

  private interface WithFile {
    void run(String file);
  }

  private static void withFile(String text, WithFile body) {
    try {
      Path file = Files.createTempFile("manifest", ".yaml");
      Files.writeString(file, text);
      body.run(file.toString());
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
