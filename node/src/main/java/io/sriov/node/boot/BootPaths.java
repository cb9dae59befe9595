package io.sriov.node.boot;

import java.nio.file.Path;

/**
 * Where the host and its kernel are seen.
 *
 * @param root the host's root folder
 * @param proc procfs
 * @param sys sysfs
 */
public record BootPaths(Path root, Path proc, Path sys) {

  /**
   * @param hostPath absolute, as the host sees it
   */
  Path host(String hostPath) {
    return root.resolve(hostPath.substring(1));
  }
}
