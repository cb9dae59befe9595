package io.sriov.kube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Plain HTTP for the kubelet and Prometheus: {@code /healthz} (the process answers), {@code
 * /readyz} (200, or 503 with the reason) and {@code /metrics}.
 */
public final class HttpEndpoints implements AutoCloseable {

  private static final String TEXT = "text/plain; charset=utf-8";

  private final List<HttpServer> servers;

  private HttpEndpoints(List<HttpServer> servers) {
    this.servers = servers;
  }

  /**
   * Starts what is not {@link BindAddress#OFF}; equal addresses share a server.
   *
   * @param notReady why the process is not ready, empty when it is
   * @throws IOException if an address cannot be bound; the message names it
   */
  public static HttpEndpoints start(
      BindAddress health,
      Supplier<Optional<String>> notReady,
      BindAddress metrics,
      PrometheusRegistry registry)
      throws IOException {
    Map<InetSocketAddress, HttpServer> servers = new LinkedHashMap<>();
    try {
      var healthAddress = health.socketAddress();
      if (healthAddress.isPresent()) {
        var server = serverAt(healthAddress.get(), servers);
        server.createContext("/healthz", exchange -> answer(exchange, 200, TEXT, "ok"));
        server.createContext("/readyz", exchange -> readiness(exchange, notReady));
      }
      var metricsAddress = metrics.socketAddress();
      if (metricsAddress.isPresent()) {
        serverAt(metricsAddress.get(), servers)
            .createContext("/metrics", exchange -> scrape(exchange, registry));
      }
    } catch (IOException e) {
      servers.values().forEach(server -> server.stop(0));
      throw e;
    }
    servers.values().forEach(HttpServer::start);
    return new HttpEndpoints(List.copyOf(servers.values()));
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
  }

  private static HttpServer serverAt(
      InetSocketAddress address, Map<InetSocketAddress, HttpServer> servers) throws IOException {
    var known = servers.get(address);
    if (known != null) {
      return known;
    }
    try {
      // The server's own thread does the work: probes and scrapes are short, and a slow client must
      // not be able to make more threads.
      var server = HttpServer.create(address, 16);
      servers.put(address, server);
      return server;
    } catch (IOException e) {
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
  }

  private static void readiness(HttpExchange exchange, Supplier<Optional<String>> notReady)
      throws IOException {
    var reason = notReady.get();
    answer(exchange, reason.isEmpty() ? 200 : 503, TEXT, reason.orElse("ok"));
  }

  private static void scrape(HttpExchange exchange, PrometheusRegistry registry)
      throws IOException {
    var writer =
        ExpositionFormats.init().findWriter(exchange.getRequestHeaders().getFirst("Accept"));
    var body = new ByteArrayOutputStream(8192);
    writer.write(body, registry.scrape());
    answer(exchange, 200, writer.getContentType(), body.toByteArray());
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    answer(exchange, status, type, (body + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    try (exchange) {
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }
}
