package io.sriov.kubelet;

import static com.google.common.util.concurrent.MoreExecutors.directExecutor;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sriov.kubelet.podresources.AllocatableResourcesRequest;
import io.sriov.kubelet.podresources.ContainerDevices;
import io.sriov.kubelet.podresources.ListPodResourcesRequest;
import io.sriov.kubelet.podresources.ListPodResourcesResponse;
import io.sriov.kubelet.podresources.PodResourcesListerGrpc;
import io.sriov.kubelet.podresources.PodResourcesListerGrpc.PodResourcesListerFutureStub;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kubelet which devices it has given to which pods. The connection is kept between
 * questions; one that failed is not used again, so a restarted kubelet is reached at once. Answers
 * above 16 MiB, the kubelet's own limit, fail. Safe for use by several threads.
 */
public final class PodResources implements AutoCloseable {

  private final UnixGrpc grpc;
  private final Path socket;
  private final AtomicReference<@Nullable ManagedChannel> kept = new AtomicReference<>();

  /**
   * @param socket usually {@link KubeletSockets#podResources()}
   */
  public PodResources(UnixGrpc grpc, Path socket) {
    this.grpc = grpc;
    this.socket = socket;
  }

  /**
   * What containers hold of the resources whose name passes {@code resourceName}, e.g. {@code name
   * -> name.startsWith("openshift.io/")}.
   *
   * @param deadline for the whole call, connection included
   */
  public List<Allocation> allocations(Predicate<String> resourceName, Duration deadline)
      throws KubeletException {
    return listing(resourceName, deadline).allocations();
  }

  /**
   * Who holds what, and how many pods the kubelet knows.
   *
   * @param pods with devices or without; none is the answer of a kubelet that was just restarted
   *     and has not got its pods from the API server yet
   */
  public record Listing(int pods, List<Allocation> allocations) {}

  /** As {@link #allocations}, with the number of pods. */
  public Listing listing(Predicate<String> resourceName, Duration deadline)
      throws KubeletException {
    var answer =
        call("List", deadline, stub -> stub.list(ListPodResourcesRequest.getDefaultInstance()));
    return new Listing(answer.getPodResourcesCount(), allocations(answer, resourceName));
  }

  /**
   * The healthy devices of every resource, given to a pod or not, by resource name.
   *
   * @param deadline for the whole call, connection included
   */
  public Map<String, Set<String>> allocatable(Duration deadline) throws KubeletException {
    var answer =
        call(
            "GetAllocatableResources",
            deadline,
            stub -> stub.getAllocatableResources(AllocatableResourcesRequest.getDefaultInstance()));
    return byResource(answer.getDevicesList(), _ -> true);
  }

  static List<Allocation> allocations(
      ListPodResourcesResponse answer, Predicate<String> resourceName) {
    var found = new ArrayList<Allocation>();
    for (var pod : answer.getPodResourcesList()) {
      for (var container : pod.getContainersList()) {
        byResource(container.getDevicesList(), resourceName)
            .forEach((name, ids) ->
                found.add(
                    new Allocation(
                        pod.getNamespace(),
                        pod.getName(),
                        container.getName(),
                        name,
                        List.copyOf(ids))));
      }
    }
    return List.copyOf(found);
  }

  private static Map<String, Set<String>> byResource(
      List<ContainerDevices> devices, Predicate<String> resourceName) {
    var ids = new LinkedHashMap<String, Set<String>>();
    for (var entry : devices) {
      if (resourceName.test(entry.getResourceName())) {
        ids.computeIfAbsent(entry.getResourceName(), _ -> new LinkedHashSet<>())
            .addAll(entry.getDeviceIdsList());
      }
    }
    return ids;
  }

  private <T> T call(
      String method,
      Duration deadline,
      Function<PodResourcesListerFutureStub, ListenableFuture<T>> question)
      throws KubeletException {
    long end = System.nanoTime() + deadline.toNanos();
    ManagedChannel old = kept.getAndSet(null);
    if (old != null) {
      try {
        return answer(old, end, question);
      } catch (StatusRuntimeException e) {
        // Perhaps the kubelet was restarted since.
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
          throw new KubeletException(socket, method, e.getStatus(), e);
        }
      }
    }
    try {
      return answer(grpc.connect(socket), end, question);
    } catch (StatusRuntimeException e) {
      throw new KubeletException(socket, method, e.getStatus(), e);
    }
  }

  /** Keeps the connection if it was good, and if no other thread has kept one meanwhile. */
  private <T> T answer(
      ManagedChannel channel,
      long end,
      Function<PodResourcesListerFutureStub, ListenableFuture<T>> question) {
    boolean good = false;
    try {
      T answer =
          Calls.answer(
              question.apply(
                  PodResourcesListerGrpc.newFutureStub(channel)
                      .withExecutor(directExecutor())
                      .withDeadlineAfter(end - System.nanoTime(), TimeUnit.NANOSECONDS)),
              end);
      good = true;
      return answer;
    } finally {
      if (!good || !kept.compareAndSet(null, channel)) {
        ManagedChannel unused = channel.shutdownNow();
      }
    }
  }

  /** Ends the connection; one that is in use is ended with the next call of this. */
  @Override
  public void close() {
    ManagedChannel channel = kept.getAndSet(null);
    if (channel != null) {
      ManagedChannel unused = channel.shutdownNow();
    }
  }
}
