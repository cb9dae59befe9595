package io.sriov.deviceplugin.serve;

import io.sriov.deviceplugin.allocation.Cdi;
import io.sriov.deviceplugin.allocation.DeviceFiles;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.linux.file.HostFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Where container runtimes look for CDI files (spec 05 §8).
 *
 * @param written {@code /var/run/cdi}
 * @param alsoCleaned {@code /etc/cdi}
 */
public record CdiFolders(Path written, Path alsoCleaned) {

  /** Writes the pool's file, or removes it when no device of the pool has nodes. */
  void write(Pool pool, Function<PoolDevice, DeviceFiles> files) throws IOException {
    var file = written.resolve(Cdi.fileName(pool.config()));
    var spec = Cdi.spec(pool, files);
    if (spec.isPresent()) {
      HostFiles.writeAtomically(file, spec.get().getBytes(StandardCharsets.UTF_8), 0644);
    } else {
      boolean unused = HostFiles.delete(file);
    }
  }

  void delete(Pool pool) throws IOException {
    boolean unused = HostFiles.delete(written.resolve(Cdi.fileName(pool.config())));
  }

  /** Deletes the files of this and of earlier processes, others' not. */
  public void clean() throws IOException {
    for (var folder : List.of(written, alsoCleaned)) {
      if (Files.isDirectory(folder)) {
        try (var ours = Files.newDirectoryStream(folder, Cdi.FILE_PREFIX + "*")) {
          for (var file : ours) {
            boolean unused = HostFiles.delete(file);
          }
        }
      }
    }
  }
}
