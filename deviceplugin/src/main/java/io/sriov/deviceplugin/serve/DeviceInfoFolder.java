package io.sriov.deviceplugin.serve;

import io.sriov.deviceplugin.allocation.DeviceInfo;
import io.sriov.linux.file.HostFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@code /var/run/k8s.cni.cncf.io/devinfo/dp}: one read-only file a device (spec 05 §7). */
public final class DeviceInfoFolder {

  private final Path folder;

  public DeviceInfoFolder(Path folder) {
    this.folder = folder;
  }

  void write(String resource, String deviceId, String text) throws IOException {
    HostFiles.writeAtomically(
        file(resource, deviceId), text.getBytes(StandardCharsets.UTF_8), 0444);
  }

  void delete(String resource, String deviceId) throws IOException {
    boolean unused = HostFiles.delete(file(resource, deviceId));
  }

  private Path file(String resource, String deviceId) {
    return folder.resolve(DeviceInfo.fileName(resource, deviceId));
  }
}
