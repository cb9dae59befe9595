package io.sriov.deviceplugin.serve;

import io.grpc.BindableService;
import io.grpc.Server;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.kubelet.UnixGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pool on its own socket. Used by one thread, except for the calls it serves. */
final class PoolServer {

  private static final Logger log = LoggerFactory.getLogger(PoolServer.class);

  private final String resource;
  private final Path socket;
  private final UnixGrpc grpc;
  private final Allocator allocator;
  private final PluginService plugin;
  private final Optional<WatchedRegistration> watched;
  private Optional<Server> server = Optional.empty();
  private Optional<SocketFile> opened = Optional.empty();

  /** The kubelet's socket at which this pool is registered; absent before and after a restart. */
  private Optional<SocketFile> registeredAt = Optional.empty();

  /**
   * @param watched present when the kubelet finds the socket by itself
   * @param streamEnded the kubelet no longer follows the devices; called on other threads
   */
  PoolServer(
      Pool pool,
      Path socket,
      UnixGrpc grpc,
      Allocator allocator,
      Optional<WatchedRegistration> watched,
      Runnable streamEnded) {
    this.resource = pool.config().resource();
    this.socket = socket;
    this.grpc = grpc;
    this.allocator = allocator;
    this.plugin = new PluginService(pool, allocator, streamEnded);
    this.watched = watched;
  }

  String resource() {
    return resource;
  }

  Path socket() {
    return socket;
  }

  Pool pool() {
    return plugin.pool();
  }

  /** Listens anew, whatever was before. */
  void open() throws IOException {
    server.ifPresent(Server::shutdownNow);
    var services = new ArrayList<BindableService>();
    services.add(plugin);
    watched.ifPresent(services::add);
    server = Optional.of(grpc.serve(socket, services));
    opened = SocketFile.at(socket);
    registeredAt = Optional.empty();
  }

  /** Whether the socket file is the one we listen on; the kubelet deletes it when it starts. */
  boolean socketIsOurs() {
    return opened.isPresent() && opened.equals(SocketFile.at(socket));
  }

  boolean isRegisteredAt(SocketFile kubelet) {
    return registeredAt.equals(Optional.of(kubelet));
  }

  void registered(SocketFile kubelet) {
    registeredAt = Optional.of(kubelet);
  }

  /** Whether the kubelet follows the devices. */
  boolean isFollowed() {
    return plugin.isFollowed();
  }

  /** From now on allocations are answered from {@code pool}; its devices are not sent yet. */
  void decide(Pool pool) {
    plugin.decide(pool);
  }

  /** Sends the devices decided last to the kubelet if they changed. */
  void announce() {
    plugin.announce();
  }

  /**
   * First half of stopping: no new calls, streams end.
   *
   * @param withdraw whether the kubelet is told that there are no devices, instead of keeping the
   *     capacity for a plugin that comes back
   */
  void shutdown(boolean withdraw) {
    if (withdraw) {
      plugin.decide(new Pool(plugin.pool().config(), List.of()));
      plugin.announce();
    }
    plugin.endStreams();
    server.ifPresent(Server::shutdown);
  }

  /** Second half: waits for running calls, removes files. */
  void finish(Predicate<PoolDevice> keepInfo, Pool last) {
    try {
      if (server.isPresent() && !server.get().awaitTermination(500, TimeUnit.MILLISECONDS)) {
        server.get().shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      if (socketIsOurs()) {
        Files.deleteIfExists(socket);
      }
      allocator.forget(last, last.devices().stream().filter(keepInfo.negate()).toList());
      allocator.noLongerServed(last);
    } catch (IOException e) {
      log.warn("{}: files of the pool are left: {}", resource, e.getMessage());
    }
  }
}
