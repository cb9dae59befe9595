package io.sriov.cni.wire;

import io.sriov.linux.ffm.Fd;
import java.io.IOException;
import java.util.Optional;

/**
 * The forwarder at the other end: it stands in the host's mount namespace, where the runtime
 * started it.
 */
public interface Caller {

  /**
   * Runs a plugin as the runtime would, found in {@code CNI_PATH}, with {@code CNI_COMMAND}
   * replaced.
   *
   * @param stdin empty for the bytes the call came with
   * @throws ConnectionLost if the forwarder is gone
   */
  Frame.Ran run(String plugin, String command, Optional<byte[]> stdin) throws IOException;

  /**
   * Returns as long as somebody waits for the result: a runtime that kills the forwarder has given
   * the call up.
   *
   * @throws ConnectionLost if the forwarder is gone
   */
  void requirePresent() throws ConnectionLost;

  /**
   * Opens a path of the host for reading.
   *
   * @throws io.sriov.linux.LinuxException with open's errno
   * @throws ConnectionLost if the forwarder is gone
   */
  Fd open(String path) throws IOException;
}
