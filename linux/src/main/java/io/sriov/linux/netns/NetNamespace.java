package io.sriov.linux.netns;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.ffm.FileId;
import io.sriov.linux.ffm.NativeSocket;
import io.sriov.linux.ffm.ThreadNamespace;
import io.sriov.linux.mount.Filesystem;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network namespace, kept alive by an open descriptor. Sockets opened inside ({@link #call}) stay
 * in it and may be used by any thread; the rest of the process never leaves its own.
 */
public final class NetNamespace implements AutoCloseable {

  private final Fd fd;
  private final String name;

  /** 0 before it is known, and never the kernel's. */
  private volatile long cookie;

  private NetNamespace(Fd fd, String name) {
    this.fd = fd;
    this.name = name;
  }

  /** The namespace of this process. */
  public static NetNamespace current() throws LinuxException {
    return new NetNamespace(Fd.open(Path.of("/proc/self/ns/net"), Fd.READ_ONLY), "own namespace");
  }

  /**
   * The namespace a path leads to, e.g. {@code /run/netns/x} or {@code /proc/PID/ns/net}. ENOENT if
   * there is nothing, EINVAL if it is not a namespace: for a bind mount whose file is left over.
   */
  public static NetNamespace open(Path path) throws LinuxException {
    Fd fd = Fd.open(path, Fd.READ_ONLY | Fd.NON_BLOCKING);
    return checked(fd, path.toString());
  }

  /**
   * The namespace behind an open descriptor, which is closed with the result (and also if this
   * fails). EINVAL if it is not a namespace.
   */
  public static NetNamespace ofFd(Fd fd) throws LinuxException {
    return checked(fd, "namespace descriptor " + fd.number());
  }

  /** A new namespace with nothing but a loopback link that is down; gone when closed and empty. */
  public static NetNamespace create() throws LinuxException {
    return onThread(() -> {
      ThreadNamespace.unshareNetwork();
      Fd fd = Fd.open(Path.of("/proc/thread-self/ns/net"), Fd.READ_ONLY);
      return new NetNamespace(fd, "anonymous namespace");
    });
  }

  private static NetNamespace checked(Fd fd, String name) throws LinuxException {
    try {
      if (!Filesystem.of(fd).isNamespace()) {
        throw new LinuxException(
            Errno.EINVAL, "open network namespace " + name, "not on nsfs or procfs");
      }
      return new NetNamespace(fd, name);
    } catch (LinuxException e) {
      fd.close();
      throw e;
    }
  }

  /** Work done by a thread that is inside the namespace. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws LinuxException;
  }

  /**
   * Runs {@code work} on a throw-away platform thread inside this namespace: to open a socket, or
   * to read and write {@code /proc/sys/net}.
   */
  public <T> T call(Work<T> work) throws LinuxException {
    return onThread(() -> {
      ThreadNamespace.enterNetwork(fd);
      return work.run();
    });
  }

  /**
   * Moves the calling platform thread into this namespace for the rest of its life: nobody moves it
   * back. For a thread made for one piece of work, which is spared {@link #call}'s second thread.
   * EINVAL if this is a namespace of another kind.
   */
  public void enterForGood() throws LinuxException {
    ThreadNamespace.enterNetwork(fd);
  }

  /** The descriptor; stays owned by this object. */
  public Fd fd() {
    return fd;
  }

  /** Device and inode: equal for two descriptors of the same living namespace. */
  public FileId id() throws LinuxException {
    return fd.id();
  }

  /** Whether both are the same namespace. */
  public boolean sameAs(NetNamespace other) throws LinuxException {
    return id().equals(other.id());
  }

  /**
   * The kernel's cookie of the namespace, never used twice until the next boot ({@code
   * SO_NETNS_COOKIE}, Linux 5.14); inode numbers are reused.
   */
  public long cookie() throws LinuxException {
    long known = cookie;
    if (known == 0) {
      known = cookieOf();
      cookie = known;
    }
    return known;
  }

  private long cookieOf() throws LinuxException {
    return call(() -> {
      try (var socket =
          NativeSocket.open(NativeSocket.AF_UNIX, NativeSocket.SOCK_DGRAM, 0, "unix socket")) {
        return socket.namespaceCookie();
      }
    });
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return name;
  }

  private static <T> T onThread(Work<T> work) throws LinuxException {
    FutureTask<T> task = new FutureTask<>(work::run);
    Thread.ofPlatform().name("netns").daemon().start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static LinuxException rethrown(@org.jspecify.annotations.Nullable Throwable cause) {
    return switch (cause) {
      case LinuxException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> throw new AssertionError("work in a namespace failed", cause);
    };
  }
}
