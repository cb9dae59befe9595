package io.sriov.linux.mount;

import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;

/**
 * Kind of file system by the magic number of {@code fstatfs(2)}.
 *
 * @param type {@code f_type}, see {@code linux/magic.h}
 */
public record Filesystem(long type) {

  /** {@code NSFS_MAGIC}. */
  public static final long NSFS = 0x6e736673L;

  /** {@code PROC_SUPER_MAGIC}: where namespaces lived before Linux 3.19. */
  public static final long PROCFS = 0x9fa0L;

  /** {@code SYSFS_MAGIC}. */
  public static final long SYSFS = 0x62656572L;

  /** The file system an open file lives on. */
  public static Filesystem of(Fd fd) throws LinuxException {
    return new Filesystem(fd.filesystemType());
  }

  /** Whether files here can be namespaces: nsfs, or procfs as old kernels have it. */
  public boolean isNamespace() {
    return type == NSFS || type == PROCFS;
  }
}
