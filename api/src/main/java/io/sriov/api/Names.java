package io.sriov.api;

import java.util.Set;

/** Names that components, users and other projects share (spec 01 §3, spec 03 §0). */
public final class Names {

  public static final String GROUP = "sriovnetwork.openshift.io";
  public static final String VERSION = "v1";

  /** Name of the one {@link SriovOperatorConfig} in use; also a policy name that is skipped. */
  public static final String DEFAULT = "default";

  /** Node annotation: the node's request to be drained or rebooted. */
  public static final String NODE_STATE = GROUP + "/state";

  public static final String DESIRED_STATE = GROUP + "/desired-state";
  public static final String CURRENT_STATE = GROUP + "/current-state";
  public static final String USE_EXTERNAL_DRAINER = GROUP + "/use-external-drainer";
  public static final String KEEP_STATE_UNTIL = GROUP + "/keep-state-until";

  /**
   * NodeState annotation, our addition: JSON array of {@code "namespace/name"}, sorted: the pods
   * that hold VFs which the wanted change destroys. Written by the node together with {@link
   * #DESIRED_STATE}, present only with {@link #DRAIN_REQUIRED}. Where it is present a drain evicts
   * exactly these.
   */
  public static final String DRAIN_PODS = GROUP + "/drain-pods";

  /**
   * NodeState annotation, our addition, by the operator: text for people why drains and reboots
   * wait. While it is present the node neither reboots nor, under {@code disableDrain}, disrupts
   * pods.
   */
  public static final String HOLD = GROUP + "/hold";

  /**
   * NodeState annotation, our addition, by the operator: RFC 3339 time at which the running drain
   * began.
   */
  public static final String DRAINING_SINCE = GROUP + "/draining-since";

  /**
   * NodeState annotation, our addition, by the operator: generation whose drain was given up.
   * Removing it by hand asks for another try.
   */
  public static final String DRAIN_GIVEN_UP = GROUP + "/drain-given-up";

  /** NodeState annotation, our addition, by the operator: JSON of the spec last applied whole. */
  public static final String LAST_GOOD_SPEC = GROUP + "/last-good-spec";

  /**
   * NodeState annotation, our addition, by the operator: the node's device plugin configuration
   * that belongs to {@link #LAST_GOOD_SPEC}.
   */
  public static final String LAST_GOOD_RESOURCES = GROUP + "/last-good-resources";

  /**
   * NodeState annotation, our addition, by the operator: hash of the spec that failed and was
   * replaced by {@link #LAST_GOOD_SPEC}.
   */
  public static final String ROLLED_BACK = GROUP + "/rolled-back";

  /** NodeState annotations that the operator writes for itself: no node does anything by them. */
  public static final Set<String> OPERATOR_RECORDS =
      Set.of(DRAINING_SINCE, LAST_GOOD_SPEC, LAST_GOOD_RESOURCES, ROLLED_BACK);

  /**
   * Node annotation {@code true}, our addition: cordoned by the operator, which takes nobody else's
   * cordon away.
   */
  public static final String CORDONED = GROUP + "/cordoned";

  /** Node annotation {@code reboot} or {@code report}, our addition, by an administrator. */
  public static final String REBOOT_POLICY = GROUP + "/reboot-policy";

  /**
   * NodeState annotation {@code repair} (the default) or {@code report}, our addition, by an
   * administrator: whether the config daemon puts free VFs right that were left as a pod had them.
   */
  public static final String VF_AUDIT = GROUP + "/vf-audit";

  public static final String DEVICE_PLUGIN_WAIT_CONFIG = GROUP + "/device-plugin-wait-config";
  public static final String OWNER_REF = GROUP + "/owner-ref";
  public static final String LAST_NETWORK_NAMESPACE =
      "operator." + GROUP + "/last-network-namespace";
  public static final String NAD_RESOURCE_NAME = "k8s.v1.cni.cncf.io/resourceName";

  /** Node label: whether the device plugin runs there, {@code Enabled} or {@code Disabled}. */
  public static final String DEVICE_PLUGIN_LABEL = GROUP + "/device-plugin";

  public static final String ENABLED = "Enabled";
  public static final String DISABLED = "Disabled";

  public static final String IDLE = "Idle";
  public static final String DRAIN_REQUIRED = "Drain_Required";
  public static final String REBOOT_REQUIRED = "Reboot_Required";
  public static final String DRAINING = "Draining";
  public static final String DRAIN_COMPLETE = "DrainComplete";

  public static final String IN_PROGRESS = "InProgress";
  public static final String SUCCEEDED = "Succeeded";
  public static final String FAILED = "Failed";

  public static final String NETWORK_FINALIZER = "netattdef.finalizers." + GROUP;
  public static final String POOL_FINALIZER = "poolconfig.finalizers." + GROUP;
  public static final String OPERATOR_CONFIG_FINALIZER = "operatorconfig.finalizers." + GROUP;

  public static final String OPERATOR = "sriov-network-operator";
  public static final String CONFIG_DAEMON = "sriov-network-config-daemon";
  public static final String DEVICE_PLUGIN = "sriov-device-plugin";

  public static final String DEVICE_PLUGIN_CONFIG_MAP = "device-plugin-config";
  public static final String SUPPORTED_NICS_CONFIG_MAP = "supported-nic-ids";

  /** Host folder of the last applied PF configurations and of the boot services' files. */
  public static final String HOST_STATE_FOLDER = "/etc/sriov-operator";

  /**
   * Host file with this node's key of {@link #DEVICE_PLUGIN_CONFIG_MAP}: written atomically by the
   * config daemon, followed by the device plugin, so that a change arrives without the minute of a
   * projected ConfigMap.
   */
  public static final String DEVICE_PLUGIN_CONFIG_FILE = "/run/sriov/device-plugin/config.json";

  /** Host socket between the CNI forwarder and the CNI server in the config daemon. */
  public static final String CNI_SOCKET = "/run/sriov/cni/cni.sock";

  /**
   * Host file left behind by a config daemon that stopped because the stack is being uninstalled:
   * from then on the CNI forwarder answers DEL itself instead of waiting for the daemon, and the
   * kernel returns the VF when the pod's network namespace goes.
   */
  public static final String UNINSTALLED_FILE = HOST_STATE_FOLDER + "/uninstalled";

  private Names() {}
}
