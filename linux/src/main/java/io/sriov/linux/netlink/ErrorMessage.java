package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;

/**
 * Payload of NLMSG_ERROR and NLMSG_DONE. {@code struct nlmsgerr} from linux/netlink.h: error (int,
 * negative errno or 0), then the header of the request and, unless NLM_F_CAPPED, its payload; with
 * NLM_F_ACK_TLVS attributes follow. NLMSG_DONE has the error only, and the attributes.
 *
 * @param errno positive, 0 for success
 * @param text NLMSGERR_ATTR_MSG, empty if absent
 */
record ErrorMessage(int errno, String text) {

  private static final int ATTR_MSG = 1;

  static ErrorMessage parse(MessageHeader header, ByteBuffer in) throws LinuxException {
    if (in.remaining() < 4) {
      if (header.type() == MessageHeader.DONE) {
        return new ErrorMessage(0, "");
      }
      throw Malformed.because("error message of %d bytes".formatted(in.remaining()));
    }
    int error = in.getInt();
    if (header.type() == MessageHeader.ERROR && !skipRequest(header, in)) {
      return new ErrorMessage(-error, "");
    }
    String text = "";
    if ((header.flags() & MessageHeader.ACK_TLVS) != 0) {
      while (in.remaining() >= Attribute.HEADER) {
        Attribute attribute = Attribute.next(in);
        if (attribute.type() == ATTR_MSG) {
          text = attribute.text();
        }
      }
    }
    return new ErrorMessage(-error, text);
  }

  private static boolean skipRequest(MessageHeader header, ByteBuffer in) {
    if (in.remaining() < MessageHeader.SIZE) {
      return false;
    }
    int echoed =
        (header.flags() & MessageHeader.CAPPED) != 0
            ? MessageHeader.SIZE
            : Attribute.aligned(in.getInt(in.position()));
    if (echoed < MessageHeader.SIZE || echoed > in.remaining()) {
      return false;
    }
    in.position(in.position() + echoed);
    return true;
  }
}
