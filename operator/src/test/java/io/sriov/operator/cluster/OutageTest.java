package io.sriov.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class OutageTest {

  @Test
  void noAnswerAndALateOnePass() {
    assertThat(Outage.explains(new CompletionException(new TimeoutException()))).isTrue();
    assertThat(Outage.explains(new KubernetesClientException("x", new IOException("reset"))))
        .isTrue();
    assertThat(Outage.explains(new KubernetesClientException("busy", 429, null))).isTrue();
    assertThat(Outage.explains(new KubernetesClientException("down", 503, null))).isTrue();
  }

  @Test
  void aRefusalAndADefectDoNot() {
    assertThat(Outage.explains(new KubernetesClientException("no", 403, null))).isFalse();
    assertThat(Outage.explains(new CompletionException(new IllegalStateException()))).isFalse();
  }
}
