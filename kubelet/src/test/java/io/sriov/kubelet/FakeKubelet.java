package io.sriov.kubelet;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.sriov.kubelet.pluginregistration.InfoRequest;
import io.sriov.kubelet.pluginregistration.PluginInfo;
import io.sriov.kubelet.pluginregistration.RegistrationStatus;
import io.sriov.kubelet.podresources.AllocatableResourcesRequest;
import io.sriov.kubelet.podresources.AllocatableResourcesResponse;
import io.sriov.kubelet.podresources.ContainerDevices;
import io.sriov.kubelet.podresources.ContainerResources;
import io.sriov.kubelet.podresources.ListPodResourcesRequest;
import io.sriov.kubelet.podresources.ListPodResourcesResponse;
import io.sriov.kubelet.podresources.PodResourcesEntry;
import io.sriov.kubelet.podresources.PodResourcesListerGrpc;
import io.sriov.kubelet.v1beta1.AllocateRequest;
import io.sriov.kubelet.v1beta1.AllocateResponse;
import io.sriov.kubelet.v1beta1.ContainerAllocateRequest;
import io.sriov.kubelet.v1beta1.Device;
import io.sriov.kubelet.v1beta1.DevicePluginGrpc;
import io.sriov.kubelet.v1beta1.Empty;
import io.sriov.kubelet.v1beta1.ListAndWatchResponse;
import io.sriov.kubelet.v1beta1.RegisterRequest;
import io.sriov.kubelet.v1beta1.RegistrationGrpc;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The kubelet's side of its interfaces on real unix sockets, in a folder of the test's: accepts
 * registrations, follows each plugin's devices, allocates, lists pods, and forgets its plugins when
 * it is restarted, as the kubelet does.
 */
public final class FakeKubelet implements AutoCloseable {

  /** A registered resource as the kubelet knows it. */
  public record Resource(String endpoint, List<Device> devices, int updates, boolean connected) {
    public List<String> healthy() {
      return devices.stream()
          .filter(device -> device.getHealth().equals("Healthy"))
          .map(Device::getID)
          .sorted()
          .toList();
    }

    public List<String> unhealthy() {
      return devices.stream()
          .filter(device -> device.getHealth().equals("Unhealthy"))
          .map(Device::getID)
          .sorted()
          .toList();
    }
  }

  public final KubeletSockets sockets;
  public final List<RegisterRequest> registrations = new CopyOnWriteArrayList<>();

  private final UnixGrpc grpc = new UnixGrpc();
  private final Map<String, Resource> resources = new ConcurrentHashMap<>();
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final List<Allocation> pods = new CopyOnWriteArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private final Map<String, List<List<String>>> lists = new ConcurrentHashMap<>();
  private final AtomicInteger questions = new AtomicInteger();
  private volatile String refusal = "";
  private volatile boolean knowsPods = true;

  public FakeKubelet(Path folder) throws IOException {
    sockets = new KubeletSockets(folder);
    Files.createDirectories(sockets.devicePlugins());
    Files.createDirectories(sockets.podResources().getParent());
  }

