package io.sriov.deviceplugin.serve;

import io.grpc.stub.StreamObserver;
import io.sriov.deviceplugin.config.ConfigDecoder;
import io.sriov.deviceplugin.config.ConfigException;
import io.sriov.deviceplugin.pool.Facts;
import io.sriov.deviceplugin.pool.Held;
import io.sriov.deviceplugin.pool.Pools;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.kubelet.v1beta1.DevicePluginGrpc;
import io.sriov.kubelet.v1beta1.Empty;
import io.sriov.kubelet.v1beta1.ListAndWatchResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes once through all that serving a pool takes, on a socket nobody else sees. The process waits
 * for its configuration anyway; what the JVM loads now it need not load when pods wait for devices.
 */
public final class Rehearsal {

  private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);
  private static final String POOL =
      "{\"resourceList\":[{\"resourceName\":\"rehearsal\",\"selectors\":{\"pfNames\":[\"none#0-1\"]}}]}";

  private Rehearsal() {}

  /**
   * Never fails: a process that could not rehearse serves all the same, only later.
   *
   * @return whether it went through
   */
  public static boolean run(UnixGrpc grpc, Allocator allocator, Facts facts) {
    try {
      var folder = Files.createTempDirectory("rehearsal");
      var pools =
          Pools.of(new ConfigDecoder("rehearsal").decode(POOL).pools(), facts, Held.NONE).pools();
      var socket = folder.resolve("pool.sock");
      var server =
          new PoolServer(pools.getFirst(), socket, grpc, allocator, Optional.empty(), () -> {});
      try {
        server.open();
        call(grpc, server);
      } finally {
        server.shutdown(false);
        server.finish(_ -> true, pools.getFirst());
        Files.deleteIfExists(socket);
        Files.deleteIfExists(folder);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IOException
        | ConfigException
        | ExecutionException
        | TimeoutException
        | RuntimeException e) {
      log.debug("Not rehearsed: {}", e.toString());
      return false;
    }
  }

  private static void call(UnixGrpc grpc, PoolServer server)
      throws InterruptedException, ExecutionException, TimeoutException {
    var channel = grpc.connect(server.socket());
    var first = new CompletableFuture<ListAndWatchResponse>();
    try {
      // Not by a blocking stub, which may wait for ever, as in the questions to the kubelet.
      DevicePluginGrpc.newStub(channel)
          .listAndWatch(
              Empty.getDefaultInstance(),
              new StreamObserver<>() {
                @Override
                public void onNext(ListAndWatchResponse devices) {
                  first.complete(devices);
                }

                @Override
                public void onError(Throwable broken) {
                  first.completeExceptionally(broken);
                }

                @Override
                public void onCompleted() {
                  first.cancel(false);
                }
              });
      var unused = first.get(5, TimeUnit.SECONDS);
    } finally {
      channel.shutdownNow();
    }
  }
}
