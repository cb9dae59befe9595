package io.sriov.linux.ffm;

import io.sriov.linux.LinuxException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor that is closed once. Whoever closes it must know that no other thread is
 * inside a call with it.
 */
public final class Fd implements AutoCloseable {

  /** {@code O_RDONLY}. */
  public static final int READ_ONLY = 0;

  /** {@code O_WRONLY}. */
  public static final int WRITE_ONLY = 1;

  /** {@code O_CREAT}. */
  public static final int CREATE = 0x40;

  /** {@code O_TRUNC}. */
  public static final int TRUNCATE = 0x200;

  /** {@code O_NONBLOCK}. */
  public static final int NON_BLOCKING = 0x800;

  private static final int CLOEXEC = 0x80000;
  private static final int CLOSED = -1;

  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;

  private final AtomicInteger number;

  private Fd(int number) {
    this.number = new AtomicInteger(number);
  }

  /** Opens {@code path} with {@code open(2)} flags; close-on-exec is always added. */
  public static Fd open(Path path, int flags) throws LinuxException {
    return open(path, flags, 0);
  }

  /** As {@link #open(Path, int)}, with the mode of a file created by {@link #CREATE}. */
  public static Fd open(Path path, int flags, int mode) throws LinuxException {
    return new Fd(FileCalls.open(path.toString(), flags | CLOEXEC, mode));
  }

  /** Takes over a descriptor received or opened elsewhere; it is closed with the result. */
  public static Fd owning(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor: " + number);
    }
    return new Fd(number);
  }

  /** The number, for calls that take it. Fails after {@link #close()}. */
  public int number() {
    int fd = number.get();
    if (fd == CLOSED) {
      throw new IllegalStateException("descriptor is closed");
    }
    return fd;
  }

  /** Whether {@link #close()} has not been called. */
  public boolean isOpen() {
    return number.get() != CLOSED;
  }

  /** Device and inode of the open file. */
  public FileId id() throws LinuxException {
    return FileCalls.id(number());
  }

  /** Magic number of the file system the file lives on, {@code f_type} of {@code fstatfs(2)}. */
  public long filesystemType() throws LinuxException {
    return FileCalls.filesystemType(number());
  }

  /**
   * Writes with exactly one {@code write(2)}: attributes of sysfs take a value as a whole.
   *
   * @param operation text of the error, e.g. {@code write 7 to …/sriov_numvfs}
   */
  public long writeOnce(byte[] content, String operation) throws LinuxException {
    return FileCalls.write(number(), content, operation);
  }

  /** {@code flock(2)} LOCK_EX without waiting; EAGAIN if another open file holds the lock. */
  public void tryFlock(String what) throws LinuxException {
    FileCalls.flock(number(), LOCK_EX | LOCK_NB, what);
  }

  /** {@code flock(2)} LOCK_EX; blocks the calling (platform) thread until the lock is granted. */
  public void flock(String what) throws LinuxException {
    FileCalls.flock(number(), LOCK_EX, what);
  }

  @Override
  public void close() {
    int fd = number.getAndSet(CLOSED);
    if (fd != CLOSED) {
      FileCalls.close(fd);
    }
  }

  @Override
  public String toString() {
    return "Fd[" + number.get() + "]";
  }
}
