package io.sriov.cni;

import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.Sysfs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * The server in a process of its own over the folder and the host namespace of a {@link VethNode},
 * for tests that kill it and for the bench.
 */
public final class CniServerMain {

  private CniServerMain() {}

  /**
   * Serves until it is ended.
   *
   * @param args folder, path of the host namespace
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    CniSettings settings =
        new CniSettings(
            folder.resolve("cni.sock"),
            folder.resolve("state"),
            folder.resolve("root"),
            new Sysfs(folder.resolve("sys")),
            NetNamespace.open(Path.of(args[1])),
            new FakePf(folder.resolve("pf")),
            Duration.ofSeconds(60),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            CniSettings.InfiniBand.in(folder.resolve("root"), new Sysfs(folder.resolve("sys"))));
    CniServer server = CniServer.start(settings, (command, code, took) -> {});
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    new CountDownLatch(1).await();
  }
}
