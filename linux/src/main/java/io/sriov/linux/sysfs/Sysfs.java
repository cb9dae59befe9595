package io.sriov.linux.sysfs;

import static java.util.Objects.requireNonNull;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.Strerror;
import io.sriov.linux.ffm.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Typed access to a sysfs tree. What does not exist is empty; what exists but cannot be read is an
 * error with errno and path. Attributes hold one value, so a write is one {@code write(2)}.
 */
public final class Sysfs {

  private final Path root;

  /** The tree mounted at {@code root}, usually {@code /sys}. */
  public Sysfs(Path root) {
    this.root = root;
  }

  /** The mount point. */
  public Path root() {
    return root;
  }

  /** A path below the mount point, e.g. {@code class/net/ens1f0}. */
  public Path path(String relative) {
    return root.resolve(relative);
  }

  /** Content without surrounding white space; empty if there is no such attribute. */
  public Optional<String> text(Path attribute) throws LinuxException {
    try {
      return Optional.of(new String(Files.readAllBytes(attribute), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return absent(e, "read " + attribute);
    }
  }

  /**
   * Content, empty also for an attribute the driver refuses to show now: {@code speed} of a link
   * that is down (EINVAL), {@code phys_switch_id} without a switch (EOPNOTSUPP).
   */
  public Optional<String> textIfShown(Path attribute) throws LinuxException {
    try {
      return text(attribute);
    } catch (LinuxException e) {
      if (e.is(Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENODEV, Errno.EIO)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Decimal, or hexadecimal with {@code 0x}; empty if there is no such attribute. */
  public OptionalInt integer(Path attribute) throws LinuxException {
    Optional<String> text = text(attribute);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of((int) number(text.get()));
    } catch (NumberFormatException e) {
      throw new LinuxException(
          Errno.EBADMSG, "read " + attribute, "not a number: \"" + text.get() + "\"");
    }
  }

  /** Last part of a link's target, e.g. the driver's name; empty if there is no such link. */
  public Optional<String> linkName(Path link) throws LinuxException {
    try {
      return Optional.ofNullable(Files.readSymbolicLink(link).getFileName()).map(Path::toString);
    } catch (NotLinkException e) {
      return Optional.empty();
    } catch (IOException e) {
      return absent(e, "readlink " + link);
    }
  }

  /** Names in a directory in string order; empty if there is no such directory. */
  public List<String> list(Path directory) throws LinuxException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    } catch (DirectoryIteratorException e) {
      return this.<List<String>>absent(requireNonNull(e.getCause()), "list " + directory)
          .orElse(List.of());
    } catch (IOException e) {
      return this.<List<String>>absent(e, "list " + directory).orElse(List.of());
    }
    names.sort(Comparator.naturalOrder());
    return List.copyOf(names);
  }

  /**
   * Writes {@code value} as it is, without a newline, by one {@code write(2)} that lasts as long as
   * the driver works on it.
   *
   * @throws LinuxException e.g. {@code write 7 to /sys/…/sriov_numvfs: EBUSY}
   */
  public void write(Path attribute, String value) throws LinuxException {
    String operation = "write " + printable(value) + " to " + attribute;
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    try (Fd fd = openForWriting(attribute, operation)) {
      long written = fd.writeOnce(bytes, operation);
      if (written != bytes.length) {
        throw new LinuxException(Errno.EIO, operation, written + " bytes taken");
      }
    }
  }

  private static Fd openForWriting(Path attribute, String operation) throws LinuxException {
    try {
      // Truncation means nothing to sysfs; a temporary tree in a test needs it.
      return Fd.open(attribute, Fd.WRITE_ONLY | Fd.TRUNCATE);
    } catch (LinuxException e) {
      throw new LinuxException(e.errno(), operation, "open");
    }
  }

  private static String printable(String value) {
    return value.equals("\0") ? "NUL" : value.isEmpty() ? "nothing" : value.strip();
  }

  /** Hexadecimal, or decimal with leading zeros, which {@link Long#decode} would take for octal. */
  private static long number(String text) {
    return text.startsWith("0x")
        ? Long.parseLong(text, 2, text.length(), 16)
        : Long.parseLong(text);
  }

  private <T> Optional<T> absent(IOException e, String operation) throws LinuxException {
    if (e instanceof NoSuchFileException || e instanceof NotDirectoryException) {
      return Optional.empty();
    }
    LinuxException failure = new LinuxException(Strerror.errno(e), operation, Strerror.reason(e));
    failure.initCause(e);
    throw failure;
  }
}
