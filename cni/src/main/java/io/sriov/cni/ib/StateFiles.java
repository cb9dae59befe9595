package io.sriov.cni.ib;

import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.json.JsonWriter;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.StateFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The folder {@code /var/lib/cni/ib-sriov}: a state file per attachment (spec 04 §5.2). */
record StateFiles(StateFolder folder) {

  /** What a state file holds. */
  sealed interface Stored {
    record Missing() implements Stored {}

    record Unreadable(String reason) implements Stored {}

    record Present(Attachment attachment) implements Stored {}
  }

  /** An attachment together with the name of its file. */
  record Named(String file, Attachment attachment) {}

  Stored read(String file) throws IOException {
    Optional<byte[]> content = folder.read(file);
    if (content.isEmpty()) {
      return new Stored.Missing();
    }
    try {
      return new Stored.Present(Attachment.of(JsonReader.read(content.get())));
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

  /** Attachments that hold a VF, but for one. */
  List<Named> holding(String vf, String except) throws IOException {
    return of(vf).stream()
        .filter(named -> !named.attachment().isIn(Phase.RELEASED) && !named.file().equals(except))
        .toList();
  }

  void write(String file, Attachment attachment) throws IOException {
    folder.write(file, JsonWriter.compact(attachment.json()));
  }

  void remove(String file) throws IOException {
    folder.remove(file);
  }

  /**
   * Removes the file of an attachment whose VF is released, except where a DEL still has addresses
   * to give back.
   */
  void leave(Named named, boolean holdsAddresses) throws IOException {
    Optional<Journal> own = named.attachment().own();
    if (holdsAddresses && own.isPresent()) {
      write(named.file(), named.attachment().with(own.get().in(Phase.RELEASED)));
    } else {
      remove(named.file());
    }
  }
}
