package io.sriov.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.SettableFuture;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CallsTest {

  @Test
  void isTheAnswerOrTheStatusOfTheCall() {
    assertThat(Calls.answer(Futures.immediateFuture("pods"), in(1))).isEqualTo("pods");
    assertThatThrownBy(() ->
            Calls.answer(
                Futures.immediateFailedFuture(
                    Status.UNAVAILABLE.withDescription("gone").asRuntimeException()),
                in(1)))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("UNAVAILABLE: gone");
  }

  @Test
  void givesUpACallThatDoesNotEndAtItsDeadline() {
    var call = SettableFuture.<String>create();
    assertThatThrownBy(() -> Calls.answer(call, in(0)))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("DEADLINE_EXCEEDED: the call did not end at its deadline");
    assertThat(call.isCancelled()).isTrue();
  }

  @Test
  void staysInterrupted() {
    var call = SettableFuture.<String>create();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Calls.answer(call, in(10)))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("CANCELLED: interrupted");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(call.isCancelled()).isTrue();
  }

  private static long in(int seconds) {
    return System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
  }
}
