package io.sriov.node;

import io.sriov.api.Names;
import io.sriov.cni.CniServer;
import io.sriov.cni.CniSettings;
import io.sriov.linux.file.HostFiles;
import io.sriov.linux.netns.NetNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CNI server, and the file that tells the forwarder whether to wait for one. It serves before
 * anything is known of the cluster: pods must be able to start and end while the API server is
 * away.
 */
final class CniPart implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(CniPart.class);

  private final CniServer server;
  private final Path uninstalled;
  private final BooleanSupplier leaves;

  private CniPart(CniServer server, Path uninstalled, BooleanSupplier leaves) {
    this.server = server;
    this.uninstalled = uninstalled;
    this.leaves = leaves;
  }

  /**
   * Starts to serve.
   *
   * @param leaves asked at the end, whether no other daemon will serve here
   */
  static CniPart start(
      DaemonSettings settings, CniServer.CallListener calls, BooleanSupplier leaves)
      throws IOException {
    Path uninstalled = settings.hostRoot().resolve(Names.UNINSTALLED_FILE.substring(1));
    boolean unused = HostFiles.delete(uninstalled);
    NetNamespace host = NetNamespace.current();
    try {
      var server =
          CniServer.start(
              CniSettings.in(settings.cniSocket(), settings.hostRoot(), settings.sysfs(), host),
              calls);
      return new CniPart(server, uninstalled, leaves);
    } catch (IOException e) {
      host.close();
      throw e;
    }
  }

  /**
   * The file first: calls in flight may outlast the kubelet's patience, and nobody looks at it
   * while the socket answers.
   */
  @Override
  public void close() {
    if (leaves.getAsBoolean()) {
      try {
        HostFiles.writeAtomically(uninstalled, new byte[0], 0644);
        log.info("no daemon will follow: the CNI forwarder ends attachments by itself from now on");
      } catch (IOException e) {
        log.error(
            "pods with a VF may not end, {} cannot be written: {}", uninstalled, e.getMessage());
      }
    }
    server.close();
  }

  /** See {@link CniServer#restore}. */
  void restore(String vf) {
    server.restore(vf);
  }

  /** What containers hold by the CNI server's account, see {@link CniServer#attachments}. */
  Map<String, String> attachments() throws IOException {
    return server.attachments();
  }
}
