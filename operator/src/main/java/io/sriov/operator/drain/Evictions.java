package io.sriov.operator.drain;

import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.PreconditionsBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.api.model.policy.v1.Eviction;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells pods to leave. */
final class Evictions {

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final KubernetesClient client;
  private final KubernetesClient once;
  private final Clock clock;

  Evictions(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
    // A budget answers 429, which the client would take for a busy server and repeat for seconds.
    once =
        client
            .newClient(new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build())
            .adapt(KubernetesClient.class);
  }

  /**
   * Evicts all that were not told to end before, at the same time.
   *
   * @return those that are still there
   */
  List<Remaining> evict(List<PodFacts> pods) throws InterruptedException {
    return each(
        pods,
        pod ->
            pod.leavingSince().isPresent()
                ? Optional.of(new Remaining.Leaving(pod, pod.leavingSince().get()))
                : evict(pod));
  }

  /** Deletes pods with their own grace period, whatever budgets say. */
  List<Remaining> delete(List<PodFacts> pods) throws InterruptedException {
    return each(pods, this::delete);
  }

  private Optional<Remaining> evict(PodFacts pod) {
    try {
      var unused =
          once.raw(
              "/api/v1/namespaces/%s/pods/%s/eviction".formatted(pod.namespace(), pod.name()),
              "POST",
              eviction(pod));
      return Optional.of(new Remaining.Leaving(pod, now()));
    } catch (KubernetesClientException e) {
      return refused(pod, e);
    }
  }

  private static Eviction eviction(PodFacts pod) {
    return new EvictionBuilder()
        .withNewMetadata()
        .withNamespace(pod.namespace())
        .withName(pod.name())
        .endMetadata()
        // Not another one that has taken its name meanwhile.
        .withDeleteOptions(
            new DeleteOptionsBuilder()
                .withPreconditions(new PreconditionsBuilder().withUid(pod.uid()).build())
                .build())
        .build();
  }

  private Optional<Remaining> delete(PodFacts pod) {
    try {
      var unused =
          client.raw(
              "/api/v1/namespaces/%s/pods/%s".formatted(pod.namespace(), pod.name()),
              "DELETE",
              new DeleteOptionsBuilder()
                  .withPreconditions(new PreconditionsBuilder().withUid(pod.uid()).build())
                  .build());
      return Optional.of(new Remaining.Leaving(pod, now()));
    } catch (KubernetesClientException e) {
      return refused(pod, e);
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  /** Empty if the pod is gone, or is another one of the same name. */
  private static Optional<Remaining> refused(PodFacts pod, KubernetesClientException e) {
    return switch (e.getCode()) {
      case NOT_FOUND, CONFLICT -> Optional.empty();
      default -> {
        String budgets = budgets(e.getStatus());
        yield Optional.of(
            budgets.isEmpty()
                ? new Remaining.Refused(pod, message(e))
                : new Remaining.Protected(pod, budgets));
      }
    };
  }

  /** The causes name the budget; the message does not. */
  private static String budgets(@Nullable Status status) {
    if (status == null || status.getDetails() == null || status.getDetails().getCauses() == null) {
      return "";
    }
    return status.getDetails().getCauses().stream()
        .filter(cause -> "DisruptionBudget".equals(cause.getReason()))
        .map(StatusCause::getMessage)
        .collect(Collectors.joining(", "));
  }

  private static String message(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : String.valueOf(e.getMessage());
  }

  private static List<Remaining> each(
      List<PodFacts> pods, Function<PodFacts, Optional<Remaining>> call)
      throws InterruptedException {
    List<Remaining> remaining = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<Remaining>>> calls =
          pods.stream().map(pod -> executor.submit(() -> call.apply(pod))).toList();
      for (Future<Optional<Remaining>> outcome : calls) {
        outcome.get().ifPresent(remaining::add);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("eviction: " + e.getMessage(), e.getCause());
    }
    return remaining;
  }
}
