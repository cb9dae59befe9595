package io.sriov.node.reconcile;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.api.SriovOperatorConfig;
import io.sriov.api.SriovOperatorConfigSpec;
import io.sriov.kube.log.Logging;
import io.sriov.node.host.SupportedNic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The few objects that concern this node, kept up to date by watches on exactly these objects. An
 * API server that is away leaves the last known state in force.
 */
public final class ClusterView implements DesiredState, AutoCloseable {

  /** Called on the client's threads: must not block. */
  public interface Listener {
    void desiredChanged();

    void pluginConfigChanged();
  }

  private static final Logger log = LoggerFactory.getLogger(ClusterView.class);

  private static final SriovOperatorConfigSpec NO_CONFIG =
      new SriovOperatorConfigSpec(
          Map.of(), null, null, null, null, null, null, null, List.of(), Map.of(), Map.of(), null,
          null);

  private final String node;
  private final boolean anyModel;
  private final Listener listener;
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();
  private volatile @Nullable SriovNetworkNodeState nodeState;
  private volatile @Nullable ConfigMap plugin;
  private volatile @Nullable List<SupportedNic> supported;
  private volatile boolean statesListed;
  private volatile SriovOperatorConfigSpec config = NO_CONFIG;
  private volatile boolean configListed;
  private volatile boolean configLeaves;

  /**
   * @param anyModel whether the list of supported card models does not matter
   */
  public ClusterView(String node, boolean anyModel, Listener listener) {
    this.node = node;
    this.anyModel = anyModel;
    this.listener = listener;
  }

  /** Begins to watch; returns at once, also when the API server is away. */
  public void start(KubernetesClient client, String namespace) {
    var states =
        watch(
            client.resources(SriovNetworkNodeState.class).inNamespace(namespace).withName(node),
            this::stateChanged);
    watch(
        client.configMaps().inNamespace(namespace).withName(Names.DEVICE_PLUGIN_CONFIG_MAP),
        this::pluginChanged);
    watch(
        client.configMaps().inNamespace(namespace).withName(Names.SUPPORTED_NICS_CONFIG_MAP),
        this::supportedChanged);
    var configs =
        watch(
            client
                .resources(SriovOperatorConfig.class)
                .inNamespace(namespace)
                .withName(Names.DEFAULT),
            this::configChanged);
    // One alone first: the others use its connection, or shorten their handshakes by its session.
    begin(
        states,
        () -> {
          statesListed = true;
          listener.desiredChanged();
          begin(
              configs,
              () -> {
                configListed = true;
                listener.desiredChanged();
              });
          informers.stream()
              .filter(informer -> !informer.equals(states) && !informer.equals(configs))
              .forEach(informer -> begin(informer, () -> {}));
        });
  }

  /**
   * @param listed called once the objects that are there are known, however long that takes
   */
  private static void begin(SharedIndexInformer<?> informer, Runnable listed) {
    informer
        .start()
        .whenComplete((_, failure) -> {
          if (failure == null) {
            listed.run();
          } else {
            log.warn("a watch could not be started: {}", failure.getMessage());
          }
        });
  }

  private interface Change<T> {
    /** {@code null} when the object is gone. */
    void to(@Nullable T object);
  }

  private <T extends HasMetadata> SharedIndexInformer<T> watch(
      Resource<T> resource, Change<T> change) {
    SharedIndexInformer<T> informer = resource.runnableInformer(0);
    // Never gives up, whatever the API server answers, e.g. 403 while roles are being installed.
    informer.exceptionHandler((_, failure) -> {
      log.warn("watch is tried again: {}", failure.getMessage());
      return true;
    });
    informer.addEventHandler(
        new ResourceEventHandler<T>() {
          @Override
          public void onAdd(T added) {
            change.to(added);
          }

          @Override
          public void onUpdate(T old, T now) {
            change.to(now);
          }

          @Override
          public void onDelete(T gone, boolean finalStateUnknown) {
            change.to(null);
          }
        });
    informers.add(informer);
    return informer;
  }

