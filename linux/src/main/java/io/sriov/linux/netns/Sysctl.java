package io.sriov.linux.netns;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of {@code /proc/sys/net} of one namespace. The kernel decides by the opening thread
 * whose settings they are.
 */
public final class Sysctl {

  private static final Path ROOT = Path.of("/proc/sys/net");

  private final NetNamespace namespace;

  /** The settings of {@code namespace}. */
  public Sysctl(NetNamespace namespace) {
    this.namespace = namespace;
  }

  /**
   * Value without white space around; empty if there is no such setting, e.g. without IPv6.
   *
   * @param key below {@code net}, e.g. {@code ipv6/conf/net1/disable_ipv6}
   */
  public Optional<String> read(String key) throws LinuxException {
    Path path = path(key);
    return namespace.call(() -> {
      try {
        return Optional.of(Files.readString(path).strip());
      } catch (NoSuchFileException e) {
        return Optional.empty();
      } catch (IOException e) {
        throw new LinuxException(Errno.EIO, "read " + path, String.valueOf(e.getMessage()));
      }
    });
  }

  /** Sets a value; ENOENT if there is no such setting. */
  public void write(String key, String value) throws LinuxException {
    Path path = path(key);
    String operation = "write " + value + " to " + path;
    long unused =
        namespace.call(() -> {
          try (Fd fd = Fd.open(path, Fd.WRITE_ONLY)) {
            return fd.writeOnce(value.getBytes(StandardCharsets.UTF_8), operation);
          } catch (LinuxException e) {
            throw new LinuxException(e.errno(), operation);
          }
        });
  }

  private static Path path(String key) {
    Path path = ROOT.resolve(key).normalize();
    if (!path.startsWith(ROOT)) {
      throw new IllegalArgumentException("not a setting: " + key);
    }
    return path;
  }
}
