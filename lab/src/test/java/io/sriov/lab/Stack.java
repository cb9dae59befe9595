package io.sriov.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.awaitility.pollinterval.IterativePollInterval.iterative;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ThrowingRunnable;

/**
 * The stack, installed by the chart on the shared lab of two nodes; what tests say to it and see of
 * it.
 */
final class Stack {

  static final String NAMESPACE = "sriov-network-operator";

  /**
   * Tests that need one node only run in lanes, one for each node, at the same time. In lane 0 a
   * test has the whole lab.
   */
  static final int LANE = Integer.parseInt(System.getProperty("sriov.lane", "0"));

  /** The node of this lane's tests. */
  static final String NODE = "worker" + Math.max(1, LANE);

  /** What a lane makes has this label, so that it removes nothing of another's. */
  static final String LANE_LABEL = "lab-lane: \"" + LANE + "\"";

  /** Selects what this lane made. */
  static final String OF_LANE = "lab-lane=" + LANE;

  /**
   * Selects all but what the other lane made, so also what an interrupted run has left; in lane 0
   * everything.
   */
  private static final String NOT_OF_OTHER = "lab-lane!=" + (3 - LANE);

  /**
   * For kubectl's own waiting: long enough for slow machines, and shorter than a command may be.
   */
  static final String TIMEOUT = "--timeout=330s";

  static final String PF = "enp1s0";
  static final String PF_DEVICE = "/sys/class/net/enp1s0/device";

  private static final String CUSTOM_RESOURCES =
      "/apis/sriovnetwork.openshift.io/v1/namespaces/" + NAMESPACE + "/";

  /** Our processes on a node, by the file of their JVM options. */
  static final String DAEMON = "daemon.options";

  static final String DEVICE_PLUGIN = "device-plugin.options";

  /**
   * To look at a node takes it half a second of processor time: the longer it takes, the less
   * often.
   */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(300);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private static final Path ROOT = Path.of(System.getProperty("sriov.root"));

  private final Lab lab;
  private final Reader reader;

  private Stack(Lab lab) {
    this.lab = lab;
    this.reader = new Reader(lab.kubeconfig());
  }

  static Stack installed() {
    return Shared.INSTANCE;
  }

  private static final class Shared {
    static final Stack INSTANCE = install();

    private static Stack install() {
      Stack stack = new Stack(Lab.withNodes(2));
      if (!stack.nodes().contains(NODE)) {
        throw new IllegalStateException("sriov.lane is " + LANE + ", but there is no " + NODE);
      }
      stack.installChart();
      return stack;
    }
  }

  void installChart() {
    // Lanes are processes, and Helm refuses a second installation at the same time.
    try (FileChannel lock =
            FileChannel.open(
                lab.kubeconfig().resolveSibling("chart.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = lock.lock()) {
      upgradeChart();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void upgradeChart() {
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

  /** The nodes that this lane's tests may change. */
  List<String> nodesOfLane() {
    return LANE == 0 ? nodes() : List.of(NODE);
  }

  /** The value of a field of a node; empty without it. */
  String node(String node, String jsonPath) {
    return reader.read("/api/v1/nodes/" + node, jsonPath);
  }

  void apply(String manifest) {
    withFile(manifest, file -> lab.kubectl("apply", "-f", file));
  }

  void delete(String manifest) {
    withFile(manifest, file -> lab.kubectl("delete", "--ignore-not-found", "--wait", "-f", file));
  }

  /** A part of a node's SriovNetworkNodeState, by JSON path. */
  String state(String node, String jsonPath) {
    return reader.read(CUSTOM_RESOURCES + "sriovnetworknodestates/" + node, jsonPath);
  }

  /** A field of a PF as the node's SriovNetworkNodeState shows it, e.g. {@code Vfs[*].driver}. */
  String pf(String node, String pf, String field) {
    return state(node, "{.status.interfaces[?(@.name==\"" + pf + "\")]." + field + "}");
  }

  /** A condition of a policy: {@code status reason message}. */
  String selected(String policy) {
    String condition = "{.status.conditions[?(@.type==\"Selected\")].%s}";
    return reader
        .read(
            CUSTOM_RESOURCES + "sriovnetworknodepolicies/" + policy,
            "%1$s %2$s %3$s"
                .formatted(
                    condition.formatted("status"),
                    condition.formatted("reason"),
                    condition.formatted("message")))
        .strip();
  }

  /** Allocatable devices of a resource; empty where the node does not know the resource. */
  String allocatable(String node, String resource) {
    return node(node, "{.status.allocatable.openshift\\.io/" + resource + "}");
  }

  /** Names of the running pods of one of our workloads on a node. */
  String pods(String app, String node) {
    return ofPods(
        "app=" + app,
        "spec.nodeName=" + node + ",status.phase=Running",
        "{.items[*].metadata.name}");
  }

  /** Names of the operator's running pods. */
  String operator() {
    return ofPods(
        "name=sriov-network-operator", "status.phase=Running", "{.items[*].metadata.name}");
  }

  /** A part of the list of one of our workloads' pods that have these fields, by JSON path. */
  private String ofPods(String labels, String fields, String jsonPath) {
    return reader.read(
        "/api/v1/namespaces/%s/pods?labelSelector=%s&fieldSelector=%s"
            .formatted(
                NAMESPACE, URLEncoder.encode(labels, UTF_8), URLEncoder.encode(fields, UTF_8)),
        jsonPath);
  }

  /** A part of the list of all nodes' SriovNetworkNodeStates, by JSON path. */
  String states(String jsonPath) {
    return reader.read(CUSTOM_RESOURCES + "sriovnetworknodestates", jsonPath);
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
                "app=sriov-network-config-daemon",
                "spec.nodeName=" + node,
                "{.items[*].metadata.deletionTimestamp}{.items[*].status.phase}")
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
    lab.kubectl("wait", "--for=condition=Ready", "pod/" + pod, TIMEOUT);
  }

  /** Deletes the pods that this lane's tests made. */
  void deletePods() {
    lab.kubectl(
        "delete", "pods", "-n", "default", "-l", "lab-test," + NOT_OF_OTHER, "--wait", TIMEOUT);
  }

  /** Deletes what this lane's tests made and waits until their nodes have no VF. */
  void cleanUp() {
    deletePods();
    // Each kubectl and each look at a node takes its second here: few, after every test.
    lab.kubectl(
        "-n",
        NAMESPACE,
        "delete",
        "sriovnetworkpoolconfigs,sriovnetworks,sriovnetworknodepolicies",
        "--selector=" + NOT_OF_OTHER,
        "--wait",
        TIMEOUT);
    for (String node : nodesOfLane()) {
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

  /**
   * @param seconds at most, on a machine as fast as most; a slow one, or one that two lanes share,
   *     gets twice as long
   */
  static void eventually(int seconds, ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(2L * seconds))
        .pollInterval(iterative(Stack::nextPause, FIRST_PAUSE))
        .ignoreExceptionsInstanceOf(IllegalStateException.class)
        .untilAsserted(assertion);
  }

  private static Duration nextPause(Duration pause) {
    Duration longer = pause.multipliedBy(4).dividedBy(3);
    return longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
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
