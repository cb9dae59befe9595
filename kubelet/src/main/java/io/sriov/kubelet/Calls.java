package io.sriov.kubelet;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for answers. gRPC ends a call at its deadline, except when it loses sight of one: waits
 * without end are known of its blocking stubs (grpc-java 12456, 12648). A thread that waits for
 * ever would be a node's loop, so time ends here in any case.
 */
final class Calls {

  /** What the end of a call at its deadline may take on a busy node. */
  private static final long GRACE = Duration.ofSeconds(2).toNanos();

  private Calls() {}

  /**
   * @param end the call's deadline, a time of System.nanoTime
   * @throws StatusRuntimeException of the call; DEADLINE_EXCEEDED also when the call does not end
   */
  static <T> T answer(ListenableFuture<T> call, long end) {
    try {
      return call.get(end - System.nanoTime() + GRACE, TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw Status.fromThrowable(e).asRuntimeException();
    } catch (TimeoutException e) {
      call.cancel(true);
      throw Status.DEADLINE_EXCEEDED
          .withDescription("the call did not end at its deadline")
          .asRuntimeException();
    } catch (InterruptedException e) {
      call.cancel(true);
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException();
    }
  }
}
