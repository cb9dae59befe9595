package io.sriov.linux.ffm;

/**
 * What one {@code recvmsg(2)} brought.
 *
 * @param bytes the content, at most what there was room for
 * @param length length of the whole message: more than {@code bytes} if asked with MSG_TRUNC
 * @param flags {@code msg_flags}
 * @param from address of the sender as {@code struct sockaddr}, empty if there is none
 * @param control ancillary data as a sequence of {@code struct cmsghdr}
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier inside this module, never compared
record Received(byte[] bytes, int length, int flags, byte[] from, byte[] control) {}
