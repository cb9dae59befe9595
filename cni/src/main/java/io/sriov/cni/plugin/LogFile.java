package io.sriov.cni.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * The log file of a network: appended to, set aside and compressed when it has grown too large,
 * with a few such backups kept for a few days.
 *
 * @param hostRoot where the host's root is mounted
 * @param name absolute path on the host
 */
record LogFile(Path hostRoot, String name) {

  private static final long LARGEST = 100L * 1024 * 1024;
  private static final int MOST_BACKUPS = 5;
  private static final Duration OLDEST_BACKUP = Duration.ofDays(5);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS").withZone(ZoneOffset.UTC);

  void append(String lines) throws IOException {
    Path file = path();
    Path parent = file.getParent();
    if (parent == null) {
      throw new FileSystemException(name, null, "is no file");
    }
    if (Files.isSymbolicLink(file)) {
      throw new FileSystemException(name, null, "is a symbolic link, which is not followed");
    }
    Path unusedParent = Files.createDirectories(parent);
    if (Files.exists(file) && Files.size(file) > LARGEST) {
      setAside(file, parent);
    }
    Path unused =
        Files.writeString(
            file,
            lines,
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND,
            LinkOption.NOFOLLOW_LINKS);
  }

  private Path path() throws FileSystemException {
    Path path = hostRoot.resolve(name.replaceFirst("^/+", "")).normalize();
    if (!name.startsWith("/") || !path.startsWith(hostRoot.normalize())) {
      throw new FileSystemException(name, null, "is no absolute path");
    }
    return path;
  }

  private static void setAside(Path file, Path parent) throws IOException {
    Path backup = parent.resolve(file.getFileName() + "-" + STAMP.format(Instant.now()) + ".gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(backup))) {
      long unused = Files.copy(file, out);
    }
    Files.delete(file);
    List<Path> backups;
    try (Stream<Path> entries = Files.list(parent)) {
      String prefix = file.getFileName() + "-";
      backups =
          entries
              .filter(entry -> String.valueOf(entry.getFileName()).startsWith(prefix))
              .sorted()
              .toList();
    }
    Instant oldest = Instant.now().minus(OLDEST_BACKUP);
    for (int i = 0; i < backups.size(); i++) {
      boolean old = Files.getLastModifiedTime(backups.get(i)).toInstant().isBefore(oldest);
      if (old || i < backups.size() - MOST_BACKUPS) {
        Files.delete(backups.get(i));
      }
    }
  }
}
