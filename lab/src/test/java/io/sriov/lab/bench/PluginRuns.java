package io.sriov.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sriov.lab.Lab;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * The device plugin of a node: how long after the kernel's event a VF is offered, and what a
 * restart costs while a pod holds a VF.
 */
final class PluginRuns {

  private static final String NAMESPACE = "sriov-network-operator";
  private static final int VFS = 7;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern NETDEV_ADDED =
      Pattern.compile("KERNEL\\[([0-9.]+)] add +/devices/.*/0000:01:1[0-9a-f]\\.[0-7]/net/\\S+ .*");

  private final Lab lab;
  private final String node;
  private final ObjectMapper json = new ObjectMapper();

  final List<Double> offered = new ArrayList<>();
  final List<Double> registered = new ArrayList<>();
  final List<Double> allocatable = new ArrayList<>();

  PluginRuns(Lab lab, String node) {
    this.lab = lab;
    this.node = node;
  }

  /**
   * Takes all VFs of {@code enp1s0} away and makes them anew; the time runs from the kernel's event
   * of the last netdev until the plugin has sent its list with all of them.
   */
  void vfsComeBack() {
    lab.onNode(
        node,
        """
        systemd-run --quiet --unit=bench-uevents --property=StandardOutput=truncate:/run/bench-uevents \\
          stdbuf -oL udevadm monitor --kernel --subsystem-match=net
        timeout 10 sh -c 'until grep -q KERNEL /run/bench-uevents; do sleep 0.1; done'
        """);
    Instant begin = now();
    try {
      lab.onNode(
          node,
          """
          cd /sys/class/net/enp1s0/device
          echo 0 >sriov_numvfs
          # The daemon may be quicker.
          [ "$(cat sriov_numvfs)" = 7 ] || echo 7 >sriov_numvfs || true
          """);
      Instant sent = await("a list of all VFs", () -> fullListAfter(begin));
      Instant added = lastNetdev();
      offered.add((sent.toEpochMilli() - added.toEpochMilli()) * 1.0);
    } finally {
      lab.onNode(node, "systemctl stop bench-uevents");
    }
  }

  /**
   * Ends the plugin's pod; the time runs until the next one has registered, and until the node
   * offers what it did.
   */
  void restart(String expected) {
    String before = pod();
    long begin = System.nanoTime();
    lab.kubectl("-n", NAMESPACE, "delete", "pod", before, "--wait=false");
    await(
        "the next plugin to register",
        () -> {
          String now = pod();
          return !now.isEmpty() && !now.equals(before) && logOf(now).contains("\"Registered\"")
              ? Optional.of(now)
              : Optional.empty();
        });
    registered.add((System.nanoTime() - begin) / 1e6);
    await(
        "the VFs to be offered",
        () -> allocatableNow().equals(expected) ? Optional.of(expected) : Optional.empty());
    allocatable.add((System.nanoTime() - begin) / 1e6);
  }

  String allocatableNow() {
    return lab.kubectl(
        "get", "node", node, "-o", "jsonpath={.status.allocatable.openshift\\.io/bench}");
  }

  private String pod() {
    // Asked for by its index, the last of none would be an error.
    List<String> running =
        lab.kubectl(
                "-n",
                NAMESPACE,
                "get",
                "pods",
                "-l",
                "app=sriov-device-plugin",
                "--field-selector=spec.nodeName=" + node + ",status.phase=Running",
                "--sort-by=.metadata.creationTimestamp",
                "-o",
                "jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}")
            .lines()
            .toList();
    return running.isEmpty() ? "" : running.getLast();
  }

  private String logOf(String pod) {
    return lab.kubectl("-n", NAMESPACE, "logs", pod, "--tail=400");
  }

  private Optional<Instant> fullListAfter(Instant begin) throws IOException {
    for (String line : logOf(pod()).lines().filter(l -> l.contains("\"Pool\"")).toList()) {
      JsonNode entry = json.readTree(line);
      Instant time = Instant.parse(entry.path("time").asText());
      if (time.isAfter(begin) && entry.path("devices").asText().split(",").length == VFS) {
        return Optional.of(time);
      }
    }
    return Optional.empty();
  }

  private Instant now() {
    return Instant.ofEpochMilli(Long.parseLong(lab.onNode(node, "date +%s%3N").trim()));
  }

  /** The event's clock is the one of /proc/uptime: neither stops here. */
  private Instant lastNetdev() {
    String[] clocks =
        lab.onNode(node, "cut -d' ' -f1 /proc/uptime; date +%s.%N").trim().split("\\s+");
    double booted = Double.parseDouble(clocks[1]) - Double.parseDouble(clocks[0]);
    double last =
        lab.onNode(node, "cat /run/bench-uevents")
            .lines()
            .map(NETDEV_ADDED::matcher)
            .filter(Matcher::matches)
            .mapToDouble(m -> Double.parseDouble(m.group(1)))
            .max()
            .orElseThrow(() -> new IllegalStateException("the kernel told of no VF"));
    return Instant.ofEpochMilli(Math.round((booted + last) * 1000));
  }

  private static <T> T await(String what, Callable<Optional<T>> question) {
    return Awaitility.await(what)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        // The pod is just coming or going.
        .ignoreExceptionsInstanceOf(IllegalStateException.class)
        .until(question, Optional::isPresent)
        .orElseThrow();
  }
}
