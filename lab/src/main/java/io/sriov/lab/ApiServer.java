package io.sriov.lab;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real kube-apiserver with its etcd, on loopback ports of its own, ready about three seconds
 * after {@link #start()}.
 *
 * <p>There are no controllers and no nodes: a deleted namespace stays {@code Terminating} (let each
 * test make its own), owned objects are not collected, pods stay {@code Pending}. Authorization is
 * RBAC as on a cluster; the administrator is in {@code system:masters} and may do everything,
 * {@link #tokenFor} gives the credentials of a service account that may do only what its bindings
 * say. Both processes end with this JVM, however it ends.
 */
public final class ApiServer implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Pattern TOKEN = Pattern.compile("\"token\":\\s*\"([^\"]+)\"");

  private final Workspace workspace;
  private final Path etcdProgram;
  private final Path apiServerProgram;
  private final String adminToken = UUID.randomUUID().toString();
  private final LoopbackPorts ports = LoopbackPorts.reserve(3);
  private final BoundProcess etcd;
  private BoundProcess server;

  private ApiServer(Path programs) {
    workspace = Workspace.create("apiserver");
    etcdProgram = programs.resolve("etcd");
    apiServerProgram = programs.resolve("kube-apiserver");
    workspace.write("tokens.csv", adminToken + ",admin,admin,system:masters\n");
    workspace.write("service-accounts.key", ServiceAccountKey.generatePem());
    etcd = startEtcd();
    server = startServer();
  }

  /** The one API server that all tests of this JVM share; it is started by the first who asks. */
  public static ApiServer shared() {
    return Shared.INSTANCE;
  }

  /**
   * Starts an API server of one's own, for tests that stop it or need an empty one.
   *
   * @throws IllegalStateException when it is not ready in 60 s; the message has the last lines of
   *     its log
   */
  public static ApiServer start() {
    ApiServer started = new ApiServer(Tools.programs());
    try {
      started.awaitReady();
    } catch (RuntimeException e) {
      started.close();
      throw e;
    }
    return started;
  }

  /** {@code https://127.0.0.1:PORT}; stays the same over {@link #interrupt} and {@link #resume}. */
  public URI url() {
    return URI.create("https://127.0.0.1:" + ports.get(0));
  }

  /** The bearer token of a member of {@code system:masters}. */
  public String adminToken() {
    return adminToken;
  }

  /** PEM file to trust for {@link #url}. */
  public Path caCertificate() {
    return workspace.path("certificates/apiserver.crt");
  }

  /** Kubeconfig file of the administrator. */
  public Path kubeconfig() {
    return kubeconfig(adminToken);
  }

  /** Kubeconfig file for the bearer of {@code token}. */
  public Path kubeconfig(String token) {
    return workspace.write(
        "kubeconfig-" + Integer.toHexString(token.hashCode()),
        """
        apiVersion: v1
        kind: Config
        current-context: lab
        clusters:
        - {name: lab, cluster: {server: "%s", certificate-authority: "%s"}}
        users:
        - {name: lab, user: {token: "%s"}}
        contexts:
        - {name: lab, context: {cluster: lab, user: lab}}
        """
            .formatted(url(), caCertificate(), token));
  }

  /**
   * A token of an existing service account, valid for one hour; with it a client has exactly the
   * rights that the account's bindings give it.
   *
   * @throws IllegalStateException when the service account does not exist
   */
  public String tokenFor(String namespace, String serviceAccount) {
    String path =
        "/api/v1/namespaces/%s/serviceaccounts/%s/token".formatted(namespace, serviceAccount);
    HttpResponse<String> response =
        http()
            .post(
                path,
                "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{}}");
    Matcher token = TOKEN.matcher(response.body());
    if (response.statusCode() != 201 || !token.find()) {
      throw new IllegalStateException(
          "no token for service account %s/%s: HTTP %d %s"
              .formatted(namespace, serviceAccount, response.statusCode(), response.body()));
    }
    return token.group(1);
  }

  /** Begins an outage: kills the API server; etcd keeps its data. Does nothing during an outage. */
  public synchronized void interrupt() {
    server.kill();
  }

  /** Ends an outage: starts the API server again on the same port and waits until it is ready. */
  public synchronized void resume() {
    if (!server.isAlive()) {
      server = startServer();
    }
    awaitReady();
  }

  @Override
  public synchronized void close() {
    server.kill();
    etcd.kill();
    workspace.close();
  }

  private BoundProcess startEtcd() {
    String clients = "http://127.0.0.1:" + ports.get(1);
    String peers = "http://127.0.0.1:" + ports.get(2);
    return BoundProcess.start(
        workspace.path("etcd.log"),
        List.of(
            etcdProgram.toString(),
            "--data-dir=" + workspace.path("etcd"),
            "--listen-client-urls=" + clients,
            "--advertise-client-urls=" + clients,
            "--listen-peer-urls=" + peers,
            "--initial-advertise-peer-urls=" + peers,
            "--initial-cluster=default=" + peers,
            "--unsafe-no-fsync",
            "--log-level=warn"));
  }

  private BoundProcess startServer() {
    Path key = workspace.path("service-accounts.key");
    return BoundProcess.start(
        workspace.path("apiserver.log"),
        List.of(
            apiServerProgram.toString(),
            "--etcd-servers=http://127.0.0.1:" + ports.get(1),
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--secure-port=" + ports.get(0),
            "--cert-dir=" + workspace.path("certificates"),
            "--token-auth-file=" + workspace.path("tokens.csv"),
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-signing-key-file=" + key,
            "--service-account-key-file=" + key,
            "--service-cluster-ip-range=10.96.0.0/16",
            "--allow-privileged=true",
            // Nobody creates the default service accounts here, and without one no pod would be
            // accepted.
            "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none",
            "--profiling=false"));
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      if (!etcd.isAlive()) {
        throw new IllegalStateException("etcd ended:\n" + etcd.lastLines());
      }
      if (!server.isAlive()) {
        throw new IllegalStateException("kube-apiserver ended:\n" + server.lastLines());
      }
      if (Files.exists(caCertificate()) && http().isOk("/readyz")) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "kube-apiserver not ready in %d s:\n%s"
                .formatted(START_LIMIT.toSeconds(), server.lastLines()));
      }
      pause();
    }
  }

  private ApiHttp http() {
    return new ApiHttp(url(), caCertificate(), adminToken);
  }

  /** Readiness is only to be had by asking. */
  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(50));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the API server", e);
    }
  }

  private static final class Shared {
    static final ApiServer INSTANCE = start();

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(INSTANCE::close));
    }
  }
}
