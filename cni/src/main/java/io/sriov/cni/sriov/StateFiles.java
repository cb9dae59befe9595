package io.sriov.cni.sriov;

import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.json.JsonWriter;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.StateFolder;
import io.sriov.cni.plugin.ValidAttachments;
import io.sriov.linux.LinuxException;
import io.sriov.linux.file.FileLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The folder {@code /var/lib/cni/sriov} (spec 04 §3.9): a state file per attachment, {@code
 * pci/ADDRESS} naming the network namespace that owns a VF, and {@code pci/vf_lock/ADDRESS.lock}.
 */
final class StateFiles {

  private static final int LOCK_MODE = 0600;

  private final StateFolder folder;
  private final StateFolder allocations;

  StateFiles(Path folder) {
    this.folder = new StateFolder(folder);
    this.allocations = this.folder.inner("pci");
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
    return ValidAttachments.id(containerId, ifname);
  }

  Stored read(String file) throws IOException {
    Optional<byte[]> content = folder.read(file);
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
    return read(folder.names());
  }

  /** Those of a VF. */
  List<Named> of(String vf) throws IOException {
    return read(folder.mentioning(vf)).stream()
        .filter(named -> named.attachment().deviceId().equals(vf))
        .toList();
  }

  private List<Named> read(List<String> files) throws IOException {
    List<Named> found = new ArrayList<>();
    for (String file : files) {
      if (read(file) instanceof Stored.Present(Attachment attachment)) {
        found.add(new Named(file, attachment));
      }
    }
    return found;
  }

  /** Removes what a writer that was killed left; only while nobody writes. */
  void removeLeftovers() throws IOException {
    folder.removeLeftovers();
    allocations.removeLeftovers();
  }

  void write(String file, Attachment attachment) throws IOException {
    folder.write(file, JsonWriter.compact(attachment.json()));
  }

  void remove(String file) throws IOException {
    folder.remove(file);
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
    Optional<Journal> own = named.attachment().own();
    if (own.isPresent()) {
      write(named.file(), named.attachment().with(own.get().in(Phase.RELEASED)));
    }
  }

  /** Puts a file aside that nobody can read, so that it is neither lost nor met again. */
  Path quarantine(String file) throws IOException {
    return folder.quarantine(file);
  }

  /** Path of the network namespace that owns the VF, as the runtime wrote it. */
  Optional<String> owner(String vf) throws IOException {
    return allocations.read(vf).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  void setOwner(String vf, String netns) throws IOException {
    allocations.write(vf, netns);
  }

  void removeOwner(String vf) throws IOException {
    allocations.remove(vf);
  }

  /** The lock that the Go plugin takes too; its file stays. */
  FileLock lock(String vf, Duration timeout) throws IOException {
    Path locks = allocations.inner("vf_lock").make();
    try {
      return FileLock.acquire(locks.resolve(vf + ".lock"), LOCK_MODE, timeout);
    } catch (LinuxException e) {
      throw new LinuxException(
          e.errno(), "lock VF " + vf, "another call works on it; " + e.detail());
    }
  }
}
