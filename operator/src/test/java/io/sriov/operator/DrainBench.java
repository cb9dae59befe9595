package io.sriov.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.lab.ApiServer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * All idle nodes of a pool ask for a drain at the same moment; how long until all are drained, done
 * and back? The work of the nodes takes no time, so that what is measured is the operator.
 *
 * <p>Arguments: number of nodes, default 300; {@code maxUnavailable}, default {@code 10%}.
 */
final class DrainBench {

  private static final Duration LIMIT = Duration.ofMinutes(10);

  private DrainBench() {}

  public static void main(String[] arguments) throws Exception {
    int nodes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 300;
    String maxUnavailable = arguments.length > 1 ? arguments[1] : "10%";
    try (ApiServer server = ApiServer.start();
        TestCluster cluster = new TestCluster(server);
        ExecutorService daemons = Executors.newVirtualThreadPerTaskExecutor()) {
      // Closed with the cluster.
      var unused = cluster.operator();
      new Run(cluster, daemons, nodes, maxUnavailable).print();
    }
    System.exit(0);
  }

  /** One measurement. */
  private static final class Run {

    private final TestCluster cluster;
    private final ExecutorService daemons;
    private final int count;
    private final String maxUnavailable;

    /** As many requests at once as an API server likes of one client. */
    private final Semaphore requests = new Semaphore(16);

    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final Set<String> drained = ConcurrentHashMap.newKeySet();
    private final AtomicInteger most = new AtomicInteger();
    private final CountDownLatch back;
    private volatile boolean measuring;

    Run(TestCluster cluster, ExecutorService daemons, int count, String maxUnavailable) {
      this.cluster = cluster;
      this.daemons = daemons;
      this.count = count;
      this.maxUnavailable = maxUnavailable;
      this.back = new CountDownLatch(count);
    }

    void print() throws InterruptedException {
      cluster.config(cluster.nodeSelector());
      cluster.apply(
          "SriovNetworkPoolConfig",
          "bench",
          cluster.namespace,
          "maxUnavailable: '%s', nodeSelector: {matchLabels: {test: %s}}"
              .formatted(maxUnavailable, cluster.namespace));
      each(number -> cluster.node(number));
      try (SharedIndexInformer<SriovNetworkNodeState> states =
          cluster
              .admin
              .resources(SriovNetworkNodeState.class)
              .inNamespace(cluster.namespace)
              .inform(follower())) {
        await()
            .atMost(LIMIT)
            .until(() ->
                states.getStore().list().stream().filter(s -> current(s).equals(Names.IDLE)).count()
                    == count);
        measuring = true;
        long started = System.nanoTime();
        each(number -> request(cluster.nodeName(number), Names.DRAIN_REQUIRED));
        if (!back.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          throw new IllegalStateException(back.getCount() + " nodes are not back after " + LIMIT);
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        long cordoned =
            cluster.admin.nodes().list().getItems().stream()
                .filter(node -> Boolean.TRUE.equals(node.getSpec().getUnschedulable()))
                .count();
        System.out.printf(
            "drain: %d idle nodes, maxUnavailable %s: %.1f s, at most %d at once, %d left cordoned%n",
            count, maxUnavailable, seconds, most.get(), cordoned);
      }
    }

    private ResourceEventHandler<SriovNetworkNodeState> follower() {
      return new ResourceEventHandler<>() {
        @Override
        public void onAdd(SriovNetworkNodeState state) {
          // Not yet asked for anything.
        }

        @Override
        public void onUpdate(SriovNetworkNodeState before, SriovNetworkNodeState after) {
          if (measuring) {
            changed(after.getMetadata().getName(), current(after));
          }
        }

        @Override
        public void onDelete(SriovNetworkNodeState state, boolean finalStateUnknown) {
          throw new IllegalStateException("deleted: " + state.getMetadata().getName());
        }
      };
    }

    private void changed(String node, String current) {
      switch (current) {
        case Names.DRAINING -> busy.add(node);
        case Names.DRAIN_COMPLETE -> {
          busy.add(node);
          if (drained.add(node)) {
            var unused = daemons.submit(() -> request(node, Names.IDLE));
          }
        }
        default -> {
          if (busy.remove(node)) {
            back.countDown();
          }
        }
      }
      most.accumulateAndGet(busy.size(), Math::max);
    }

    private void request(String node, String what) {
      requests.acquireUninterruptibly();
      try {
        var merge = PatchContext.of(PatchType.JSON_MERGE);
        var unused =
            cluster.admin.nodes().withName(node).patch(merge, annotation(Names.NODE_STATE, what));
        var unused2 =
            cluster
                .admin
                .resources(SriovNetworkNodeState.class)
                .inNamespace(cluster.namespace)
                .withName(node)
                .patch(merge, annotation(Names.DESIRED_STATE, what));
      } finally {
        requests.release();
      }
    }

    private void each(Consumer<Integer> task) {
      try (ExecutorService all = Executors.newFixedThreadPool(16)) {
        IntStream.rangeClosed(1, count)
            .forEach(number -> {
              var unused = all.submit(() -> task.accept(number));
            });
      }
    }

    private static String annotation(String name, String value) {
      return Serialization.asJson(Map.of("metadata", Map.of("annotations", Map.of(name, value))));
    }

    private static String current(SriovNetworkNodeState state) {
      return DrainFixture.annotation(state, Names.CURRENT_STATE).orElse("");
    }
  }
}
