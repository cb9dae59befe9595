package io.sriov.node.boot;

import io.sriov.node.host.Host;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Kernel modules that pods may need and upstream loads too (spec 03 §1.4). */
public final class PodModules {

  private static final List<String> NAMES = List.of("tun", "vhost_net");

  private static final Logger log = LoggerFactory.getLogger(PodModules.class);

  private PodModules() {}

  /** Loads them; one that cannot be loaded keeps nobody from anything else. */
  public static void load(Host host) {
    for (String module : NAMES) {
      try {
        host.loadModule(module);
      } catch (IOException e) {
        log.warn("module {} is not loaded: {}", module, e.getMessage());
      }
    }
  }
}
