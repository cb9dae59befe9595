package io.sriov.cni.wire;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.unix.UnixConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/** The server's end of one connection, for one thread. */
public final class Conversation implements Caller, AutoCloseable {

  /** For frames that the forwarder sends without having to do anything first. */
  private static final Duration PROMPT = Duration.ofSeconds(10);

  /** For a plugin, which the runtime's own deadline ends earlier. */
  private static final Duration PLUGIN = Duration.ofMinutes(10);

  private final UnixConnection connection;

  public Conversation(UnixConnection connection) {
    this.connection = connection;
  }

  /** The call that the connection is about. */
  public Frame.Call call() throws IOException {
    return expect(Frame.Call.class, PROMPT);
  }

  /** The descriptor that came with the frame read last. */
  public Optional<Fd> takeDescriptor() {
    return connection.takeDescriptor();
  }

  /** Tells that the call is being worked on. */
  public void accept() throws IOException {
    write(new Frame.Accepted());
  }

  /** Ends the conversation. */
  public void done(int exitCode, byte[] stdout, byte[] stderr) throws IOException {
    write(new Frame.Done(exitCode, stdout, stderr));
  }

  /**
   * Waits after {@link #done} until the forwarder has printed the answer.
   *
   * @param tells whether it says so; of an older one its end is all there is to go by
   * @return false if it was killed before; a forwarder that lives and is slow to print counts as
   *     one that did
   */
  public boolean awaitPrinted(boolean tells) throws IOException {
    try {
      Optional<byte[]> said = connection.read(Frame.LENGTH_FIELD, PROMPT);
      return said.isPresent() || !tells;
    } catch (LinuxException e) {
      // ECONNRESET: it left without having read everything.
      return e.is(Errno.ETIMEDOUT);
    }
  }

  @Override
  public void requirePresent() throws ConnectionLost {
    try {
      // It speaks only when it is asked, so what can be read now is its end.
      if (connection.isReadable()) {
        throw new ConnectionLost("the forwarder is gone: nobody waits for the result");
      }
    } catch (LinuxException e) {
      throw lost(e);
    }
  }

  @Override
  public Frame.Ran run(String plugin, String command, Optional<byte[]> stdin) throws IOException {
    try {
      write(new Frame.Run(plugin, command, stdin));
      return expect(Frame.Ran.class, PLUGIN);
    } catch (LinuxException e) {
      throw lost(e);
    }
  }

  @Override
  public Fd open(String path) throws IOException {
    int errno;
    Optional<Fd> descriptor;
    try {
      write(new Frame.Open(path));
      errno = expect(Frame.Opened.class, PROMPT).errno();
      descriptor = connection.takeDescriptor();
    } catch (LinuxException e) {
      throw lost(e);
    }
    if (errno != 0) {
      descriptor.ifPresent(Fd::close);
      throw new LinuxException(errno, "open " + path + " on the host");
    }
    return descriptor.orElseThrow(
        () -> new ConnectionLost("the forwarder sent no descriptor of " + path));
  }

  private static ConnectionLost lost(LinuxException e) {
    ConnectionLost lost = new ConnectionLost("the forwarder is gone: " + e.getMessage());
    lost.initCause(e);
    return lost;
  }

  private void write(Frame frame) throws LinuxException {
    connection.write(frame.pack(), PROMPT);
  }

  private <F extends Frame> F expect(Class<F> type, Duration timeout) throws IOException {
    int length = ByteBuffer.wrap(connection.readExactly(Frame.LENGTH_FIELD, timeout)).getInt();
    if (length < 1 || length > Frame.LONGEST) {
      throw new LinuxException(Errno.EPROTO, "read a frame", length + " bytes long");
    }
    Frame frame = Frame.parse(connection.readExactly(length, PROMPT));
    if (!type.isInstance(frame)) {
      throw new MalformedFrame(
          "the forwarder sent "
              + frame.getClass().getSimpleName()
              + " instead of "
              + type.getSimpleName());
    }
    return type.cast(frame);
  }

  @Override
  public void close() {
    connection.close();
  }
}
