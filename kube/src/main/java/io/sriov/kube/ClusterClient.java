package io.sriov.kube;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The connection to the API server. */
public final class ClusterClient {

  private static final Path SERVICE_ACCOUNT_TOKEN =
      Path.of(Config.KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH);

  private ClusterClient() {}

  /**
   * A client for the cluster of {@code kubeconfig}, or of the pod the process runs in.
   *
   * <p>Informers and watches reconnect for ever, so an API server that is away for minutes needs no
   * code. A single request is repeated for about 10 s on connection errors, 429 and 5xx, then
   * fails: what it was for is retried by whoever asked.
   *
   * @param process name in the user agent, e.g. {@code sriov-network-operator}
   * @throws SettingException if there is neither a readable kubeconfig nor a service account
   */
  public static KubernetesClient open(Optional<Path> kubeconfig, String process) {
    return open(config(kubeconfig), process);
  }

  /** A client with our time-outs for the cluster of {@code config}, e.g. of a test's API server. */
  public static KubernetesClient open(Config config, String process) {
    config.setUserAgent(process);
    config.setConnectionTimeout(5_000);
    config.setRequestTimeout(15_000);
    config.setRequestRetryBackoffInterval(100);
    config.setRequestRetryBackoffLimit(7);
    config.setWatchReconnectInterval(500);
    config.setWatchReconnectLimit(-1);
    ClientKey.algorithmOf(config).ifPresent(config::setClientKeyAlgo);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new JdkHttpClientFactory())
        .withKubernetesSerialization(serialization())
        .build();
  }

  /** Fields of a newer API server or chart are no reason to fail. */
  private static KubernetesSerialization serialization() {
    return new KubernetesSerialization(
        new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false),
        true);
  }

  private static Config config(Optional<Path> kubeconfig) {
    if (kubeconfig.isPresent()) {
      var file = kubeconfig.get();
      if (!Files.isReadable(file)) {
        throw new SettingException("kubeconfig " + file, "no such file, or not readable");
      }
      Config config = Config.fromKubeconfig(file.toFile());
      requireAuthority(file, config, System.getProperty("javax.net.ssl.trustStore"));
      return config;
    }
    if (!Files.isReadable(SERVICE_ACCOUNT_TOKEN)) {
      throw new SettingException(
          "kubeconfig",
          "not given, and this is no pod with a service account (no "
              + SERVICE_ACCOUNT_TOKEN
              + "); set KUBECONFIG or --kubeconfig");
    }
    return Config.autoConfigure(null);
  }

  /**
   * Our images trust no public certificate authority. Without this, the JDK says of it that its
   * list of anchors is empty.
   */
  static void requireAuthority(Path file, Config config, @Nullable String trustStore) {
    boolean named = config.getCaCertFile() != null || config.getCaCertData() != null;
    if (!named
        && !config.isTrustCerts()
        && config.getMasterUrl().startsWith("https:")
        && "/dev/null".equals(trustStore)) {
      throw new SettingException(
          "kubeconfig " + file,
          "its cluster has neither certificate-authority nor certificate-authority-data, and no"
              + " public authority is trusted here; add the one that signed the certificate of "
              + config.getMasterUrl());
    }
  }
}
