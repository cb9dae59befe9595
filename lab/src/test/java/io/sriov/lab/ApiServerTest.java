package io.sriov.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ApiServerTest {

  private final ApiServer shared = ApiServer.shared();

  @Test
  void servesTheAdministrator() {
    assertThat(administrator(shared).isOk("/api/v1/namespaces/default")).isTrue();
  }

  @Test
  void writesAKubeconfigThatNamesTheServer() {
    assertThat(shared.kubeconfig())
        .content()
        .contains(shared.url().toString(), shared.adminToken());
  }

  @Test
  void givesAServiceAccountOnlyTheRightsItIsBoundTo() {
    ApiHttp admin = administrator(shared);
    created(
        admin,
        "/api/v1/namespaces/default/serviceaccounts",
        "{\"metadata\":{\"name\":\"reader\"}}");
    created(
        admin,
        "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
        """
        {"metadata":{"name":"reader"},
         "rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["list"]}]}
        """);
    created(
        admin,
        "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
        """
        {"metadata":{"name":"reader"},
         "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"reader"},
         "subjects":[{"kind":"ServiceAccount","name":"reader","namespace":"default"}]}
        """);

    ApiHttp reader =
        new ApiHttp(shared.url(), shared.caCertificate(), shared.tokenFor("default", "reader"));

    // The authorizer learns of the binding through a watch of its own.
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> reader.isOk("/api/v1/namespaces/default/configmaps"));
    assertThat(reader.isOk("/api/v1/namespaces/default/secrets")).isFalse();
  }

  @Test
  void namesTheServiceAccountThatDoesNotExist() {
    assertThatThrownBy(() -> shared.tokenFor("default", "nobody"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("default/nobody")
        .hasMessageContaining("404");
  }

  @Test
  void keepsItsDataAndAddressOverAnOutage() {
    try (ApiServer own = ApiServer.start()) {
      ApiHttp admin = administrator(own);
      created(admin, "/api/v1/namespaces", "{\"metadata\":{\"name\":\"kept\"}}");

      own.interrupt();
      assertThat(admin.isOk("/api/v1/namespaces/kept")).isFalse();

      own.resume();
      assertThat(admin.isOk("/api/v1/namespaces/kept")).isTrue();
    }
  }

  @Test
  void endsWithAJvmThatIsKilled() throws IOException, InterruptedException {
    Path script = Files.createTempFile("orphan", ".log");
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OrphanMaker.class.getName(),
                script.toString())
            .inheritIO()
            .start();
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.size(script) > 0);
    ProcessHandle child =
        ProcessHandle.of(Long.parseLong(Files.readString(script).strip())).orElseThrow();

    jvm.destroyForcibly();

    assertThat(jvm.waitFor(10, TimeUnit.SECONDS)).isTrue();
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !child.isAlive());
    Files.delete(script);
  }

  /** A JVM that starts a program from a thread which ends at once, and then does nothing. */
  static final class OrphanMaker {
    public static void main(String[] arguments) throws Exception {
      Path report = Path.of(arguments[0]);
      Thread starter =
          Thread.ofPlatform()
              .start(() -> {
                BoundProcess sleep =
                    BoundProcess.start(Path.of("/dev/null"), List.of("sleep", "600"));
                try {
                  Files.writeString(report, Long.toString(sleep.pid()));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      starter.join();
      Thread.currentThread().join();
    }
  }

  private static ApiHttp administrator(ApiServer server) {
    return new ApiHttp(server.url(), server.caCertificate(), server.adminToken());
  }

  private static void created(ApiHttp client, String path, String json) {
    assertThat(client.post(path, json).statusCode()).as(path).isEqualTo(201);
  }
}
