package io.sriov.cni.rdma;

import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.json.JsonWriter;
import io.sriov.cni.plugin.RdmaHardware;
import io.sriov.cni.plugin.StateFolder;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.linux.LinuxException;
import io.sriov.linux.file.FileLock;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The host as the plugin uses it.
 *
 * @param netns where RDMA devices are while no pod has them
 * @param vfs asked for the addresses of VFs only
 * @param states {@code /var/lib/cni/rdma}
 * @param locks a file per device, {@code /run/cni/rdma}
 * @param lockTimeout longest wait for another call on the same device
 */
record RdmaHost(
    NetNamespace netns,
    Sysfs sysfs,
    VfHardware vfs,
    RdmaHardware rdma,
    StateFolder states,
    StateFolder locks,
    Duration lockTimeout) {

  private static final int LOCK_MODE = 0600;

  /** What a state file holds. */
  sealed interface Stored {
    record Missing() implements Stored {}

    record Unreadable(String reason) implements Stored {}

    record Present(RdmaState state) implements Stored {}
  }

  Stored read(String file) throws IOException {
    Optional<byte[]> content = states.read(file);
    if (content.isEmpty()) {
      return new Stored.Missing();
    }
    try {
      return new Stored.Present(RdmaState.of(JsonReader.read(content.get())));
    } catch (JsonException e) {
      return new Stored.Unreadable(String.valueOf(e.getMessage()));
    }
  }

  void write(String file, RdmaState state) throws IOException {
    states.write(file, JsonWriter.compact(state.json()));
  }

  /** The lock of a device; only calls of this plugin take it. */
  FileLock lock(String device, Duration timeout) throws IOException {
    try {
      return FileLock.acquire(locks.make().resolve(device + ".lock"), LOCK_MODE, timeout);
    } catch (LinuxException e) {
      throw new LinuxException(
          e.errno(), "lock " + device, "another call works on it; " + e.detail());
    }
  }

  /** Puts a device back that a pod has; done twice it changes nothing. */
  void bringBack(RdmaState state, NetNamespace pod) throws LinuxException {
    String device = state.moved().inPod();
    if (!pod.sameAs(netns) && rdma.isExclusive() && rdma.isIn(pod, device)) {
      rdma.move(device, pod, netns);
    }
  }
}
