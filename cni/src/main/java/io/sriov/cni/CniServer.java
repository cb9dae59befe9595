package io.sriov.cni;

import io.sriov.cni.plugin.Misspelling;
import io.sriov.cni.plugin.Plugin;
import io.sriov.linux.LinuxException;
import io.sriov.linux.unix.UnixConnection;
import io.sriov.linux.unix.UnixServer;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the forwarder: one connection a call, calls beside each other on platform threads, since
 * they block in the kernel. A thread that waits for a connection carries out its call itself and
 * then ends, for it may be left in the pod's network namespace; others take its place meanwhile. A
 * forwarder whose connection is lost repeats its call with the same id; that this does nothing
 * twice is the plugin's matter, by its state files.
 */
public final class CniServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CniServer.class);

  /** Calls at once; further ones wait in the socket's queue. */
  private static final int MOST_CALLS = 256;

  /** Threads that wait for a call, so that none has to be started while one is there. */
  private static final int SPARE = 2;

  private static final Duration ERROR_PAUSE = Duration.ofMillis(100);

  private final CniSettings settings;
  private final Plugins plugins;
  private final Calls calls;
  private final UnixServer server;
  private final Thread sweep;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int waiting;
  private int busy;
  private volatile boolean stopping;

  /** Hears of calls, e.g. to count them; on the thread of the call, which waits for it. */
  @FunctionalInterface
  public interface CallListener {

    /**
     * A call ended.
     *
     * @param command CNI_COMMAND as given
     * @param code CNI error code, −1 for success
     */
    void ended(String command, int code, Duration took);

    /**
     * The configuration of a network has a key without effect; the ADD goes on.
     *
     * @param network its {@code name}
     * @param pod for people: namespace and name where the runtime tells them
     */
    default void misspelt(String network, String pod, Misspelling key) {}
  }

  private CniServer(CniSettings settings, CallListener listener, UnixServer server) {
    this.settings = settings;
    this.server = server;
    this.plugins = Plugins.on(settings);
    this.calls = new Calls(settings, plugins, listener);
    this.sweep =
        Thread.ofPlatform()
            .name("cni-sweep")
            .daemon()
            .unstarted(() -> plugins.byName().values().forEach(Plugin::sweep));
  }

  /**
   * Starts to serve.
   *
   * @throws IOException EADDRINUSE if another server answers on the socket
   */
  public static CniServer start(CniSettings settings, CallListener listener) throws IOException {
    UnixServer server = UnixServer.listen(settings.socket());
    CniServer started = new CniServer(settings, listener, server);
    try {
      for (Plugin plugin : started.plugins.byName().values()) {
        plugin.removeLeftovers();
      }
    } catch (IOException e) {
      server.close();
      throw e;
    }
    started.sweep.start();
    Thread unused =
        Thread.ofPlatform().name("cni-threads").daemon().start(started::keepThreadsWaiting);
    LOG.info("serving CNI calls on {}", settings.socket());
    return started;
  }

  /**
   * Sees to it that enough threads wait, until the end. A thread starts where the one that starts
   * it is, so that must never enter a pod.
   */
  private void keepThreadsWaiting() {
    lock.lock();
    try {
      while (!stopping) {
        while (waiting < SPARE && waiting + busy < MOST_CALLS + SPARE) {
          waiting++;
          Thread unused = Thread.ofPlatform().name("cni-call").daemon().start(this::acceptOne);
        }
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void acceptOne() {
    Optional<UnixConnection> connection = Optional.empty();
    try {
      connection = server.accept();
    } catch (LinuxException e) {
      LOG.error("cannot accept a CNI call", e);
      // Too many open files, for instance: at once it would only fail again.
      LockSupport.parkNanos(ERROR_PAUSE.toNanos());
    }
    count(-1, connection.isPresent() ? 1 : 0);
    if (connection.isPresent()) {
      try {
        calls.serve(connection.get());
      } finally {
        count(0, -1);
      }
    }
  }

  private void count(int moreWaiting, int moreBusy) {
    lock.lock();
    try {
      waiting += moreWaiting;
      busy += moreBusy;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * VFs that containers got by ADD and did not give back by DEL, also of containers that are gone.
   *
   * @return PCI address of the VF to id of the container
   */
  public Map<String, String> attachments() throws IOException {
    Map<String, String> attachments = new HashMap<>();
    for (Plugin plugin : plugins.byName().values()) {
      attachments.putAll(plugin.attachments());
    }
    return Map.copyOf(attachments);
  }

  /**
   * Restores a VF whose pod is gone without a DEL, as at the start of a server. Nothing happens
   * unless its netdev is on the host, and down as the kernel leaves it, and no call works on it.
   */
  public void restore(String vf) {
    plugins.byName().values().forEach(plugin -> plugin.restore(vf));
  }

  /**
   * Stops taking calls and lets those in flight finish. Forwarders that come meanwhile wait for the
   * next server.
   */
  @Override
  public void close() {
    stopping = true;
    server.close();
    lock.lock();
    try {
      changed.signalAll();
      long left = settings.stopTimeout().toNanos();
      while ((waiting > 0 || busy > 0) && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (busy > 0) {
        LOG.warn("{} CNI calls are cut off after {}", busy, settings.stopTimeout());
      }
      if (!sweep.join(Duration.ofNanos(Math.max(left, 1)))) {
        LOG.warn("VFs of pods that went are left to the next start");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    settings.netns().close();
  }
}
