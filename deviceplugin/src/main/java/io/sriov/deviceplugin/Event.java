package io.sriov.deviceplugin;

import java.util.Set;

/** What makes the plugin look again. */
sealed interface Event {

  /** Something happened in the folder of the configuration file. */
  record ConfigurationFile() implements Event {}

  /** Something happened in the folder of the kubelet's sockets. */
  record Sockets() implements Event {}

  /** The kernel changed these PCI functions or what hangs on them. */
  record Functions(Set<String> addresses) implements Event {}

  /** The kernel handles PCI errors of a function, or has done so. */
  record PciErrors(String address, boolean unrecovered) implements Event {}

  /** The link of this netdev came or went. */
  record Carrier(String netdev) implements Event {}

  /** Kernel events were lost. */
  record AnyFunction() implements Event {}

  /** The kubelet refused a pool that it found by itself. */
  record Refused(String resource) implements Event {}

  /** The kubelet no longer follows the devices of a pool. */
  record StreamEnded(String resource) implements Event {}

  /** End with this exit code. */
  record Stop(int exitCode) implements Event {}
}
