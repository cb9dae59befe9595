package io.sriov.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HttpEndpointsTest {

  private final HttpClient http = HttpClient.newHttpClient();
  private final PrometheusRegistry registry = new PrometheusRegistry();

  @Test
  void saysWhyItIsNotReadyUntilItIs() throws Exception {
    var reason = new AtomicReference<>(Optional.of("waiting for the caches"));
    var address = freeAddress();
    try (var endpoints = HttpEndpoints.start(address, reason::get, BindAddress.OFF, registry)) {
      assertThat(get(address, "/healthz").statusCode()).isEqualTo(200);
      assertThat(get(address, "/readyz").statusCode()).isEqualTo(503);
      assertThat(get(address, "/readyz").body()).isEqualTo("waiting for the caches\n");
      reason.set(Optional.empty());
      assertThat(get(address, "/readyz").statusCode()).isEqualTo(200);
      assertThat(get(address, "/metrics").statusCode()).isEqualTo(404);
    }
    assertThatThrownBy(() -> get(address, "/healthz")).isInstanceOf(ConnectException.class);
  }

  @Test
  void servesMetricsAsTextOnTheSameOrAnotherAddress() throws Exception {
    Counter.builder().name("passes_total").help("Passes").register(registry).inc(3);
    var shared = freeAddress();
    var own = freeAddress();
    for (var metrics : new BindAddress[] {shared, own}) {
      try (var endpoints = HttpEndpoints.start(shared, Optional::empty, metrics, registry)) {
        var answer = get(metrics, "/metrics");
        assertThat(answer.body()).contains("# TYPE passes_total counter\npasses_total 3.0\n");
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
            .startsWith("text/plain; version=0.0.4");
        assertThat(get(shared, "/readyz").statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void namesTheAddressThatIsTaken() throws Exception {
    try (var taken = new ServerSocket(0)) {
      var address = new BindAddress("", taken.getLocalPort());
      assertThatThrownBy(
              () -> HttpEndpoints.start(address, Optional::empty, BindAddress.OFF, registry))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on")
          .hasMessageContaining(":" + taken.getLocalPort());
    }
  }

  private HttpResponse<String> get(BindAddress address, String path) throws Exception {
    var uri = URI.create("http://127.0.0.1:" + address.port() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static BindAddress freeAddress() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return new BindAddress("127.0.0.1", socket.getLocalPort());
    }
  }
}
