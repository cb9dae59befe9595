package io.sriov.node.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;

/**
 * The host's root folder, mounted somewhere. Absolute links in it, such as {@code /var/run}, are
 * followed as on the host; the kernel would lead out of it.
 *
 * @param folder e.g. {@code /host}
 */
record HostRoot(Path folder) {

  private static final int MOST_LINKS = 40;

  /**
   * Whether the host has something at this absolute path.
   *
   * @throws IOException if that cannot be told
   */
  boolean exists(String path) throws IOException {
    var left = new ArrayDeque<Path>();
    Path.of("/").resolve(path).normalize().forEach(left::add);
    Path at = folder;
    int links = 0;
    while (!left.isEmpty()) {
      Path next = at.resolve(left.poll()).normalize();
      if (!next.startsWith(folder)) {
        next = folder;
      }
      if (Files.isSymbolicLink(next)) {
        if (++links > MOST_LINKS) {
          throw new IOException("too many links in " + path);
        }
        Path target = Files.readSymbolicLink(next);
        var names = new ArrayDeque<Path>();
        target.forEach(names::add);
        names.descendingIterator().forEachRemaining(left::addFirst);
        at = target.isAbsolute() ? folder : at;
      } else if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
        if (Files.notExists(next, LinkOption.NOFOLLOW_LINKS)) {
          return false;
        }
        throw new IOException("cannot tell whether " + path + " exists");
      } else {
        at = next;
      }
    }
    return true;
  }
}
