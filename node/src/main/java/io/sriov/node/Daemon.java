package io.sriov.node;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sriov.api.Names;
import io.sriov.kube.ClusterClient;
import io.sriov.kube.Events;
import io.sriov.kube.HttpEndpoints;
import io.sriov.kube.Lifecycle;
import io.sriov.kubelet.KubeletSockets;
import io.sriov.kubelet.PodResources;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.node.apply.StepExecutor;
import io.sriov.node.audit.AuditMetrics;
import io.sriov.node.audit.Auditor;
import io.sriov.node.audit.ClusterVoice;
import io.sriov.node.audit.Inquiry;
import io.sriov.node.audit.Mender;
import io.sriov.node.audit.StateFileReader;
import io.sriov.node.boot.PodModules;
import io.sriov.node.drain.HandShake;
import io.sriov.node.drain.HostReboot;
import io.sriov.node.drain.NodeDrain;
import io.sriov.node.drain.RebootLog;
import io.sriov.node.host.HostPaths;
import io.sriov.node.host.KernelEvents;
import io.sriov.node.host.KernelFeed;
import io.sriov.node.host.LinuxHost;
import io.sriov.node.reconcile.ClusterView;
import io.sriov.node.reconcile.DaemonMetrics;
import io.sriov.node.reconcile.HeldVfs;
import io.sriov.node.reconcile.KubeletPods;
import io.sriov.node.reconcile.Pass;
import io.sriov.node.reconcile.Reconciler;
import io.sriov.node.reconcile.StatusPublisher;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of {@code start}. */
final class Daemon {

  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  private Daemon() {}

  static void start(DaemonSettings settings, Lifecycle lifecycle) throws IOException {
    // A thread that died would be missed by nobody: start anew instead, which is always safe.
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, defect) -> lifecycle.fail("thread " + thread.getName(), defect));
    var paths = new HostPaths(settings.hostRoot(), settings.sysfs(), settings.checkpointFolder());
    var loop = new LoopSignals();
    var kernel = new KernelEvents();
    var cluster =
        lifecycle.closeAtEnd(new ClusterView(settings.nodeName(), settings.devMode(), loop));
    var registry = new PrometheusRegistry();
    var metrics = new DaemonMetrics(registry);
    var cniNews = new CniNews(metrics, cluster::nodeState, Clock.systemUTC());
    var cni = lifecycle.closeAtEnd(CniPart.start(settings, cniNews, cluster::leaves));
    var boot = new BootPart(settings, cluster::supportedNics);
    var host =
        lifecycle.closeAtEnd(
            new LinuxHost(
                paths, cluster::supportedNics, settings.devMode(), kernel, boot.facts()::read));
    lifecycle.closeAtEnd(
        KernelFeed.start(
            kernel, loop::kernelChanged, broken -> lifecycle.fail("kernel events", broken)));

    var client =
        lifecycle.closeAtEnd(ClusterClient.open(settings.kubeconfig(), Names.CONFIG_DAEMON));
    var events =
        lifecycle.closeAtEnd(
            new Events(client, Clock.systemUTC(), Names.CONFIG_DAEMON, settings.nodeName()));
    cniNews.to(events::warning);
    var publisher = lifecycle.closeAtEnd(new StatusPublisher(client, events, Clock.systemUTC()));
    var grpc = lifecycle.closeAtEnd(new UnixGrpc());
    var pods =
        new KubeletPods(
            lifecycle.closeAtEnd(
                new PodResources(
                    grpc, new KubeletSockets(settings.kubeletFolder()).podResources())));
    var executor = lifecycle.closeAtEnd(new StepExecutor(host));
    var drain =
        new NodeDrain(
            new HandShake(client, settings.nodeName()),
            new RebootLog(settings.hostRoot(), Clock.systemUTC()),
            new HostReboot(settings.hostRoot()),
            events,
            Clock.systemUTC());
    var pass =
        new Pass(
            host,
            executor,
            boot.node(),
            new HeldVfs(pods, cni::attachments),
            drain,
            settings.refused(),
            metrics);
    var reconciler =
        lifecycle.closeAtEnd(
            new Reconciler(
                pass,
                cluster,
                publisher,
                settings.pluginConfig(),
                settings.externalDrainer(),
                metrics));
    var inquiry = new Inquiry(host, pods::all, new StateFileReader(settings.hostRoot(), host::has));
    var auditor =
        lifecycle.closeAtEnd(
            new Auditor(
                inquiry,
                new Mender(host, inquiry, cni::restore, settings.hostRoot()),
                cluster,
                reconciler::readSince,
                new ClusterVoice(publisher, events),
                new AuditMetrics(registry),
                Clock.systemUTC()));
    loop.to(reconciler, auditor);
    cluster.start(client, settings.namespace());
    lifecycle.closeAtEnd(
        HttpEndpoints.start(settings.health(), reconciler::notReady, settings.metrics(), registry));
    boot.begin();
    prepare(host);
    reconciler.start();
    auditor.start();
    rehearse(pods);
    log.info("config daemon of node {} started", settings.nodeName());
  }

  /**
   * The first question to the kubelet is slow, because the JVM loads all of gRPC for it: seconds on
   * a slow machine, which the first policy would wait for.
   */
  private static void rehearse(KubeletPods pods) {
    Thread unused =
        Thread.ofPlatform()
            .daemon()
            .name("rehearsal")
            .start(() -> log.debug("the kubelet says {}", pods.all(Duration.ofSeconds(30))));
  }

  /** What may fail without keeping the node from being configured. */
  private static void prepare(LinuxHost host) {
    try {
      host.installUdevScripts();
    } catch (IOException e) {
      log.error(
          "NetworkManager may take VFs, its udev helper cannot be written: {}", e.getMessage());
    }
    Thread unused = Thread.ofPlatform().daemon().name("modules").start(() -> PodModules.load(host));
  }

  /** The loop is made after those who wake it. */
  private static final class LoopSignals implements ClusterView.Listener {

    private final AtomicReference<@Nullable Reconciler> reconciler = new AtomicReference<>();
    private final AtomicReference<@Nullable Auditor> auditor = new AtomicReference<>();

    void to(Reconciler target, Auditor looking) {
      auditor.set(looking);
      reconciler.set(target);
    }

    @Override
    public void desiredChanged() {
      tell(Reconciler::desiredChanged);
    }

    @Override
    public void pluginConfigChanged() {
      tell(Reconciler::pluginConfigChanged);
    }

    void kernelChanged() {
      tell(Reconciler::kernelChanged);
      Auditor looking = auditor.get();
      if (looking != null) {
        looking.kernelChanged();
      }
    }

    private void tell(Consumer<Reconciler> what) {
      Reconciler target = reconciler.get();
      if (target != null) {
        what.accept(target);
      }
    }
  }
}
