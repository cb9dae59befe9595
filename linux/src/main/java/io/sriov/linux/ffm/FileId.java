package io.sriov.linux.ffm;

/** Identity of an open file: {@code st_dev} and {@code st_ino}. */
public record FileId(long device, long inode) {}
