package io.sriov.kubelet;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * gRPC in clear text over unix stream sockets, on the JDK's NIO alone: no native transport. One
 * event loop thread serves every socket of the process; calls run on virtual threads.
 */
public final class UnixGrpc implements AutoCloseable {

  /** What the kubelet itself accepts and sends at most on its pod-resources socket, in bytes. */
  private static final int MAX_MESSAGE = 16 << 20;

  /** {@code sun_path} of {@code struct sockaddr_un} (linux/un.h) less its terminating zero. */
  private static final int MAX_PATH = 107;

  private final IoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("kubelet-io", true), NioIoHandler.newFactory());
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

  /** A channel to {@code socket}; connects at its first call. The caller shuts it down. */
  public ManagedChannel connect(Path socket) {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
        .eventLoopGroup(loop)
        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
        // There is no such option on a unix socket; the transport would warn at each connection.
        .withOption(ChannelOption.SO_KEEPALIVE, null)
        // By default the socket's path becomes :authority, which strict HTTP/2 servers refuse.
        .overrideAuthority("localhost")
        .usePlaintext()
        .executor(calls)
        .maxInboundMessageSize(MAX_MESSAGE)
        // Who calls knows whether a kubelet that went away is worth another try.
        .disableRetry()
        .build();
  }

  /**
   * Listens on {@code socket} (mode 0600), replacing a file left there by an earlier process. The
   * caller shuts the server down; then the transport deletes whatever is at that path, but before a
   * server started later by this object on the same path listens.
   *
   * @throws IOException when the path is too long for a unix socket (107 bytes) or cannot be bound
   */
  public Server serve(Path socket, List<? extends BindableService> services) throws IOException {
    int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_PATH) {
      throw new IOException(
          "cannot listen on %s: %d bytes, a unix socket path has at most %d"
              .formatted(socket, length, MAX_PATH));
    }
    Files.deleteIfExists(socket);
    var builder =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .channelType(NioServerDomainSocketChannel.class)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .executor(calls)
            .maxInboundMessageSize(MAX_MESSAGE);
    services.forEach(builder::addService);
    var server = builder.build().start();
    try {
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      server.shutdownNow();
      throw e;
    }
    return server;
  }

  @Override
  public void close() {
    // Connections end first: their ends are still told to calls.
    boolean unused =
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    calls.shutdownNow();
  }
}
