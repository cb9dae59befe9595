package io.sriov.kubelet;

import static com.google.common.util.concurrent.MoreExecutors.directExecutor;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.sriov.kubelet.v1beta1.RegisterRequest;
import io.sriov.kubelet.v1beta1.RegistrationGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Tells the kubelet about a device plugin: {@code v1beta1.Registration/Register}. */
public final class PluginRegistration {

  /** The only version of the device plugin API. */
  public static final String VERSION = "v1beta1";

  private final UnixGrpc grpc;
  private final Path socket;

  /**
   * @param socket usually {@link KubeletSockets#registration()}
   */
  public PluginRegistration(UnixGrpc grpc, Path socket) {
    this.grpc = grpc;
    this.socket = socket;
  }

  /**
   * Registers the plugin that already listens on {@code endpoint} in the folder of kubelet.sock.
   *
   * @param endpoint file name of the plugin's socket, without folder
   */
  public void register(String resourceName, String endpoint, Duration deadline)
      throws KubeletException {
    ManagedChannel channel = grpc.connect(socket);
    try {
      var _ =
          Calls.answer(
              RegistrationGrpc.newFutureStub(channel)
                  .withExecutor(directExecutor())
                  .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                  .register(
                      RegisterRequest.newBuilder()
                          .setVersion(VERSION)
                          .setEndpoint(endpoint)
                          .setResourceName(resourceName)
                          .build()),
              System.nanoTime() + deadline.toNanos());
    } catch (StatusRuntimeException e) {
      throw new KubeletException(socket, "Register " + resourceName, e.getStatus(), e);
    } finally {
      channel.shutdownNow();
    }
  }
}
