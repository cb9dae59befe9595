package io.sriov.cni.plugin;

import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Caller;
import io.sriov.cni.wire.ConnectionLost;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** One CNI plugin behind the forwarder. */
public interface Plugin {

  /** Keys of a configuration that make a difference to the plugin, rightly spelt. */
  Set<String> settings();

  /** Removes what a server that was killed left half written; before the first call. */
  void removeLeftovers() throws IOException;

  /** Restores what pods left that went while nobody served; beside calls, at a server's start. */
  void sweep();

  /**
   * Restores one VF as {@link #sweep} does all, if a state file is the only trace of its pod.
   * Nothing for a plugin that moves no VF.
   */
  default void restore(String vf) {}

  /**
   * Attachments by the state files, also of containers that are gone: PCI address of a VF to id of
   * the container that has it.
   */
  Map<String, String> attachments() throws IOException;

  /**
   * Carries out a call, on a platform thread that ends afterwards: it may be left in the pod's
   * network namespace.
   *
   * @param id the same in every try of one call
   * @param netns what CNI_NETNS led to
   * @param log where what happens is told
   * @return what to print, empty for verbs without a result
   * @throws CniException to be printed
   * @throws ConnectionLost if the forwarder went away; the VF is as it was
   */
  String run(String id, Request request, PodNamespace netns, Caller caller, CallLog log)
      throws CniException, ConnectionLost;

  /**
   * Takes back an ADD that was carried out and whose result reached nobody. Addresses are left to
   * the DEL that the runtime sends, since there is no forwarder any more to run the IPAM plugin.
   *
   * @param id of that ADD; whatever another call made stays
   */
  void takeBack(String id, Request request, PodNamespace netns, Caller caller, CallLog log);
}
