package io.sriov.cni.plugin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.sriov.linux.file.HostFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder of state files below {@code /var/lib/cni}, for root alone.
 *
 * <p>Files are replaced as a whole but not forced to the disk: nothing that they describe outlives
 * the kernel, and a forced write would cost more than all the rest of an ADD.
 */
public final class StateFolder {

  private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final Pattern TEMPORARY = Pattern.compile("\\.[0-9]+-[0-9]+");
  private static final AtomicLong UNIQUE = new AtomicLong();

  private final Path folder;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();

  /**
   * Content of a file as it was read.
   *
   * @param key device and inode
   */
  private record Seen(Optional<Object> key, long size, FileTime modified, String text) {
    boolean isOf(BasicFileAttributes now) {
      return key.equals(Optional.ofNullable(now.fileKey()))
          && size == now.size()
          && modified.equals(now.lastModifiedTime());
    }
  }

  /** The folder, which need not exist yet. */
  public StateFolder(Path folder) {
    this.folder = folder;
  }

  /** A folder in this one. */
  public StateFolder inner(String name) {
    return new StateFolder(folder.resolve(name));
  }

  /** The folder, made if it is not there. */
  public Path make() throws IOException {
    if (!Files.isDirectory(folder)) {
      Path unused = Files.createDirectories(folder, FOLDER_MODE);
    }
    return folder;
  }

  /** Content of a file, empty if there is none. */
  public Optional<byte[]> read(String file) throws IOException {
    return HostFiles.read(folder.resolve(file));
  }

  /** Names of the files in order, without hidden ones. */
  public List<String> names() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isRegularFile)
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }

  /**
   * Names of the files in which a word stands as it is, or may stand in escapes of JSON: with many
   * attachments far quicker than to parse them all. A file is read again only if it has changed.
   */
  public List<String> mentioning(String word) throws IOException {
    List<String> names = names();
    List<String> found = new ArrayList<>();
    for (String file : names) {
      Optional<String> text = seen(file).map(Seen::text);
      if (text.isPresent() && (text.get().contains(word) || text.get().indexOf('\\') >= 0)) {
        found.add(file);
      }
    }
    seen.keySet().retainAll(names);
    return found;
  }

  private Optional<Seen> seen(String file) throws IOException {
    BasicFileAttributes now;
    try {
      now = Files.readAttributes(folder.resolve(file), BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Seen before = seen.get(file);
    if (before != null && before.isOf(now)) {
      return Optional.of(before);
    }
    // Its attributes are those before the reading: a change meanwhile shows at the next look.
    Optional<Seen> read =
        read(file)
            .map(bytes ->
                new Seen(
                    Optional.ofNullable(now.fileKey()),
                    now.size(),
                    now.lastModifiedTime(),
                    new String(bytes, ISO_8859_1)));
    read.ifPresent(content -> seen.put(file, content));
    return read;
  }

  /** Replaces a file. */
  public void write(String file, String content) throws IOException {
    Path temporary =
        make().resolve(".%d-%d".formatted(ProcessHandle.current().pid(), UNIQUE.incrementAndGet()));
    Path created = Files.createFile(temporary, FILE_MODE);
    try {
      Path unused =
          Files.writeString(
              created, content, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
      Path target = folder.resolve(file);
      Path moved = Files.move(created, target, StandardCopyOption.ATOMIC_MOVE);
      assert moved.equals(target);
    } catch (IOException e) {
      boolean unused = Files.deleteIfExists(temporary);
      throw e;
    }
  }

  public void remove(String file) throws IOException {
    boolean unused = Files.deleteIfExists(folder.resolve(file));
  }

  /** Puts a file aside that nobody can read, so that it is neither lost nor met again. */
  public Path quarantine(String file) throws IOException {
    return Files.move(
        folder.resolve(file),
        folder.resolve(".unreadable-" + file),
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes what a writer that was killed left; only while nobody writes. */
  public void removeLeftovers() throws IOException {
    if (Files.isDirectory(folder)) {
      List<Path> leftovers;
      try (Stream<Path> entries = Files.list(folder)) {
        leftovers =
            entries
                .filter(entry -> TEMPORARY.matcher(String.valueOf(entry.getFileName())).matches())
                .toList();
      }
      for (Path leftover : leftovers) {
        boolean unused = Files.deleteIfExists(leftover);
      }
    }
  }
}
