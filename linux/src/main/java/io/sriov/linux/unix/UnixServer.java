package io.sriov.linux.unix;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.FileId;
import io.sriov.linux.ffm.NativeSocket;
import io.sriov.linux.ffm.Waker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Listens on a path for connections of this machine. The file appears only when connections are
 * taken, with mode 0600.
 */
public final class UnixServer implements AutoCloseable {

  private static final int BACKLOG = 128;
  private static final int S_IFMT = 0xf000;
  private static final int S_IFSOCK = 0xc000;

  private final NativeSocket socket;
  private final Waker waker;
  private final Path path;
  private final FileId file;
  private final ReentrantLock accepting = new ReentrantLock();
  private volatile boolean closed;

  private UnixServer(NativeSocket socket, Waker waker, Path path, FileId file) {
    this.socket = socket;
    this.waker = waker;
    this.path = path;
    this.file = file;
  }

  /**
   * Starts to listen. A socket left by a dead server is replaced; missing parent directories are
   * made.
   *
   * @throws LinuxException EADDRINUSE if another server answers there, EEXIST if the path is not a
   *     socket
   */
  public static UnixServer listen(Path path) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory == null) {
      throw new LinuxException(Errno.EINVAL, "listen on " + path);
    }
    Files.createDirectories(directory);
    requireFree(path);
    Path temporary = directory.resolve(".listen-" + ProcessHandle.current().pid());
    boolean unused = Files.deleteIfExists(temporary);
    NativeSocket socket =
        NativeSocket.open(NativeSocket.AF_UNIX, NativeSocket.SOCK_STREAM, 0, "unix socket " + path);
    try {
      socket.bind(UnixAddress.of(temporary));
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-------"));
      socket.listen(BACKLOG);
      FileId file = idOf(temporary);
      Path moved = Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
      return new UnixServer(socket, Waker.open(), moved, file);
    } catch (IOException e) {
      socket.close();
      boolean unusedToo = Files.deleteIfExists(temporary);
      throw e;
    }
  }

  private static void requireFree(Path path) throws IOException {
    Map<String, Object> attributes;
    try {
      attributes = Files.readAttributes(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    int mode = (Integer) Objects.requireNonNull(attributes.get("mode"));
    if ((mode & S_IFMT) != S_IFSOCK) {
      throw new LinuxException(Errno.EEXIST, "listen on " + path, "exists and is not a socket");
    }
    try (UnixConnection _ = UnixConnection.connect(path)) {
      throw new LinuxException(Errno.EADDRINUSE, "listen on " + path, "another server answers");
    } catch (LinuxException e) {
      if (!e.is(Errno.ECONNREFUSED, Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /** Where it listens. */
  public Path path() {
    return path;
  }

  /**
   * Waits on the calling platform thread for the next connection.
   *
   * @return empty when the server is closed
   */
  public Optional<UnixConnection> accept() throws LinuxException {
    accepting.lock();
    try {
      while (!closed) {
        Optional<NativeSocket> connection = socket.accept("connection on " + path);
        if (connection.isPresent()) {
          return connection.map(UnixConnection::new);
        }
        NativeSocket.Wait unused = socket.awaitReadable(Duration.ofHours(1), waker);
      }
      return Optional.empty();
    } finally {
      accepting.unlock();
    }
  }

  /** Ends a waiting {@link #accept} and removes the socket file, unless it is another's by now. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      waker.wake();
    } catch (LinuxException e) {
      throw new AssertionError(e);
    }
    accepting.lock();
    try {
      removeFile();
      socket.close();
      waker.close();
    } finally {
      accepting.unlock();
    }
  }

  private void removeFile() {
    try {
      if (idOf(path).equals(file)) {
        Files.delete(path);
      }
    } catch (IOException _) {
      // Gone, or out of reach: the next server replaces what is left.
    }
  }

  private static FileId idOf(Path path) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
    return new FileId(
        (Long) Objects.requireNonNull(attributes.get("dev")),
        (Long) Objects.requireNonNull(attributes.get("ino")));
  }
}
