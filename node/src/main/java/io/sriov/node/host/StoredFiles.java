package io.sriov.node.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.linux.file.HostFiles;
import io.sriov.plan.node.Inventory.InitialPf;
import io.sriov.plan.node.Inventory.StoredPf;
import io.sriov.plan.node.Inventory.UdevRule;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.UdevRules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files of ours on the host, in the formats of the Go daemon (spec 03 §4.12, §4.13). */
final class StoredFiles {

  private static final Logger log = LoggerFactory.getLogger(StoredFiles.class);

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /**
   * What udev runs for a new netdev: prints NM_UNMANAGED=1 for a VF of the PF, so that
   * NetworkManager leaves it alone. Only what the shell itself knows: udev runs it twice for every
   * VF, for its appearance and its name, and starting basename and readlink would take longer than
   * the script.
   */
  private static final String NM_SCRIPT =
      """
      #!/bin/sh
      # Arguments: network interface, PCI address of a PF.
      cd -P "/sys/class/net/$1/device/physfn" 2>/dev/null || exit 0
      if [ "${PWD##*/}" = "$2" ]; then
        echo "NM_UNMANAGED=1"
      fi
      """;

  /** What udev runs for a new representor: prints the number of its VF. */
  private static final String REPRESENTOR_SCRIPT =
      """
      #!/bin/sh
      # Argument: phys_port_name of a representor, e.g. pf0vf12.
      echo "NUMBER=${1##pf*vf}"
      """;

  private final HostPaths paths;
  private final Map<Path, Parsed> parsed = new ConcurrentHashMap<>();

  /** What a file meant when it had this content. */
  private record Parsed(byte[] content, Object meaning) {}

  StoredFiles(HostPaths paths) {
    this.paths = paths;
  }

  /** Records of PFs, ascending by address; a file that cannot be read is one with an error. */
  List<StoredPf> records() throws IOException {
    var records = new ArrayList<StoredPf>();
    for (String name : names(paths.records())) {
      var pci = new PciAddress(name);
      try {
        meaning(paths.record(pci), StoredPf.class, bytes -> parsed(pci, bytes))
            .ifPresent(records::add);
      } catch (IOException e) {
        records.add(new StoredPf(pci, null, String.valueOf(e.getMessage())));
      }
    }
    return records;
  }

  private static StoredPf parsed(PciAddress pci, byte[] bytes) {
    try {
      String text = new String(bytes, StandardCharsets.UTF_8);
      return new StoredPf(pci, JSON.readValue(text, Interface.class), null);
    } catch (JsonProcessingException e) {
      return new StoredPf(pci, null, "not the JSON of a PF: " + e.getOriginalMessage());
    }
  }

  /** What the file means; empty if there is none. Parsed again only when it reads differently. */
  private <T> Optional<T> meaning(Path file, Class<T> type, Function<byte[], T> parser)
      throws IOException {
    Optional<byte[]> content = HostFiles.read(file);
    if (content.isEmpty()) {
      parsed.remove(file);
      return Optional.empty();
    }
    Parsed known = parsed.get(file);
    if (known == null || !Arrays.equals(known.content(), content.get())) {
      known = new Parsed(content.get(), parser.apply(content.get()));
      parsed.put(file, known);
    }
    return Optional.of(type.cast(known.meaning()));
  }

  void saveRecord(PciAddress pf, Interface spec) throws IOException {
    HostFiles.writeAtomically(paths.record(pf), JSON.writeValueAsBytes(spec), 0644);
  }

  void removeRecord(PciAddress pf) throws IOException {
    boolean unused = HostFiles.delete(paths.record(pf));
  }

  List<UdevRule> udevRules() throws IOException {
    var rules = new ArrayList<UdevRule>();
    for (String name : names(paths.udevRules())) {
      if (UdevRules.isOurs(name)) {
        HostFiles.read(paths.udevRules().resolve(name))
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .ifPresent(content -> rules.add(new UdevRule(name, content)));
      }
    }
    return rules;
  }

  void writeUdevRule(String file, String content) throws IOException {
    HostFiles.writeAtomically(
        paths.udevRules().resolve(file), content.getBytes(StandardCharsets.UTF_8), 0644);
  }

  void removeUdevRule(String file) throws IOException {
    boolean unused = HostFiles.delete(paths.udevRules().resolve(file));
  }

  /** Installs what the rules call and removes the rule of old versions. */
  void installUdevScripts() throws IOException {
    removeUdevRule("10-nm-unmanaged.rules");
    try {
      installScript(paths.nmScript(), NM_SCRIPT);
    } finally {
      installScript(paths.representorScript(), REPRESENTOR_SCRIPT);
    }
  }

  private static void installScript(Path file, String text) throws IOException {
    byte[] script = text.getBytes(StandardCharsets.UTF_8);
    if (HostFiles.read(file).filter(found -> Arrays.equals(found, script)).isEmpty()) {
      HostFiles.writeAtomically(file, script, 0755);
    }
  }

  /** PFs as they were when a daemon first looked; empty when that is not known. */
  List<InitialPf> initial() throws IOException {
    return meaning(
            paths.checkpoint(),
            Initial.class,
            bytes -> new Initial(checkpoint(bytes).map(StoredFiles::initialPfs).orElse(List.of())))
        .map(Initial::pfs)
        .orElse(List.of());
  }

  private record Initial(List<InitialPf> pfs) {}

  private static List<InitialPf> initialPfs(SriovNetworkNodeState state) {
    return state.getStatus() == null
        ? List.of()
        : state.getStatus().interfaces().stream()
            .map(pf -> new InitialPf(new PciAddress(pf.pciAddress()), pf.mtu(), pf.eSwitchMode()))
            .toList();
  }

  private static Optional<SriovNetworkNodeState> checkpoint(byte[] bytes) {
    try {
      return Optional.ofNullable(JSON.readValue(bytes, SriovNetworkNodeState.class));
    } catch (IOException e) {
      log.warn("the first discovered state is unreadable and is recorded anew: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** Keeps a readable checkpoint; {@code now} replaces a missing or unreadable one. */
  void saveCheckpoint(SriovNetworkNodeState now) throws IOException {
    if (HostFiles.read(paths.checkpoint()).flatMap(StoredFiles::checkpoint).isEmpty()) {
      byte[] line = (JSON.writeValueAsString(now) + "\n").getBytes(StandardCharsets.UTF_8);
      HostFiles.writeAtomically(paths.checkpoint(), line, 0644);
    }
  }

  /** Names in string order without hidden ones, which are files being written. */
  private static List<String> names(Path folder) throws IOException {
    var names = new ArrayList<String>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return names.stream().filter(name -> !name.startsWith(".")).sorted().toList();
  }
}
