package io.sriov.deviceplugin.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * Which socket a path leads to now. The time is compared too, because file systems use the inode
 * number of a deleted file again at once.
 */
record SocketFile(String key, long modified) {

  static Optional<SocketFile> at(Path path) {
    try {
      var attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return Optional.of(
          new SocketFile(
              String.valueOf(attributes.fileKey()), attributes.lastModifiedTime().toMillis()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
