package io.sriov.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** TCP ports of 127.0.0.1 that were free a moment ago. */
record LoopbackPorts(List<Integer> numbers) {

  static LoopbackPorts reserve(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      // All are held until the last is known: so they differ.
      List<Integer> numbers = sockets.stream().map(ServerSocket::getLocalPort).toList();
      for (ServerSocket socket : sockets) {
        socket.close();
      }
      return new LoopbackPorts(numbers);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int get(int index) {
    return numbers.get(index);
  }
}
