package io.sriov.linux.ffm;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Ends another thread's wait in {@link NativeSocket#awaitReadable}: an {@code eventfd(2)}. */
public final class Waker implements AutoCloseable {

  private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;

  private final Fd fd;

  private Waker(Fd fd) {
    this.fd = fd;
  }

  /** A waker not yet raised. */
  public static Waker open() throws LinuxException {
    return new Waker(Fd.owning(FileCalls.eventfd(EFD_CLOEXEC_NONBLOCK)));
  }

  /** Ends present and future waits. */
  public void wake() throws LinuxException {
    byte[] one = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(1).array();
    long unused = fd.writeOnce(one, "wake a waiting thread");
  }

  int number() {
    return fd.number();
  }

  @Override
  public void close() {
    fd.close();
  }
}
