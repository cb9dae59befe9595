package io.sriov.node.reconcile;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Answers some requests of a client in place of the API server, with codes that it may answer. */
final class Refusing implements AutoCloseable, Interceptor {

  private final HttpServer server;
  private final Deque<Integer> codes = new ArrayDeque<>();
  private final List<Integer> given = new ArrayList<>();
  private String requests = "";

  Refusing() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.createContext(
        "/",
        exchange -> {
          int code = Integer.parseInt(exchange.getRequestURI().getPath().substring(1));
          byte[] status =
              "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"refused by the test\",\"code\":%d}"
                  .formatted(code)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(code, status.length);
          exchange.getResponseBody().write(status);
          exchange.close();
        });
    server.start();
  }

  /**
   * The next requests get these codes, one each.
   *
   * @param matching regular expression of method and URI
   */
  synchronized void refuse(String matching, Integer... with) {
    requests = matching;
    codes.clear();
    codes.addAll(List.of(with));
  }

  /** Codes that were answered. */
  synchronized List<Integer> given() {
    return List.copyOf(given);
  }

  @Override
  public synchronized void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    String line = request.method() + " " + request.uri();
    if (!codes.isEmpty() && line.matches(requests)) {
      int code = codes.removeFirst();
      given.add(code);
      BasicBuilder unused =
          builder.uri(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + code));
    }
  }

  /** A client as the daemon's, but for the refusals. */
  KubernetesClient client(Path kubeconfig) {
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    config.setRequestRetryBackoffInterval(100);
    config.setRequestRetryBackoffLimit(7);
    config.setWatchReconnectInterval(500);
    config.setWatchReconnectLimit(-1);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(
            new JdkHttpClientFactory() {
              @Override
              public HttpClient.Builder newBuilder(Config of) {
                return super.newBuilder(of).addOrReplaceInterceptor("refusing", Refusing.this);
              }
            })
        .withKubernetesSerialization(
            new KubernetesSerialization(
                new ObjectMapper()
                    .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false),
                true))
        .build();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
