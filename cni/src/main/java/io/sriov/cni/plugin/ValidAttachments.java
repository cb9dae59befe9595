package io.sriov.cni.plugin;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.protocol.CniException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the runtime names as valid in a GC (CNI spec 1.1, {@code cni.dev/valid-attachments}).
 *
 * @param ids an attachment each, as {@link #id} makes them
 */
public record ValidAttachments(Set<String> ids) {

  private static final String KEY = "cni.dev/valid-attachments";

  /** An attachment's name, which is also that of its state file. */
  public static String id(String containerId, String ifname) {
    return containerId + "-" + ifname;
  }

  /** Those in a configuration; empty if it has no list, as of a runtime that knows no GC. */
  public static Optional<ValidAttachments> in(Json config) throws CniException {
    try {
      Fields fields = Fields.of(config);
      if (fields.any(KEY).orElse(Json.NULL).equals(Json.NULL)) {
        return Optional.empty();
      }
      Set<String> ids = new HashSet<>();
      for (Json item : fields.array(KEY)) {
        Fields attachment = Fields.of(item);
        ids.add(id(attachment.text("containerID"), attachment.text("ifname")));
      }
      return Optional.of(new ValidAttachments(Set.copyOf(ids)));
    } catch (JsonException e) {
      throw CniException.internal(KEY + " is wrong", e);
    }
  }

  /** Whether the attachment with this {@link #id} stays. */
  public boolean contains(String id) {
    return ids.contains(id);
  }
}
