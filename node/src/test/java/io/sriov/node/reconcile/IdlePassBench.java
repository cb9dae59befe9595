package io.sriov.node.reconcile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovOperatorConfigSpec;
import io.sriov.kube.ClusterClient;
import io.sriov.kube.Events;
import io.sriov.node.apply.StepExecutor;
import io.sriov.node.drain.HandShake;
import io.sriov.node.drain.NodeDrain;
import io.sriov.node.drain.RebootLog;
import io.sriov.node.host.Host;
import io.sriov.node.host.TreeHost;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;

/**
 * What a pass costs when there is nothing to do: time of all processors, requests to the API
 * server, started processes. Called by {@code ./bench daemon}; ends with code 1 beyond the limits.
 */
public final class IdlePassBench {

  /** Counted passes; as many before them are the warm-up. */
  private static final int PASSES = 400;

  private static final int LONG_PASSES = 50;
  private static final double MOST_MILLISECONDS = 5;

  private IdlePassBench() {}

  public static void main(String[] args) throws Exception {
    var lines = new ArrayList<String>();
    boolean good = run(2, 7, PASSES, MOST_MILLISECONDS, lines);
    // Nobody promises anything for this one.
    good &= run(8, 127, LONG_PASSES, Double.MAX_VALUE, lines);
    System.out.println(
        "a pass with nothing to do          CPU    inventory  API writes  reads  processes");
    lines.forEach(System.out::println);
    System.exit(good ? 0 : 1);
  }

  private static boolean run(int pfs, int vfs, int passes, double limit, List<String> lines)
      throws Exception {
    Path folder = Files.createTempDirectory("idle-pass");
    try {
      return run(TreeHost.with(folder, pfs, vfs), folder, pfs, vfs, passes, limit, lines);
    } finally {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static boolean run(
      Host host, Path folder, int pfs, int vfs, int passes, double limit, List<String> lines)
      throws Exception {
    try (var api = new CountingApi(pfs, vfs);
        KubernetesClient client =
            ClusterClient.open(new ConfigBuilder().withMasterUrl(api.url()).build(), "bench");
        var events = new Events(client, Clock.systemUTC(), "bench", "bench");
        var publisher = new StatusPublisher(client, events, Clock.systemUTC());
        var executor = new StepExecutor(host)) {
      var metrics = new DaemonMetrics(new PrometheusRegistry());
      var drain =
          new NodeDrain(
              new HandShake(client, "worker1"),
              new RebootLog(folder, Clock.systemUTC()),
              () -> {
                throw new IOException("no reboot here");
              },
              events,
              Clock.systemUTC());
      var pass =
          new Pass(host, executor, _ -> List.of(), _ -> List.of(), drain, List.of(), metrics);
      try (var reconciler =
          new Reconciler(pass, api, publisher, folder.resolve("config.json"), false, metrics)) {
        reconciler.start();
        passes(reconciler, api, passes);
        awaitSucceeded(api);
        return measured(
            host,
            reconciler,
            api,
            "%d PFs with %d VFs each".formatted(pfs, vfs),
            passes,
            limit,
            lines);
      }
    }
  }

  /** The status is written beside the passes. */
  private static void awaitSucceeded(CountingApi api) {
    Awaitility.await("success")
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> Optional.ofNullable(api.state().getStatus()).map(status -> status.syncStatus()),
            Optional.of("Succeeded")::equals);
  }

  private static boolean measured(
      Host host,
      Reconciler reconciler,
      CountingApi api,
      String node,
      int passes,
      double limit,
      List<String> lines)
      throws Exception {
    long processes;
    double cpu;
    try (var recording = new Recording()) {
      recording.enable("jdk.ProcessStart");
      recording.start();
      api.reads.set(0);
      api.writes.set(0);
      var os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long before = os.getProcessCpuTime();
      passes(reconciler, api, passes);
      cpu = (os.getProcessCpuTime() - before) / 1e6 / passes;
      recording.stop();
      Path file = Files.createTempFile("passes", ".jfr");
      recording.dump(file);
      processes = RecordingFile.readAllEvents(file).size();
      Files.delete(file);
    }
    long start = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      if (host.inventory().pfs().isEmpty()) {
        throw new IllegalStateException("no PFs");
      }
    }
    double inventory = (System.nanoTime() - start) / 1e6 / 20;
    lines.add(
        "%-28s %6.2f ms  %6.2f ms  %10d  %5d  %9d"
            .formatted(node, cpu, inventory, api.writes.get(), api.reads.get(), processes));
    return cpu < limit && api.writes.get() == 0 && api.reads.get() == 0 && processes == 0;
  }

