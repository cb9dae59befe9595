package io.sriov.deviceplugin.serve;

import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.deviceplugin.pool.Pools;
import io.sriov.kubelet.KubeletException;
import io.sriov.kubelet.KubeletSockets;
import io.sriov.kubelet.PluginRegistration;
import io.sriov.kubelet.UnixGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(Advertisement.class);

  private final KubeletSockets sockets;
  private final boolean watched;
  private final UnixGrpc grpc;
  private final PluginRegistration registration;
  private final Allocator allocator;
  private final Consumer<String> refused;
  private final Map<String, PoolServer> servers = new LinkedHashMap<>();
  private final Map<String, Refusal> refusals = new HashMap<>();
  private boolean everRegistered;
  private Optional<Long> failingSince = Optional.empty();

  /** {@code againAt} in the time of System.nanoTime; absent once it was offered again. */
  private record Refusal(int count, Optional<Long> againAt) {}

  /**
   * Finds out how the kubelet wants to learn of plugins (spec 05 §1.3 step 1).
   *
   * @param refused gets the resource the kubelet refused; called on other threads
   */
  public Advertisement(
      KubeletSockets sockets, UnixGrpc grpc, Allocator allocator, Consumer<String> refused) {
    this.sockets = sockets;
    this.watched = Files.exists(sockets.pluginsRegistry());
    this.grpc = grpc;
    this.registration = new PluginRegistration(grpc, sockets.registration());
    this.allocator = allocator;
    this.refused = refused;
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
    var wanted =
        pools.pools().stream().map(pool -> pool.config().resource()).collect(Collectors.toSet());
    withdraw(
        servers.values().stream().filter(server -> !wanted.contains(server.resource())).toList(),
        held);
    var before = resourceById();
    for (var pool : pools.pools()) {
      var server = servers.get(pool.config().resource());
      if (server != null) {
        server.update(withoutArrivals(pool, before));
      }
    }
    for (var pool : pools.pools()) {
      var resource = pool.config().resource();
      var server = servers.get(resource);
      if (server != null) {
        server.update(pool);
      } else if (!pool.devices().isEmpty()) {
        var added = server(pool);
        allocator.forget(pool, pool.devices().stream().filter(held.negate()).toList());
        added.open();
        servers.put(resource, added);
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
    int count = Optional.ofNullable(refusals.get(resource)).map(Refusal::count).orElse(0) + 1;
    var wait = Duration.ofSeconds(Math.min(LONGEST_BACKOFF.toSeconds(), 1L << Math.min(count, 6)));
    refusals.put(resource, new Refusal(count, Optional.of(System.nanoTime() + wait.toNanos())));
  }

  /** Stops every server. The kubelet keeps the capacity for a plugin that comes back. */
  public void close(Predicate<PoolDevice> held) {
    var all = List.copyOf(servers.values());
    all.forEach(server -> server.shutdown(false));
    all.forEach(server -> server.finish(held, server.pool()));
    servers.clear();
  }

  private Map<String, String> resourceById() {
    var resources = new HashMap<String, String>();
    servers.forEach((resource, server) ->
        server.pool().devices().forEach(device -> resources.put(device.id(), resource)));
    return resources;
  }

  /** A device that moves is taken from its old pool before the new one shows it. */
  private static Pool withoutArrivals(Pool pool, Map<String, String> before) {
    var resource = pool.config().resource();
    return new Pool(
        pool.config(),
        pool.devices().stream()
            .filter(device -> before.getOrDefault(device.id(), resource).equals(resource))
            .toList());
  }

  private void withdraw(List<PoolServer> gone, Predicate<PoolDevice> held) {
    for (var server : gone) {
      var last = server.pool();
      server.shutdown(true);
      server.finish(held, last);
      servers.remove(server.resource());
      refusals.remove(server.resource());
      log.atInfo().addKeyValue("resource", server.resource()).log("No longer served");
    }
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
                      refused.accept(resource);
                    }))
            : Optional.empty());
  }

  private static String socketName(PoolConfig pool) {
    return pool.prefix() + "_" + pool.name() + ".sock";
  }

  private Optional<Duration> settleWatched() throws IOException {
    long now = System.nanoTime();
    var waits = new ArrayList<Long>();
    for (var server : servers.values()) {
      var refusal = Optional.ofNullable(refusals.get(server.resource()));
      var wait = refusal.flatMap(Refusal::againAt).map(at -> at - now);
      if (wait.isPresent() && wait.get() > 0) {
        waits.add(wait.get());
      } else if (wait.isPresent() || !server.socketIsOurs()) {
        refusal.ifPresent(
            was -> refusals.put(server.resource(), new Refusal(was.count(), Optional.empty())));
        server.open();
      }
    }
    return waits.stream().min(Long::compare).map(Duration::ofNanos);
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
    for (var server : servers.values()) {
      if (!server.socketIsOurs()) {
        log.atInfo().addKeyValue("resource", server.resource()).log("Listening again");
        server.open();
      }
      if (!server.isRegisteredAt(kubelet.get())) {
        try {
          registration.register(
              server.resource(), String.valueOf(server.socket().getFileName()), ANSWER);
          server.registered(kubelet.get());
          everRegistered = true;
          log.atInfo()
              .addKeyValue("resource", server.resource())
              .addKeyValue("devices", server.pool().devices().size())
              .log("Registered");
        } catch (KubeletException e) {
          if (!e.retryable()) {
            throw new RegistrationFailed("the kubelet refuses: " + e.getMessage(), e);
          }
          return again(String.valueOf(e.getMessage()), Optional.of(e));
        }
      }
    }
    failingSince = Optional.empty();
    return Optional.empty();
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
