package io.sriov.deviceplugin.serve;

import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.deviceplugin.pool.Pools;
import io.sriov.deviceplugin.pool.UpdateOrder;
import io.sriov.kubelet.KubeletException;
import io.sriov.kubelet.KubeletSockets;
import io.sriov.kubelet.PluginRegistration;
import io.sriov.kubelet.UnixGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pools as the kubelet sees them: one server a pool that has or had devices, registered, and
 * registered again whenever the kubelet has forgotten it. Used by one thread.
 */
public final class Advertisement {

  /** How long a kubelet that is starting may fail to answer before we give up. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofMillis(100);
  private static final Duration AFTER_REFUSAL = Duration.ofSeconds(2);

  /** The kubelet must have dropped its end: else it drops the new one with it. */
  private static final Duration AFTER_STREAM = Duration.ofMillis(200);

  private static final Logger log = LoggerFactory.getLogger(Advertisement.class);

  private final KubeletSockets sockets;
  private final boolean watched;
  private final UnixGrpc grpc;
  private final PluginRegistration registration;
  private final Allocator allocator;
  private final Listener listener;
  private final Map<String, PoolServer> servers = new LinkedHashMap<>();
  private final Retries retries = new Retries();
  private boolean everRegistered;
  private Optional<Long> failingSince = Optional.empty();

  /** Hears what happens to pools; called on other threads. */
  public interface Listener {

    /** The kubelet refused a pool that it found by itself. */
    void refused(String resource);

    /** The kubelet no longer follows the devices of a pool. */
    void streamEnded(String resource);
  }

  /** Finds out how the kubelet wants to learn of plugins (spec 05 §1.3 step 1). */
  public Advertisement(
      KubeletSockets sockets, UnixGrpc grpc, Allocator allocator, Listener listener) {
    this.sockets = sockets;
    this.watched = Files.exists(sockets.pluginsRegistry());
    this.grpc = grpc;
    this.registration = new PluginRegistration(grpc, sockets.registration());
    this.allocator = allocator;
    this.listener = listener;
  }

  /** The folder of our sockets: whatever changes there calls for {@link #settle()}. */
  public Path folder() {
    return watched ? sockets.pluginsRegistry() : sockets.devicePlugins();
  }

  /**
   * Serves exactly {@code pools}. A pool that is served already keeps its socket and registration;
   * a pool without devices gets none until it has some.
   *
   * @param held devices that pods hold, whose device-info files are left alone
   */
  public void apply(Pools pools, Predicate<PoolDevice> held) throws IOException {
    var wanted = new LinkedHashMap<String, Pool>();
    pools.pools().forEach(pool -> wanted.put(pool.config().resource(), pool));
    var order = UpdateOrder.of(ids(served()), ids(wanted));
    var last = served();
    // From now on allocations go by what is decided, whatever the kubelet knows yet.
    servers.forEach(
        (resource, server) -> server.decide(wanted.getOrDefault(resource, none(server))));
    for (var resource : order) {
      var server = servers.get(resource);
      var pool = wanted.get(resource);
      if (server == null) {
        if (pool != null && !pool.devices().isEmpty()) {
          open(pool, held);
        }
      } else if (pool == null) {
        server.shutdown(true);
      } else {
        server.announce();
      }
    }
    for (var server : List.copyOf(servers.values())) {
      if (!wanted.containsKey(server.resource())) {
        withdrawn(server, held, last.getOrDefault(server.resource(), server.pool()));
      }
    }
  }

  /**
   * Registers what is not registered, listens again where the kubelet has deleted our socket.
   *
   * @return when to call again without any event; absent when all is well or only a kubelet that
   *     comes back can help
   */
  public Optional<Duration> settle() throws IOException, RegistrationFailed {
    return watched ? settleWatched() : settleRegistered();
  }

  /** Whether the kubelet can know every served pool. */
  public boolean settled() {
    var kubelet = SocketFile.at(sockets.registration());
    return servers.values().stream()
        .allMatch(server ->
            server.socketIsOurs()
                && !retries.isPlanned(server.resource())
                && (watched || kubelet.filter(server::isRegisteredAt).isPresent()));
  }

  /** What is served now, by resource. */
  public Map<String, Pool> served() {
    var pools = new LinkedHashMap<String, Pool>();
    servers.forEach((resource, server) -> pools.put(resource, server.pool()));
    return pools;
  }

  /** The kubelet said no to a pool it found: offer it again later, ever more rarely. */
  public void offerAgainLater(String resource) {
    retries.plan(resource, AFTER_REFUSAL, System.nanoTime());
  }

  /** The kubelet no longer follows a pool: offer it again unless it does so by then. */
  public void streamEnded(String resource) {
    if (servers.containsKey(resource)) {
      retries.plan(resource, AFTER_STREAM, System.nanoTime());
    }
  }