  /** Listens; like the kubelet's, a start deletes what lies in the device plugins' folder. */
  public FakeKubelet start() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(sockets.devicePlugins())) {
      for (var file : left) {
        Files.delete(file);
      }
    }
    servers.add(grpc.serve(sockets.registration(), List.of(new Registrar())));
    servers.add(grpc.serve(sockets.podResources(), List.of(new Lister())));
    return this;
  }

  /** Ends the way the kubelet ends: streams break, plugins are forgotten. */
  public void stop() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    channels.clear();
    resources.clear();
    servers.forEach(Server::shutdownNow);
    servers.clear();
  }

  /** From now on refuses registrations with {@code reason}; empty accepts again. */
  public void refuse(String reason) {
    refusal = reason;
  }

  public Map<String, Resource> resources() {
    return new TreeMap<>(resources);
  }

  /** Healthy device ids of {@code name}, sorted; empty when it is not registered. */
  public List<String> healthy(String name) {
    var resource = resources.get(name);
    return resource == null ? List.of() : resource.healthy();
  }

  public List<String> unhealthy(String name) {
    var resource = resources.get(name);
    return resource == null ? List.of() : resource.unhealthy();
  }

  /** Healthy device ids of each list that came for {@code name}, in order, over all streams. */
  public List<List<String>> lists(String name) {
    return List.copyOf(lists.getOrDefault(name, List.of()));
  }

  /** No longer follows the devices of {@code name}; nothing else changes. */
  public void closeStream(String name) {
    var channel = channels.get(name);
    if (channel != null) {
      channel.shutdownNow();
    }
  }

  /** How often the pods' resources were asked for. */
  public int questions() {
    return questions.get();
  }

  /** Whether pods are listed: right after its start the kubelet has not got them yet. */
  public void knowPods(boolean known) {
    knowsPods = known;
  }

  /** A pod with one container that holds {@code ids}, without asking the plugin. */
  public void hold(String pod, String resource, String... ids) {
    pods.add(new Allocation("default", pod, "app", resource, List.of(ids)));
  }

  public void release(String pod) {
    pods.removeIf(held -> held.pod().equals(pod));
  }

  /** Admits a pod with one container: asks the plugin and remembers the devices. */
  public AllocateResponse allocate(String pod, String resource, String... ids) {
    var answer =
        plugin(resource)
            .allocate(
                AllocateRequest.newBuilder()
                    .addContainerRequests(
                        ContainerAllocateRequest.newBuilder().addAllDevicesIds(List.of(ids)))
                    .build());
    hold(pod, resource, ids);
    return answer;
  }

  public DevicePluginGrpc.DevicePluginBlockingStub plugin(String resource) {
    var channel = channels.get(resource);
    if (channel == null) {
      throw new IllegalStateException(resource + " is not registered");
    }
    return DevicePluginGrpc.newBlockingStub(channel).withDeadlineAfter(5, TimeUnit.SECONDS);
  }

  /**
   * What the kubelet's plugin watcher does with each socket it finds: asks who it is, says whether
   * it is accepted, follows its devices.
   */
  public List<PluginInfo> findPlugins(boolean accept) throws IOException {
    var found = new ArrayList<PluginInfo>();
    try (DirectoryStream<Path> plugins =
        Files.newDirectoryStream(sockets.pluginsRegistry(), "*.sock")) {
      for (var socket : plugins) {
        var channel = grpc.connect(socket);
        try {
          var stub =
              io.sriov.kubelet.pluginregistration.RegistrationGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(5, TimeUnit.SECONDS);
          var info = stub.getInfo(InfoRequest.getDefaultInstance());
          found.add(info);
          if (accept) {
            follow(info.getName(), Path.of(info.getEndpoint()));
          }
          var _ =
              stub.notifyRegistrationStatus(
                  RegistrationStatus.newBuilder()
                      .setPluginRegistered(accept)
                      .setError(accept ? "" : "refused by the test")
                      .build());
        } finally {
          channel.shutdownNow();
        }
      }
    }
    return found;
  }

  @Override
  public void close() {
    stop();
    grpc.close();
  }

  private void follow(String name, Path endpoint) {
    var channel = grpc.connect(endpoint);
    var former = channels.put(name, channel);
    if (former != null) {
      former.shutdownNow();
    }
    resources.put(name, new Resource(endpoint.toString(), List.of(), 0, true));
    DevicePluginGrpc.newStub(channel)
        .listAndWatch(
            Empty.getDefaultInstance(),
            new StreamObserver<ListAndWatchResponse>() {
              @Override
              public void onNext(ListAndWatchResponse list) {
                resources.computeIfPresent(
                    name,
                    (_, was) -> {
                      if (channels.get(name) != channel) {
                        return was;
                      }
                      var now =
                          new Resource(
                              was.endpoint(), list.getDevicesList(), was.updates() + 1, true);
                      lists
                          .computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>())
                          .add(now.healthy());
                      return now;
                    });
              }

              @Override
              public void onError(Throwable broken) {
                onCompleted();
              }

              @Override
              public void onCompleted() {
                resources.computeIfPresent(
                    name,
                    (_, was) ->
                        channels.get(name) != channel
                            ? was
                            : new Resource(was.endpoint(), was.devices(), was.updates(), false));
              }
            });
  }

  private final class Registrar extends RegistrationGrpc.RegistrationImplBase {
    @Override
    public void register(RegisterRequest request, StreamObserver<Empty> answer) {
      registrations.add(request);
      if (!refusal.isEmpty()) {
        answer.onError(Status.UNKNOWN.withDescription(refusal).asRuntimeException());
        return;
      }
      // Outside this call's context, whose end would cancel the calls made in it.
      Context.ROOT.run(() ->
          follow(
              request.getResourceName(), sockets.devicePlugins().resolve(request.getEndpoint())));
      answer.onNext(Empty.getDefaultInstance());
      answer.onCompleted();
    }
  }

  private final class Lister extends PodResourcesListerGrpc.PodResourcesListerImplBase
      implements BindableService {
    @Override
    public void list(
        ListPodResourcesRequest request, StreamObserver<ListPodResourcesResponse> answer) {
      var list = ListPodResourcesResponse.newBuilder();
      if (!knowsPods) {
        answer.onNext(list.build());
        answer.onCompleted();
        questions.incrementAndGet();
        return;
      }
      for (var held : pods) {
        var container = ContainerResources.newBuilder().setName(held.container());
        // The kubelet sends one message per device.
        for (var id : held.deviceIds()) {
          container.addDevices(
              ContainerDevices.newBuilder().setResourceName(held.resourceName()).addDeviceIds(id));
        }
        list.addPodResources(
            PodResourcesEntry.newBuilder()
                .setNamespace(held.namespace())
                .setName(held.pod())
                .addContainers(container));
      }
      answer.onNext(list.build());
      answer.onCompleted();
      questions.incrementAndGet();
    }

    @Override
    public void getAllocatableResources(
        AllocatableResourcesRequest request, StreamObserver<AllocatableResourcesResponse> answer) {
      var list = AllocatableResourcesResponse.newBuilder();
      resources.forEach((name, resource) ->
          list.addDevices(
              ContainerDevices.newBuilder()
                  .setResourceName(name)
                  .addAllDeviceIds(resource.healthy())));
      answer.onNext(list.build());
      answer.onCompleted();
    }
  }
}
