package io.sriov.operator.pool;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.sriov.api.SriovNetworkPoolConfig;

/** Pools from manifests. */
final class Pools {

  private Pools() {}

  /**
   * @param spec in flow style
   */
  static Pool pool(String name, String spec) {
    return Pool.of(resource(name, spec)).orElseThrow();
  }

  static SriovNetworkPoolConfig resource(String name, String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkPoolConfig
        metadata: {name: %s, namespace: default}
        spec: {%s}
        """
            .formatted(name, spec),
        SriovNetworkPoolConfig.class);
  }
}
