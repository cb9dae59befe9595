package io.sriov.node.reconcile;

import io.sriov.linux.file.HostFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host file that the device plugin follows. It exists only on a node that was configured since
 * it booted, because it is on a tmpfs: so the plugin advertises nothing before that.
 */
final class PluginConfigFile {

  private static final Logger log = LoggerFactory.getLogger(PluginConfigFile.class);

  /** What the plugin gets when its node has no resources any more. */
  private static final String NOTHING = "{\"resourceList\":null}";

  private final Path file;

  PluginConfigFile(Path file) {
    this.file = file;
  }

  /**
   * Writes {@code config} if it differs from what is there.
   *
   * @param config the node's key of the ConfigMap; absent empties a file that is there
   */
  void write(@Nullable String config) throws IOException {
    if (config == null && !Files.exists(file)) {
      return;
    }
    byte[] content = (config == null ? NOTHING : config).getBytes(StandardCharsets.UTF_8);
    if (HostFiles.read(file).filter(found -> Arrays.equals(found, content)).isEmpty()) {
      HostFiles.writeAtomically(file, content, 0644);
      log.info("device plugin configuration written to {}", file);
    }
  }
}