  private void stateChanged(@Nullable SriovNetworkNodeState now) {
    SriovNetworkNodeState before = nodeState;
    nodeState = now;
    if (now == null) {
      log.info("NodeState is gone: the node stays as it is");
    }
    boolean statusOnly =
        before != null
            && now != null
            && Objects.equals(before.getMetadata().getUid(), now.getMetadata().getUid())
            && Objects.equals(
                before.getMetadata().getGeneration(), now.getMetadata().getGeneration())
            && forNode(before).equals(forNode(now));
    if (!statusOnly) {
      listener.desiredChanged();
    }
  }

  /** Without what the operator notes down for itself. */
  private static Map<String, String> forNode(SriovNetworkNodeState state) {
    Map<String, String> annotations = state.getMetadata().getAnnotations();
    if (annotations == null) {
      return Map.of();
    }
    var left = new HashMap<>(annotations);
    left.keySet().removeAll(Names.OPERATOR_RECORDS);
    return left;
  }

  private void pluginChanged(@Nullable ConfigMap now) {
    plugin = now;
    listener.pluginConfigChanged();
  }

  private void supportedChanged(@Nullable ConfigMap now) {
    if (now == null) {
      // Cards do not vanish because their list was deleted.
      return;
    }
    try {
      supported = SupportedNic.parse(Objects.requireNonNullElse(now.getData(), Map.of()));
      listener.desiredChanged();
    } catch (IllegalArgumentException e) {
      log.error("ConfigMap {} is not used: {}", Names.SUPPORTED_NICS_CONFIG_MAP, e.getMessage());
    }
  }

  private void configChanged(@Nullable SriovOperatorConfig now) {
    configLeaves = now == null || now.getMetadata().getDeletionTimestamp() != null;
    SriovOperatorConfigSpec before = config;
    config = now == null || now.getSpec() == null ? NO_CONFIG : now.getSpec();
    if (config.logLevel() != null) {
      Logging.verbosity(Math.clamp(config.logLevel(), 0, 2));
    }
    if (!config.equals(before)) {
      listener.desiredChanged();
    }
  }

  @Override
  public SriovOperatorConfigSpec operatorConfig() {
    return config;
  }

  /** Card models of ConfigMap {@code supported-nic-ids}; none as long as it is not known. */
  public List<SupportedNic> supportedNics() {
    List<SupportedNic> known = supported;
    return known == null ? List.of() : known;
  }

  @Override
  public Optional<SriovNetworkNodeState> nodeState() {
    return Optional.ofNullable(nodeState);
  }

  @Override
  public boolean knowsPluginConfig() {
    return plugin != null;
  }

  @Override
  public Optional<String> pluginConfig() {
    ConfigMap map = plugin;
    return map == null || map.getData() == null
        ? Optional.empty()
        : Optional.ofNullable(map.getData().get(node));
  }

  @Override
  public Optional<String> notReady() {
    if (!statesListed && nodeState == null || !configListed) {
      return Optional.of("the API server has not answered yet");
    }
    return supported == null && !anyModel
        ? Optional.of("ConfigMap " + Names.SUPPORTED_NICS_CONFIG_MAP + " is not there")
        : Optional.empty();
  }

  /**
   * Whether no daemon will follow this one: the configuration of the whole stack was there and is
   * being taken away, or the NodeState of this node is gone, goes, or is only kept for a while
   * because the node is no longer selected. False as long as the API server has said nothing.
   */
  public boolean leaves() {
    return configLeaves || statesListed && nodeLeaves(nodeState);
  }

  private static boolean nodeLeaves(@Nullable SriovNetworkNodeState state) {
    if (state == null || state.getMetadata().getDeletionTimestamp() != null) {
      return true;
    }
    var annotations = state.getMetadata().getAnnotations();
    return annotations != null && annotations.containsKey(Names.KEEP_STATE_UNTIL);
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::close);
  }
}
