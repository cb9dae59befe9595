package io.sriov.node.reconcile;

import io.sriov.lab.ApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connection of one client to the API server, to be cut and mended. */
final class Cable implements AutoCloseable {

  private final URI server;
  private final Path kubeconfig;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private ServerSocket listening;

  Cable(ApiServer api, Path folder) throws IOException {
    server = api.url();
    listening = listen(0);
    port = listening.getLocalPort();
    kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        Files.readString(api.kubeconfig()).replace(server.toString(), "https://127.0.0.1:" + port));
  }

  Path kubeconfig() {
    return kubeconfig;
  }

  /** Whoever is connected loses his connection, and nobody gets a new one. */
  synchronized void cut() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized void mend() throws IOException {
    listening = listen(port);
  }

  private ServerSocket listen(int at) throws IOException {
    var socket = new ServerSocket(at, 50, InetAddress.getLoopbackAddress());
    Thread unused =
        Thread.ofVirtual()
            .start(() -> {
              try {
                while (true) {
                  connect(socket.accept());
                }
              } catch (IOException cut) {
                // That is what it is for.
              }
            });
    return socket;
  }

  private void connect(Socket client) {
    try {
      var api = new Socket(server.getHost(), server.getPort());
      open.add(client);
      open.add(api);
      carry(client, api);
      carry(api, client);
    } catch (IOException e) {
      close(client);
    }
  }

  private void carry(Socket from, Socket to) {
    Thread unused =
        Thread.ofVirtual()
            .start(() -> {
              try {
                long carried = from.getInputStream().transferTo(to.getOutputStream());
                assert carried >= 0;
              } catch (IOException e) {
                // Either end may go at any time.
              }
              close(from);
              close(to);
            });
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    cut();
  }
}
