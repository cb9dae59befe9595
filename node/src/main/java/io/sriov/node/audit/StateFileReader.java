package io.sriov.node.audit;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.StateFolder;
import io.sriov.cni.plugin.Vf;
import io.sriov.plan.audit.CniState;
import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.CniState.NetnsPath;
import io.sriov.plan.audit.CniState.Unreadable;
import io.sriov.plan.node.PciAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads the state files of the plugins sriov and ib-sriov (spec 04 §3.9), those of the Go plugins
 * too, without lock: a file is replaced as a whole, and what is seen of a call under way is gone
 * with the next look.
 */
public final class StateFileReader {

  private static final List<String> FOLDERS = List.of("var/lib/cni/sriov", "var/lib/cni/ib-sriov");

  private final HostRoot root;
  private final Predicate<String> devices;

  /**
   * @param hostRoot where the host's root folder is mounted
   * @param devices whether a PCI device with this address exists
   */
  public StateFileReader(Path hostRoot, Predicate<String> devices) {
    this.root = new HostRoot(hostRoot);
    this.devices = devices;
  }

  CniState read() throws IOException {
    var attached = new ArrayList<Attached>();
    var unreadable = new ArrayList<Unreadable>();
    for (String name : FOLDERS) {
      var folder = new StateFolder(root.folder().resolve(name));
      for (String file : folder.names()) {
        String path = "/" + name + "/" + file;
        try {
          Optional<byte[]> content = folder.read(file);
          if (content.isPresent()) {
            attached(folder, path, Fields.of(JsonReader.read(content.get())))
                .ifPresent(attached::add);
          }
        } catch (JsonException e) {
          unreadable.add(new Unreadable(path, String.valueOf(e.getMessage())));
        }
      }
    }
    return new CniState(attached, unreadable);
  }

  /** Empty if the VF was given back and only the IPAM plugin is still to be told. */
  private Optional<Attached> attached(StateFolder folder, String path, Fields fields)
      throws IOException, JsonException {
    Optional<Journal> own =
        fields.has("attachment")
            ? Optional.of(Journal.of(fields.object("attachment")))
            : Optional.empty();
    Phase phase = own.map(Journal::phase).orElse(Phase.ATTACHED);
    if (phase == Phase.RELEASED) {
      return Optional.empty();
    }
    String vf = fields.text("deviceID").toLowerCase(Locale.ROOT);
    if (!Vf.isAddress(vf)) {
      throw new JsonException("deviceID \"" + vf + "\" is not a PCI address");
    }
    // The two plugins call it differently.
    String name = fields.object("OrigVfState").text("HostIFName");
    String hostName = name.isEmpty() ? fields.text("HostIFNames") : name;
    String file = String.valueOf(Path.of(path).getFileName());
    return Optional.of(
        new Attached(
            path,
            new PciAddress(vf),
            devices.test(vf),
            own.map(Journal::containerId).orElse(file),
            hostName,
            own.map(Journal::userspace).orElse(hostName.isEmpty()),
            phase != Phase.ADDING,
            netns(own.isPresent() ? own.get().netns() : owner(folder, vf))));
  }

  /** Where a file of the Go plugin does not tell the namespace, its allocation file does. */
  private static String owner(StateFolder folder, String vf) throws IOException {
    return folder
        .inner("pci")
        .read(vf)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip())
        .orElse("");
  }

  private NetnsPath netns(String path) throws IOException {
    // Of a NUL, which no path has, a damaged file may be full.
    if (path.isEmpty() || path.indexOf('\0') >= 0) {
      return NetnsPath.UNKNOWN;
    }
    return root.exists(path) ? NetnsPath.THERE : NetnsPath.GONE;
  }
}
