package io.sriov.cni.sriov;

import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.json.JsonWriter;
import io.sriov.linux.LinuxException;
import io.sriov.linux.file.FileLock;
import io.sriov.linux.file.HostFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder {@code /var/lib/cni/sriov} (spec 04 §3.9): a state file per attachment, {@code
 * pci/ADDRESS} naming the network namespace that owns a VF, and {@code pci/vf_lock/ADDRESS.lock}.
 *
 * <p>Files are replaced as a whole but not forced to the disk: nothing that they describe outlives
 * the kernel, and a forced write would cost more than all the rest of an ADD.
 */
final class StateFiles {

  private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final int LOCK_MODE = 0600;
  private static final Pattern TEMPORARY = Pattern.compile("\\.[0-9]+-[0-9]+");
  private static final AtomicLong UNIQUE = new AtomicLong();

  private final Path folder;

  StateFiles(Path folder) {
    this.folder = folder;
  }

  /** What a state file holds. */
  sealed interface Stored {
    record Missing() implements Stored {}

    record Unreadable(String reason) implements Stored {}

    record Present(Attachment attachment) implements Stored {}
  }

  /** An attachment together with the name of its file. */
  record Named(String file, Attachment attachment) {}

  static String fileName(String containerId, String ifname) {
    return containerId + "-" + ifname;
  }

  Stored read(String file) throws IOException {
    Optional<byte[]> content = HostFiles.read(folder.resolve(file));
    if (content.isEmpty()) {
      return new Stored.Missing();
    }
    try {
      Json json = JsonReader.read(content.get());
      return new Stored.Present(Attachment.of(json));
    } catch (JsonException e) {
      return new Stored.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  /** Every state file that can be read. */
  List<Named> all() throws IOException {
    List<Named> found = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.filter(Files::isRegularFile).sorted().toList()) {
        String file = String.valueOf(entry.getFileName());
        if (!file.startsWith(".") && read(file) instanceof Stored.Present(Attachment attachment)) {
          found.add(new Named(file, attachment));
        }
      }
    }
    return found;
  }

  /** Removes what a writer that was killed left; only while nobody writes. */
  void removeLeftovers() throws IOException {
    for (Path place : List.of(folder, folder.resolve("pci"))) {
      if (Files.isDirectory(place)) {
        List<Path> leftovers;
        try (Stream<Path> entries = Files.list(place)) {
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

  void write(String file, Attachment attachment) throws IOException {
    replace(folder.resolve(file), JsonWriter.compact(attachment.json()));
  }

  void remove(String file) throws IOException {
    boolean unused = Files.deleteIfExists(folder.resolve(file));
  }

  /**
   * Removes the file of an attachment whose VF is released, except where a DEL still has addresses
   * to give back. A file of the Go plugin stays as it is then: that the VF is no longer its own,
   * the allocation file says.
   */
  void leave(Named named, boolean holdsAddresses) throws IOException {
    if (!holdsAddresses) {
      remove(named.file());
      return;
    }
    Optional<Attachment.Own> own = named.attachment().own();
    if (own.isPresent()) {
      write(named.file(), named.attachment().with(own.get().in(Attachment.Phase.RELEASED)));
    }
  }

  /** Puts a file aside that nobody can read, so that it is neither lost nor met again. */
  Path quarantine(String file) throws IOException {
    return Files.move(
        folder.resolve(file),
        folder.resolve(".unreadable-" + file),
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Path of the network namespace that owns the VF, as the runtime wrote it. */
  Optional<String> owner(String vf) throws IOException {
    return HostFiles.read(allocation(vf)).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  void setOwner(String vf, String netns) throws IOException {
    replace(allocation(vf), netns);
  }

  void removeOwner(String vf) throws IOException {
    boolean unused = Files.deleteIfExists(allocation(vf));
  }

  /** The lock that the Go plugin takes too; its file stays. */
  FileLock lock(String vf, Duration timeout) throws IOException {
    Path locks = folder.resolve("pci").resolve("vf_lock");
    createFolders(locks);
    try {
      return FileLock.acquire(locks.resolve(vf + ".lock"), LOCK_MODE, timeout);
    } catch (LinuxException e) {
      throw new LinuxException(
          e.errno(), "lock VF " + vf, "another call works on it; " + e.detail());
    }
  }

  private Path allocation(String vf) {
    return folder.resolve("pci").resolve(vf);
  }

  private static void replace(Path file, String content) throws IOException {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IOException("not a file: " + file);
    }
    createFolders(parent);
    Path temporary =
        parent.resolve(".%d-%d".formatted(ProcessHandle.current().pid(), UNIQUE.incrementAndGet()));
    Path created = Files.createFile(temporary, FILE_MODE);
    try {
      Path unused =
          Files.writeString(
              created, content, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
      Path moved = Files.move(created, file, StandardCopyOption.ATOMIC_MOVE);
      assert moved.equals(file);
    } catch (IOException e) {
      boolean unused = Files.deleteIfExists(temporary);
      throw e;
    }
  }

  private static void createFolders(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Path unused = Files.createDirectories(folder, FOLDER_MODE);
    }
  }
}
