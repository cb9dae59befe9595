package io.sriov.cni.wire;

import java.io.IOException;

/** The forwarder went away, or stays silent for too long. */
public final class ConnectionLost extends IOException {

  private static final long serialVersionUID = 1L;

  public ConnectionLost(String message) {
    super(message);
  }
}
