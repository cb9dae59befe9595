package io.sriov.kubelet;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;

/** A call to the kubelet that failed, with the socket, the method and the gRPC status. */
public final class KubeletException extends IOException {

  private static final long serialVersionUID = 1;

  private final Status.Code code;

  KubeletException(Path socket, String method, Status status, Throwable cause) {
    super("kubelet %s on %s: %s".formatted(method, socket, text(status)), cause);
    this.code = status.getCode();
  }

  /**
   * Whether the same call may succeed later without anybody changing anything: the kubelet is not
   * listening, is starting, is too slow, or limits the rate of calls.
   */
  public boolean retryable() {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED -> true;
      default -> false;
    };
  }

  private static String text(Status status) {
    var description = status.getDescription();
    var cause = status.getCause();
    return status.getCode()
        + (description == null ? "" : ": " + description)
        + (cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")");
  }
}
