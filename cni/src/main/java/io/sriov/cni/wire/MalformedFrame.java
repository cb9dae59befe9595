package io.sriov.cni.wire;

import java.io.IOException;

/** The peer does not speak our protocol. */
public final class MalformedFrame extends IOException {

  private static final long serialVersionUID = 1L;

  MalformedFrame(String message) {
    super(message);
  }
}
