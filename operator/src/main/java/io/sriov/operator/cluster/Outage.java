package io.sriov.operator.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An API server that is away or overloaded, which passes by itself. */
public final class Outage {

  private Outage() {}

  /** Whether {@code failure} is no answer, or one that says "later". */
  public static boolean explains(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof KubernetesClientException e && e.getCode() > 0) {
        return e.getCode() == 429 || e.getCode() >= 500;
      }
      // An informer's first list gives up with the latter.
      if (cause instanceof IOException || cause instanceof TimeoutException) {
        return true;
      }
    }
    return false;
  }

  /** What went wrong, and what was at the bottom of it: the client says only the former. */
  public static String text(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root == failure
        ? String.valueOf(failure.getMessage())
        : failure.getMessage() + " " + root;
  }
}
