package io.sriov.lab;

import static io.sriov.lab.Stack.LANE_LABEL;
import static io.sriov.lab.Stack.NAMESPACE;

/** What tests apply; each has the label of its lane. */
final class Manifests {

  private Manifests() {}

  static String policy(String name, String node, String nicSelector, String more) {
    return """
    apiVersion: sriovnetwork.openshift.io/v1
    kind: SriovNetworkNodePolicy
    metadata: {name: %1$s, namespace: %4$s, labels: {%5$s}}
    spec:
      resourceName: %1$s
      nodeSelector: {kubernetes.io/hostname: %2$s}
      nicSelector: %3$s
    """
            .formatted(name, node, nicSelector, NAMESPACE, LANE_LABEL)
        + more.indent(2);
  }

  /** A pool of one node. */
  static String pool(String name, String node, String more) {
    return """
    apiVersion: sriovnetwork.openshift.io/v1
    kind: SriovNetworkPoolConfig
    metadata: {name: %1$s, namespace: %3$s, labels: {%4$s}}
    spec:
      nodeSelector: {matchLabels: {kubernetes.io/hostname: %2$s}}
    """
            .formatted(name, node, NAMESPACE, LANE_LABEL)
        + more.indent(2);
  }

  static String network(String name, String more) {
    return """
    apiVersion: sriovnetwork.openshift.io/v1
    kind: SriovNetwork
    metadata: {name: %1$s, namespace: %2$s, labels: {%3$s}}
    spec:
      resourceName: %1$s
      networkNamespace: default
    """
            .formatted(name, NAMESPACE, LANE_LABEL)
        + more.indent(2);
  }

  /**
   * A pod with one device of {@code resource}; {@code networks} is the Multus annotation, may be
   * empty.
   */
  static String pod(String name, String node, String resource, String networks) {
    return """
    apiVersion: v1
    kind: Pod
    metadata:
      name: %1$s
      namespace: default
      labels: {lab-test: "true", %5$s}
      annotations: {k8s.v1.cni.cncf.io/networks: "%4$s"}
    spec:
      nodeName: %2$s
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: localhost/lab-tools:dev
        imagePullPolicy: Never
        command: [sleep, infinity]
        securityContext: {capabilities: {add: [IPC_LOCK]}}
        resources:
          requests: {openshift.io/%3$s: "1"}
          limits: {openshift.io/%3$s: "1"}
    """
        .formatted(name, node, resource, networks, LANE_LABEL);
  }
}
