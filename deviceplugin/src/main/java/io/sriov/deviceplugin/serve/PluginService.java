package io.sriov.deviceplugin.serve;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sriov.deviceplugin.allocation.NotAllocatable;
import io.sriov.deviceplugin.allocation.PreferredDevices;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.kubelet.v1beta1.AllocateRequest;
import io.sriov.kubelet.v1beta1.AllocateResponse;
import io.sriov.kubelet.v1beta1.ContainerPreferredAllocationResponse;
import io.sriov.kubelet.v1beta1.Device;
import io.sriov.kubelet.v1beta1.DevicePluginGrpc;
import io.sriov.kubelet.v1beta1.DevicePluginOptions;
import io.sriov.kubelet.v1beta1.Empty;
import io.sriov.kubelet.v1beta1.ListAndWatchResponse;
import io.sriov.kubelet.v1beta1.NUMANode;
import io.sriov.kubelet.v1beta1.PreStartContainerRequest;
import io.sriov.kubelet.v1beta1.PreStartContainerResponse;
import io.sriov.kubelet.v1beta1.PreferredAllocationRequest;
import io.sriov.kubelet.v1beta1.PreferredAllocationResponse;
import io.sriov.kubelet.v1beta1.TopologyInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code v1beta1.DevicePlugin} of one pool (spec 05 §9). */
final class PluginService extends DevicePluginGrpc.DevicePluginImplBase {

  private static final Logger log = LoggerFactory.getLogger(PluginService.class);

  /** The kubelet asks for them at each registration. */
  private static final DevicePluginOptions OPTIONS =
      DevicePluginOptions.newBuilder().setGetPreferredAllocationAvailable(true).build();

  private final Allocator allocator;
  private final Set<ServerCallStreamObserver<ListAndWatchResponse>> streams = new HashSet<>();
  private final Runnable streamEnded;
  private volatile Pool pool;

  /** What the kubelet was told last: behind {@link #pool} while other pools give devices up. */
  private Pool announced;

  private boolean ending;

  /**
   * @param streamEnded the kubelet has closed its last stream; called on the transport's threads
   */
  PluginService(Pool pool, Allocator allocator, Runnable streamEnded) {
    this.pool = pool;
    this.announced = pool;
    this.allocator = allocator;
    this.streamEnded = streamEnded;
  }

  Pool pool() {
    return pool;
  }

  synchronized boolean isFollowed() {
    return !streams.isEmpty();
  }

  synchronized void decide(Pool changed) {
    pool = changed;
  }

  synchronized void announce() {
    boolean send =
        !list(pool).equals(list(announced)) || (allocator.writesFiles() && !pool.equals(announced));
    announced = pool;
    if (send) {
      for (var stream : List.copyOf(streams)) {
        send(stream);
      }
    }
  }

  synchronized void endStreams() {
    ending = true;
    streams.forEach(StreamObserver::onCompleted);
    streams.clear();
  }

  @Override
  public synchronized void listAndWatch(
      Empty request, StreamObserver<ListAndWatchResponse> answer) {
    var stream = (ServerCallStreamObserver<ListAndWatchResponse>) answer;
    stream.setOnCancelHandler(() -> forget(stream));
    streams.add(stream);
    send(stream);
  }

  /** Not beside {@link #decide}: what was allocated before is known when the change is over. */
  @Override
  public synchronized void allocate(
      AllocateRequest request, StreamObserver<AllocateResponse> answer) {
    var current = pool;
    try {
      answer.onNext(allocator.allocate(current, request));
      answer.onCompleted();
    } catch (NotAllocatable e) {
      log.atWarn()
          .addKeyValue("resource", current.config().resource())
          .log("Allocation refused: {}", e.getMessage());
      answer.onError(
          Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
    } catch (IOException e) {
      log.atError()
          .addKeyValue("resource", current.config().resource())
          .setCause(e)
          .log("Allocation failed");
      answer.onError(Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
    }
  }

  @Override
  public void getDevicePluginOptions(Empty request, StreamObserver<DevicePluginOptions> answer) {
    answer.onNext(OPTIONS);
    answer.onCompleted();
  }

  @Override
  public void getPreferredAllocation(
      PreferredAllocationRequest request, StreamObserver<PreferredAllocationResponse> answer) {
    var current = pool;
    var response = PreferredAllocationResponse.newBuilder();
    for (var container : request.getContainerRequestsList()) {
      response.addContainerResponses(
          ContainerPreferredAllocationResponse.newBuilder()
              .addAllDeviceIDs(
                  PreferredDevices.of(
                      current,
                      container.getAvailableDeviceIDsList(),
                      container.getMustIncludeDeviceIDsList(),
                      container.getAllocationSize())));
    }
    answer.onNext(response.build());
    answer.onCompleted();
  }

  @Override
  public void preStartContainer(
      PreStartContainerRequest request, StreamObserver<PreStartContainerResponse> answer) {
    answer.onNext(PreStartContainerResponse.getDefaultInstance());
    answer.onCompleted();
  }

  private void forget(ServerCallStreamObserver<ListAndWatchResponse> stream) {
    boolean last;
    synchronized (this) {
      last = streams.remove(stream) && streams.isEmpty() && !ending;
    }
    if (last) {
      streamEnded.run();
    }
  }

  private void send(ServerCallStreamObserver<ListAndWatchResponse> stream) {
    try {
      allocator.beforeSending(announced);
    } catch (IOException e) {
      forget(stream);
      log.atError()
          .addKeyValue("resource", pool.config().resource())
          .setCause(e)
          .log("The CDI file cannot be written; the kubelet is not told about the devices");
      stream.onError(Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
      return;
    }
    stream.onNext(list(announced));
  }

  private static ListAndWatchResponse list(Pool pool) {
    var devices = new ArrayList<Device>(pool.devices().size());
    pool.devices().forEach(device -> devices.add(device(device)));
    return ListAndWatchResponse.newBuilder().addAllDevices(devices).build();
  }

  private static Device device(PoolDevice device) {
    var message =
        Device.newBuilder()
            .setID(device.id())
            .setHealth(device.unhealthy().isEmpty() ? "Healthy" : "Unhealthy");
    device
        .numaNode()
        .ifPresent(node ->
            message.setTopology(
                TopologyInfo.newBuilder().addNodes(NUMANode.newBuilder().setID(node))));
    return message.build();
  }
}
