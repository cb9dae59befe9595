package io.sriov.linux.ffm;

/**
 * Identity of an open file, to be compared with others from the same source.
 *
 * @param device number of the file system
 * @param inode {@code st_ino}
 */
public record FileId(long device, long inode) {}