  /** Stops every server. The kubelet keeps the capacity for a plugin that comes back. */
  public void close(Predicate<PoolDevice> held) {
    var all = List.copyOf(servers.values());
    all.forEach(server -> server.shutdown(false));
    all.forEach(server -> server.finish(held, server.pool()));
    servers.clear();
  }

  private static Map<String, Set<String>> ids(Map<String, Pool> pools) {
    var ids = new LinkedHashMap<String, Set<String>>();
    pools.forEach((resource, pool) ->
        ids.put(resource, pool.devices().stream().map(PoolDevice::id).collect(Collectors.toSet())));
    return ids;
  }

  private static Pool none(PoolServer server) {
    return new Pool(server.pool().config(), List.of());
  }

  private void open(Pool pool, Predicate<PoolDevice> held) throws IOException {
    var added = server(pool);
    allocator.forget(pool, pool.devices().stream().filter(held.negate()).toList());
    added.open();
    servers.put(pool.config().resource(), added);
  }

  private void withdrawn(PoolServer server, Predicate<PoolDevice> held, Pool last) {
    server.finish(held, last);
    servers.remove(server.resource());
    retries.forget(server.resource());
    log.atInfo().addKeyValue("resource", server.resource()).log("No longer served");
  }

  private PoolServer server(Pool pool) {
    var resource = pool.config().resource();
    var socket = folder().resolve(socketName(pool.config()));
    return new PoolServer(
        pool,
        socket,
        grpc,
        allocator,
        watched
            ? Optional.of(
                new WatchedRegistration(
                    resource,
                    socket,
                    reason -> {
                      log.atError()
                          .addKeyValue("resource", resource)
                          .log("The kubelet refused the pool: {}; offering it again", reason);
                      listener.refused(resource);
                    }))
            : Optional.empty(),
        () -> listener.streamEnded(resource));
  }

  private static String socketName(PoolConfig pool) {
    return pool.prefix() + "_" + pool.name() + ".sock";
  }

  /** Whether a planned offer is to be made now; one that is no longer needed is dropped. */
  private boolean due(PoolServer server, long now) {
    var wait = retries.nanosUntil(server.resource(), now);
    if (wait.isEmpty() || wait.get() > 0) {
      return false;
    }
    retries.done(server.resource());
    return !server.isFollowed();
  }

  private Optional<Duration> untilNextOffer() {
    long now = System.nanoTime();
    return servers.keySet().stream()
        .flatMap(resource -> retries.nanosUntil(resource, now).stream())
        .min(Long::compare)
        .map(nanos -> Duration.ofNanos(Math.max(0, nanos)));
  }

  private Optional<Duration> settleWatched() throws IOException {
    long now = System.nanoTime();
    for (var server : servers.values()) {
      if (due(server, now) || (!retries.isPlanned(server.resource()) && !server.socketIsOurs())) {
        server.open();
      }
    }
    return untilNextOffer();
  }

  private Optional<Duration> settleRegistered() throws IOException, RegistrationFailed {
    var kubelet = SocketFile.at(sockets.registration());
    if (kubelet.isEmpty()) {
      // A kubelet that is away for long comes back by an event; one that never was there will not.
      if (servers.isEmpty() || everRegistered) {
        // The patience is for its start, not for the time it was away.
        failingSince = Optional.empty();
        return Optional.empty();
      }
      return again("there is no " + sockets.registration(), Optional.empty());
    }
    long now = System.nanoTime();
    for (var server : servers.values()) {
      if (!server.socketIsOurs()) {
        log.atInfo().addKeyValue("resource", server.resource()).log("Listening again");
        server.open();
      }
      boolean known = server.isRegisteredAt(kubelet.get());
      if (known && !due(server, now)) {
        continue;
      }
      try {
        register(server, kubelet.get());
      } catch (KubeletException e) {
        if (!e.retryable()) {
          throw new RegistrationFailed("the kubelet refuses: " + e.getMessage(), e);
        }
        if (!known) {
          return again(String.valueOf(e.getMessage()), Optional.of(e));
        }
        // It took the pool once and went away: a start of it is told by a new socket.
        retries.plan(server.resource(), AFTER_STREAM, now);
      }
    }
    failingSince = Optional.empty();
    return untilNextOffer();
  }

  private void register(PoolServer server, SocketFile kubelet) throws KubeletException {
    registration.register(server.resource(), String.valueOf(server.socket().getFileName()), ANSWER);
    server.registered(kubelet);
    everRegistered = true;
    log.atInfo()
        .addKeyValue("resource", server.resource())
        .addKeyValue("devices", server.pool().devices().size())
        .log("Registered");
  }

  private Optional<Duration> again(String reason, Optional<KubeletException> cause)
      throws RegistrationFailed {
    long now = System.nanoTime();
    long since = failingSince.orElse(now);
    failingSince = Optional.of(since);
    if (now - since > PATIENCE.toNanos()) {
      throw new RegistrationFailed(
          "not registered within %d s: %s".formatted(PATIENCE.toSeconds(), reason),
          cause.orElse(null));
    }
    return Optional.of(RETRY);
  }
}
