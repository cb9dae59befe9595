package io.sriov.linux.unix;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.ffm.NativeSocket;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * A stream between two processes of this machine that also carries descriptors. One thread reads
 * and one writes, on platform threads; close it when neither does.
 */
public final class UnixConnection implements AutoCloseable {

  private static final int SO_PEERCRED = 17;
  private static final int CHUNK = 64 * 1024;

  private final NativeSocket socket;
  private final Queue<Fd> descriptors = new ArrayDeque<>();

  UnixConnection(NativeSocket socket) {
    this.socket = socket;
  }

  /** Who connected, as the kernel saw it then ({@code SO_PEERCRED}). */
  public record Peer(int pid, int uid, int gid) {}

  /** Connects to the server at {@code path}; ECONNREFUSED or ENOENT if nobody serves there. */
  public static UnixConnection connect(Path path) throws LinuxException {
    NativeSocket socket =
        NativeSocket.open(NativeSocket.AF_UNIX, NativeSocket.SOCK_STREAM, 0, "unix socket " + path);
    try {
      socket.connect(UnixAddress.of(path));
      return new UnixConnection(socket);
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  /** Process, user and group of the peer; pid 0 if it lives in a foreign pid namespace. */
  public Peer peer() throws LinuxException {
    ByteBuffer ucred = socket.option(NativeSocket.SOL_SOCKET, SO_PEERCRED, 12, "peer");
    return new Peer(ucred.getInt(), ucred.getInt(), ucred.getInt());
  }

  /** Whether bytes, an error or the end of the stream can be read at once. */
  public boolean isReadable() throws LinuxException {
    return socket.awaitReadable(Duration.ZERO, null) == NativeSocket.Wait.READY;
  }

  /**
   * What has arrived, at most {@code capacity} bytes; waits for something. Descriptors that came
   * along are kept for {@link #takeDescriptor}.
   *
   * @return empty at the end of the stream
   * @throws LinuxException ETIMEDOUT if nothing comes in time
   */
  public Optional<byte[]> read(int capacity, Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<NativeSocket.Part> part = socket.receivePart(capacity);
      if (part.isPresent()) {
        descriptors.addAll(part.get().descriptors());
        return part.get().bytes().length == 0 ? Optional.empty() : Optional.of(part.get().bytes());
      }
      requireReady(socket.awaitReadable(left(deadline), null), "receive on " + socket);
    }
  }

  /**
   * Exactly {@code length} bytes.
   *
   * @throws LinuxException ECONNRESET if the stream ends before, ETIMEDOUT if they do not come in
   *     time
   */
  public byte[] readExactly(int length, Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.min(length, CHUNK));
    while (bytes.size() < length) {
      Optional<byte[]> part = read(Math.min(CHUNK, length - bytes.size()), left(deadline));
      if (part.isEmpty()) {
        throw new LinuxException(
            Errno.ECONNRESET,
            "receive on " + socket,
            "ended after " + bytes.size() + " of " + length + " bytes");
      }
      bytes.writeBytes(part.get());
    }
    return bytes.toByteArray();
  }

  /**
   * Everything up to the end of the stream.
   *
   * @throws LinuxException EMSGSIZE beyond {@code limit} bytes, ETIMEDOUT if the end does not come
   *     in time
   */
  public byte[] readToEnd(int limit, Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (true) {
      Optional<byte[]> part = read(CHUNK, left(deadline));
      if (part.isEmpty()) {
        return bytes.toByteArray();
      }
      bytes.writeBytes(part.get());
      if (bytes.size() > limit) {
        throw new LinuxException(
            Errno.EMSGSIZE, "receive on " + socket, "more than " + limit + " bytes");
      }
    }
  }

  /** The next descriptor received and not yet taken; the caller closes it. */
  public Optional<Fd> takeDescriptor() {
    return Optional.ofNullable(descriptors.poll());
  }

  /** Sends all of {@code content}; EPIPE if the peer is gone, ETIMEDOUT if it does not read. */
  public void write(byte[] content, Duration timeout) throws LinuxException {
    long deadline = System.nanoTime() + timeout.toNanos();
    int sent = 0;
    while (sent < content.length) {
      try {
        sent += socket.send(content, sent, content.length - sent, new byte[0]);
      } catch (LinuxException e) {
        if (!e.is(Errno.EAGAIN)) {
          throw e;
        }
        requireReady(socket.awaitWritable(left(deadline)), "send on " + socket);
      }
    }
  }

  /** Sends a few bytes (at least one) together with a descriptor, which stays open here. */
  public void writeWithDescriptor(byte[] content, Fd descriptor) throws LinuxException {
    int sent = socket.sendWithDescriptor(content, descriptor);
    if (sent < content.length) {
      throw new LinuxException(Errno.EAGAIN, "send on " + socket, sent + " bytes taken");
    }
  }

  /** Tells the peer that nothing more will be written. */
  public void endOutput() throws LinuxException {
    socket.shutdownOutput();
  }

  @Override
  public void close() {
    socket.close();
    descriptors.forEach(Fd::close);
    descriptors.clear();
  }

  private static Duration left(long deadline) {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  private static void requireReady(NativeSocket.Wait wait, String operation) throws LinuxException {
    if (wait == NativeSocket.Wait.TIMED_OUT) {
      throw new LinuxException(Errno.ETIMEDOUT, operation);
    }
  }
}
