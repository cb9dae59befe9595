package io.sriov.deviceplugin.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.deviceplugin.host.HostDeviceFiles;
import io.sriov.deviceplugin.pool.Facts;
import io.sriov.kubelet.UnixGrpc;
import io.sriov.linux.sysfs.Sysfs;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {

  @TempDir Path root;

  /** It swallows its own failures, so nothing else would notice that it stopped working. */
  @Test
  void goesThroughServingAPoolAndLeavesNoDeviceInfo() {
    var info = root.resolve("devinfo");
    try (var grpc = new UnixGrpc()) {
      var allocator =
          new Allocator(
              new HostDeviceFiles(new Sysfs(root), root),
              new DeviceInfoFolder(info),
              Optional.empty(),
              Clock.systemUTC());
      assertThat(Rehearsal.run(grpc, allocator, Facts.of(List.of(), false))).isTrue();
    }
    assertThat(info).doesNotExist();
  }
}