  private static void passes(Reconciler reconciler, CountingApi api, int count)
      throws InterruptedException {
    for (int i = 0; i < count; i++) {
      api.ended.drainPermits();
      reconciler.kernelChanged();
      if (!api.ended.tryAcquire(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a pass took more than 30 s");
      }
    }
  }

  /** One NodeState and one Node, and what was asked about them. */
  private static final class CountingApi implements DesiredState, AutoCloseable {

    private static final ObjectMapper JSON =
        new ObjectMapper()
            .configure(
                com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                false);

    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger writes = new AtomicInteger();
    final Semaphore ended = new Semaphore(0);
    private final HttpServer server;
    private volatile SriovNetworkNodeState state;

    CountingApi(int pfs, int vfs) throws IOException {
      state = new SriovNetworkNodeState();
      state.setMetadata(
          new ObjectMetaBuilder()
              .withName("worker1")
              .withNamespace("sriov")
              .withUid("u")
              .withGeneration(1L)
              .withResourceVersion("1")
              .build());
      String interfaces =
          IntStream.range(0, pfs)
              .mapToObj(pf ->
                  "{\"pciAddress\":\"%s\",\"numVfs\":%d,\"vfGroups\":[{\"vfRange\":\"0-%d\"}]}"
                      .formatted(TreeHost.address(pf), vfs, vfs - 1))
              .collect(Collectors.joining(","));
      state.setSpec(
          JSON.readValue("{\"interfaces\":[" + interfaces + "]}", SriovNetworkNodeStateSpec.class));
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
      server.createContext("/", this::answer);
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    SriovNetworkNodeState state() {
      return state;
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
      Object body = Map.of("kind", "Node", "apiVersion", "v1", "metadata", Map.of("name", "w"));
      if (exchange.getRequestMethod().equals("GET")) {
        reads.incrementAndGet();
      } else {
        writes.incrementAndGet();
        if (exchange.getRequestURI().getPath().endsWith("/status")) {
          ObjectNode now = JSON.valueToTree(state);
          var patch = JSON.readTree(exchange.getRequestBody());
          ObjectNode status =
              now.hasNonNull("status") ? (ObjectNode) now.get("status") : now.putObject("status");
          status.setAll((ObjectNode) patch.get("status"));
          state = JSON.treeToValue(now, SriovNetworkNodeState.class);
          state
              .getMetadata()
              .setResourceVersion(
                  "" + (Integer.parseInt(state.getMetadata().getResourceVersion()) + 1));
          body = state;
        }
      }
      byte[] bytes = JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    }

    @Override
    public Optional<SriovNetworkNodeState> nodeState() {
      return Optional.of(state);
    }

    @Override
    public boolean knowsPluginConfig() {
      return true;
    }

    /** The last that a pass asks for. */
    @Override
    public Optional<String> pluginConfig() {
      ended.release();
      return Optional.of("{\"resourceList\":[]}");
    }

    @Override
    public SriovOperatorConfigSpec operatorConfig() {
      return new SriovOperatorConfigSpec(
          Map.of(), null, null, null, null, null, null, null, List.of(), Map.of(), Map.of(), null,
          null);
    }

    @Override
    public Optional<String> notReady() {
      return Optional.empty();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
