package io.sriov.node.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sriov.linux.file.HostFiles;
import io.sriov.node.host.SupportedNic;
import io.sriov.plan.node.BootServices;
import io.sriov.plan.node.BootServices.Result;
import io.sriov.plan.node.BootUnit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The files by which daemon and boot services talk to each other. */
final class ServiceFiles {

  private static final YAMLMapper YAML = new YAMLMapper();

  private final BootPaths paths;

  ServiceFiles(BootPaths paths) {
    this.paths = paths;
  }

  Optional<String> text(String path) throws IOException {
    return HostFiles.read(paths.host(path)).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  List<BootServices.Unit> units() throws IOException {
    var units = new ArrayList<BootServices.Unit>();
    for (BootUnit unit : BootUnit.ALL) {
      Optional<String> content = text(unit.path());
      if (content.isPresent()) {
        boolean enabled = Files.exists(paths.host(unit.link()), LinkOption.NOFOLLOW_LINKS);
        units.add(new BootServices.Unit(unit.name(), content.get(), enabled));
      }
    }
    return units;
  }

  ServiceConfig config() throws IOException {
    try {
      return ServiceConfig.parse(text(BootServices.CONFIG_FILE).orElse(""));
    } catch (IOException e) {
      throw new IOException(BootServices.CONFIG_FILE + ": " + e.getMessage(), e);
    }
  }

  /** Empty without a report, also in a file that is empty because its writer was cut short. */
  Optional<Result> result() throws IOException {
    String text = text(BootServices.RESULT_FILE).orElse("");
    if (text.isBlank()) {
      return Optional.empty();
    }
    JsonNode document;
    try {
      document = YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IOException("not YAML: " + e.getOriginalMessage(), e);
    }
    if (!document.path("syncStatus").isTextual()) {
      throw new IOException("no syncStatus in it");
    }
    return Optional.of(
        new Result(document.path("syncStatus").asText(), document.path("lastSyncError").asText()));
  }

  void writeResult(Result result) throws IOException {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("syncStatus", result.syncStatus());
    document.put("lastSyncError", result.lastSyncError());
    HostFiles.writeAtomically(
        paths.host(BootServices.RESULT_FILE),
        GoYaml.write(document).getBytes(StandardCharsets.UTF_8),
        0644);
  }

  void removeResult() throws IOException {
    boolean unused = HostFiles.delete(paths.host(BootServices.RESULT_FILE));
  }

  /** One card model a line, sorted. */
  static String lines(List<SupportedNic> nics) {
    var lines = new TreeSet<String>();
    nics.forEach(nic -> lines.add(nic.vendor() + " " + nic.pfDevice() + " " + nic.vfDevice()));
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  /**
   * @throws IOException also if the file is missing: then nothing says what may be configured
   */
  List<SupportedNic> supportedNics() throws IOException {
    String text =
        text(BootServices.SUPPORTED_NICS_FILE)
            .orElseThrow(() -> new IOException("there is no " + BootServices.SUPPORTED_NICS_FILE));
    var data = new LinkedHashMap<String, String>();
    text.lines()
        .filter(line -> !line.isBlank())
        .forEach(line -> data.put("line " + (data.size() + 1), line));
    try {
      return SupportedNic.parse(data);
    } catch (IllegalArgumentException e) {
      throw new IOException(BootServices.SUPPORTED_NICS_FILE + ": " + e.getMessage(), e);
    }
  }
}
