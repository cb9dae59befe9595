package io.sriov.node.reconcile;

import io.sriov.linux.file.HostFiles;
import io.sriov.plan.node.Inventory.Pf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host file that the device plugin follows. It exists only on a node that was configured since
 * it booted, because it is on a tmpfs: so the plugin advertises nothing before that.
 */
final class PluginConfigFile {

  private static final Logger log = LoggerFactory.getLogger(PluginConfigFile.class);

  private final Path file;

  PluginConfigFile(Path file) {
    this.file = file;
  }

  /**
   * Writes what may be offered, if it differs from what is there.
   *
   * @param wanted the node's key of the ConfigMap; absent empties a file that is there
   * @param unsettled PFs of which nothing new is offered
   */
  void write(@Nullable String wanted, Collection<Pf> unsettled) throws IOException {
    String present =
        HostFiles.read(file).map(found -> new String(found, StandardCharsets.UTF_8)).orElse(null);
    Optional<String> offered = PluginConfig.offered(wanted, present, unsettled);
    if (offered.isPresent() && !offered.get().equals(present)) {
      HostFiles.writeAtomically(file, offered.get().getBytes(StandardCharsets.UTF_8), 0644);
      log.info("device plugin configuration written to {}", file);
    }
  }
}
