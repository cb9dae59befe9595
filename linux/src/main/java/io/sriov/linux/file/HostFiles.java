package io.sriov.linux.file;

import io.sriov.linux.LinuxException;
import io.sriov.linux.Strerror;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Files on the host that must be whole after a crash. */
public final class HostFiles {

  private static final AtomicLong UNIQUE = new AtomicLong();

  private HostFiles() {}

  /**
   * Replaces {@code file} by {@code content}: a reader, also after a power cut, sees the old or the
   * new, whole. Missing parent directories are created.
   *
   * @param mode permissions in octal notation, e.g. {@code 0600}; the umask does not apply
   * @throws LinuxException e.g. ENOSPC; the old file is as it was
   */
  public static void writeAtomically(Path file, byte[] content, int mode) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException("not a file: " + file);
    }
    try {
      replace(directory, file, content, mode);
    } catch (IOException e) {
      throw failure("write " + file, e);
    }
  }

  private static LinuxException failure(String operation, IOException cause) {
    var failure = new LinuxException(Strerror.errno(cause), operation, Strerror.reason(cause));
    failure.initCause(cause);
    return failure;
  }

  private static void replace(Path directory, Path file, byte[] content, int mode)
      throws IOException {
    Files.createDirectories(directory);
    // Hidden, and in the same directory, so that the rename stays in one file system.
    Path temporary =
        directory.resolve(
            ".%s.%d-%d"
                .formatted(
                    file.getFileName(), ProcessHandle.current().pid(), UNIQUE.incrementAndGet()));
    try {
      try (FileChannel out =
          FileChannel.open(
              temporary,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        Files.setPosixFilePermissions(temporary, permissions(mode));
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          int unused = out.write(bytes);
        }
        out.force(true);
      }
      Path moved = Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      assert moved.equals(file);
    } catch (IOException e) {
      boolean unused = Files.deleteIfExists(temporary);
      throw e;
    }
    sync(directory);
  }

  /** Removes {@code file} for good; whether there was one. */
  public static boolean delete(Path file) throws IOException {
    boolean existed = Files.deleteIfExists(file);
    Path directory = file.toAbsolutePath().getParent();
    if (existed && directory != null) {
      sync(directory);
    }
    return existed;
  }

  /** The content; empty if there is no such file. Every other failure is one. */
  public static Optional<byte[]> read(Path file) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failure("read " + file, e);
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    if ((mode & ~0777) != 0) {
      throw new IllegalArgumentException("mode " + Integer.toOctalString(mode));
    }
    char[] text = "rwxrwxrwx".toCharArray();
    for (int bit = 0; bit < 9; bit++) {
      if ((mode & (0400 >> bit)) == 0) {
        text[bit] = '-';
      }
    }
    return PosixFilePermissions.fromString(new String(text));
  }
}
