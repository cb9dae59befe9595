package io.sriov.plan.network;

/** A network that cannot be rendered; the message names the field. */
public final class NetworkError extends Exception {

  private static final long serialVersionUID = 1L;

  NetworkError(String message) {
    super(message);
  }
}
