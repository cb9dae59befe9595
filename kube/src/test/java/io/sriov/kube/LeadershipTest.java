package io.sriov.kube;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.sriov.lab.ApiServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeadershipTest {

  @Test
  void passesToTheNextCandidateWhenTheLeaderGivesItUp() throws Exception {
    var namespace = Cluster.newNamespace();
    var lost = new AtomicInteger();
    var first =
        Leadership.contest(Cluster.CLIENT, namespace, "operator", "a", lost::incrementAndGet);
    first.await();
    assertThat(holder(namespace)).isEqualTo("a");

    try (var second = Leadership.contest(Cluster.CLIENT, namespace, "operator", "b", () -> {})) {
      first.close();
      await().atMost(10, SECONDS).untilAtomic(lost, equalTo(1));
      second.await();
      assertThat(holder(namespace)).isEqualTo("b");
    }
  }

  @Test
  void aRenewalIsOneRequestAndKeepsWhatOthersWrote() throws Exception {
    var namespace = Cluster.newNamespace();
    var requests = Collections.synchronizedList(new ArrayList<String>());
    try (var client = client(request -> requests.add(request.method()));
        var leader = Leadership.contest(client, namespace, "operator", "a", () -> {})) {
      leader.await();
      awaitRenewal(namespace);
      requests.clear();
      awaitRenewal(namespace);
      assertThat(requests).isNotEmpty().containsOnly("PUT");

      write(namespace, "{\"metadata\":{\"labels\":{\"other\":\"s\"}}}");
      awaitRenewal(namespace);
      awaitRenewal(namespace);
      assertThat(lease(namespace).getMetadata().getLabels()).containsEntry("other", "s");
      requests.clear();
      awaitRenewal(namespace);
      assertThat(requests).isNotEmpty().containsOnly("PUT");
    }
  }

  @Test
  void isLostWhenAnotherHasTakenTheLease() throws Exception {
    var namespace = Cluster.newNamespace();
    var lost = new AtomicInteger();
    try (var leader =
        Leadership.contest(Cluster.CLIENT, namespace, "operator", "a", lost::incrementAndGet)) {
      leader.await();
      write(namespace, "{\"spec\":{\"holderIdentity\":\"thief\"}}");
      await().atMost(20, SECONDS).untilAtomic(lost, equalTo(1));
      assertThat(holder(namespace)).isEqualTo("thief");
    }
    assertThat(lost).hasValue(1);
  }

  /** What waits for an answer does not look at the time; the lease is another's after 40 s. */
  @Test
  void isGivenUpInTimeWhenTheApiServerDoesNotAnswer() throws Exception {
    var namespace = Cluster.newNamespace();
    var lost = new AtomicInteger();
    var silent = new AtomicBoolean();
    var answers = new CountDownLatch(1);
    try (var client =
            client(request -> {
              if (silent.get()) {
                answers.await();
              }
            });
        var leader =
            Leadership.contest(client, namespace, "operator", "a", lost::incrementAndGet)) {
      leader.await();
      awaitRenewal(namespace);
      silent.set(true);
      try {
        await().between(30, SECONDS, 40, SECONDS).untilAtomic(lost, equalTo(1));
      } finally {
        answers.countDown();
      }
    }
    assertThat(lost).hasValue(1);
  }

  /** What happens before each request. */
  private interface Before {
    void request(HttpRequest request) throws InterruptedException;
  }

  private static KubernetesClient client(Before before) {
    Interceptor interceptor =
        new Interceptor() {
          @Override
          public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            try {
              before.request(request);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(ApiServer.shared().kubeconfig().toFile()))
        .withHttpClientFactory(
            new JdkHttpClientFactory() {
              @Override
              public HttpClient.Builder newBuilder(Config of) {
                return super.newBuilder(of).addOrReplaceInterceptor("test", interceptor);
              }
            })
        .build();
  }

  /** Without a version, so never refused for a renewal that came between. */
  private static void write(String namespace, String patch) {
    Cluster.CLIENT
        .leases()
        .inNamespace(namespace)
        .withName("operator")
        .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }

  private static void awaitRenewal(String namespace) {
    var before = lease(namespace).getSpec().getRenewTime();
    await()
        .atMost(8, SECONDS)
        .until(() -> !lease(namespace).getSpec().getRenewTime().equals(before));
  }

  private static Lease lease(String namespace) {
    return Cluster.CLIENT.leases().inNamespace(namespace).withName("operator").get();
  }

  private static String holder(String namespace) {
    return Cluster.CLIENT
        .leases()
        .inNamespace(namespace)
        .withName("operator")
        .get()
        .getSpec()
        .getHolderIdentity();
  }
}
