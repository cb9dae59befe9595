package io.sriov.operator;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.function.Consumer;

/**
 * Stands between a client and the API server: the next request that matches is handed to the test,
 * which may have it done, and gets no answer, nor does any that follows until {@link #mend}.
 */
final class LostAnswers implements AutoCloseable, Interceptor {

  private final HttpServer nobody;
  private String requests = "";
  private Consumer<String> first = _ -> {};
  private int lost;

  LostAnswers() throws IOException {
    nobody = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    nobody.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          took(new String(body, java.nio.charset.StandardCharsets.UTF_8));
          exchange.close();
        });
    nobody.start();
  }

  private synchronized void took(String body) {
    if (lost++ == 0) {
      first.accept(body);
    }
  }

  /**
   * @param matching regular expression of method and URI
   * @param done takes the body of the first of them
   */
  synchronized void lose(String matching, Consumer<String> done) {
    requests = matching;
    first = done;
    lost = 0;
  }

  synchronized void mend() {
    requests = "";
  }

  synchronized int lost() {
    return lost;
  }

  @Override
  public synchronized void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (!requests.isEmpty() && (request.method() + " " + request.uri()).matches(requests)) {
      BasicBuilder unused =
          builder.uri(URI.create("http://127.0.0.1:" + nobody.getAddress().getPort() + "/"));
    }
  }

  /** A client as {@code config} says whose requests pass through here. */
  KubernetesClient client(Config config) {
    config.setRequestRetryBackoffInterval(1);
    config.setRequestRetryBackoffLimit(2);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(
            new JdkHttpClientFactory() {
              @Override
              public HttpClient.Builder newBuilder(Config of) {
                return super.newBuilder(of).addOrReplaceInterceptor("lost", LostAnswers.this);
              }
            })
        .build();
  }

  @Override
  public void close() {
    nobody.stop(0);
  }
}
