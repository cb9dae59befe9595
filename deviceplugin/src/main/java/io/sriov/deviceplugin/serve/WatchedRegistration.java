package io.sriov.deviceplugin.serve;

import io.grpc.stub.StreamObserver;
import io.sriov.kubelet.PluginRegistration;
import io.sriov.kubelet.pluginregistration.InfoRequest;
import io.sriov.kubelet.pluginregistration.PluginInfo;
import io.sriov.kubelet.pluginregistration.RegistrationGrpc;
import io.sriov.kubelet.pluginregistration.RegistrationStatus;
import io.sriov.kubelet.pluginregistration.RegistrationStatusResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the kubelet that found the socket of a pool who listens there (spec 05 §9.2). */
final class WatchedRegistration extends RegistrationGrpc.RegistrationImplBase {

  private static final Logger log = LoggerFactory.getLogger(WatchedRegistration.class);

  private final String resource;
  private final Path socket;
  private final Consumer<String> refused;

  /**
   * @param refused gets the kubelet's reason when it does not take the pool
   */
  WatchedRegistration(String resource, Path socket, Consumer<String> refused) {
    this.resource = resource;
    this.socket = socket;
    this.refused = refused;
  }

  @Override
  public void getInfo(InfoRequest request, StreamObserver<PluginInfo> answer) {
    answer.onNext(
        PluginInfo.newBuilder()
            .setType("DevicePlugin")
            .setName(resource)
            .setEndpoint(socket.toString())
            .addAllSupportedVersions(List.of("v1alpha1", PluginRegistration.VERSION))
            .build());
    answer.onCompleted();
  }

  @Override
  public void notifyRegistrationStatus(
      RegistrationStatus request, StreamObserver<RegistrationStatusResponse> answer) {
    answer.onNext(RegistrationStatusResponse.getDefaultInstance());
    answer.onCompleted();
    if (request.getPluginRegistered()) {
      log.atInfo().addKeyValue("resource", resource).log("Registered");
    } else {
      refused.accept(request.getError());
    }
  }
}
