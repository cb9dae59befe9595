package io.sriov.cni.ib;

import io.sriov.cni.plugin.LinkStateKey;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfLinkState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of a VF, checked. Whatever is empty is left alone.
 *
 * @param guid of its node and its port
 * @param isolated whether its RDMA device goes with it
 */
record VfWish(Optional<Guid> guid, Optional<VfLinkState> linkState, boolean isolated) {

  private static final String MARKER = "mellanox.infiniband.app";

  /**
   * Checks the values of a configuration.
   *
   * @throws CniException code 999, naming the key
   */
  static VfWish of(Conf conf) throws CniException {
    Optional<VfLinkState> linkState = LinkStateKey.parse(conf.linkState());
    if (conf.ibKubernetes() && !conf.cniArg(MARKER).equals("configured")) {
      throw CniException.internal(
          "ibKubernetesEnabled is set, but ib-kubernetes has not configured this pod yet: args.cni."
              + MARKER
              + " must be \"configured\"");
    }
    if (conf.ipamType().equals("dhcp")) {
      throw CniException.internal(
          "ipam.type dhcp does not work on InfiniBand: choose another IPAM plugin");
    }
    return new VfWish(guid(conf), linkState, conf.rdmaIsolation());
  }

  private static Optional<Guid> guid(Conf conf) throws CniException {
    String text = conf.guid();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    String key = conf.runtimeGuid().isEmpty() ? "args.cni.guid" : "runtimeConfig.infinibandGUID";
    Optional<Guid> guid = Guid.parse(text);
    if (guid.isEmpty()) {
      throw CniException.internal(
          key + " must be 8 bytes in hex, separated by colons, not \"" + text + "\"");
    }
    if (guid.get().value() == 0) {
      throw CniException.internal(key + " must not be all zero");
    }
    return guid;
  }

  /** Settings made through the PF, in the order in which they are made. */
  List<VfChange> changes() {
    List<VfChange> changes = new ArrayList<>();
    linkState.map(VfChange.LinkState::new).ifPresent(changes::add);
    if (guid.isPresent()) {
      changes.add(new VfChange.NodeGuid(guid.get().value()));
      changes.add(new VfChange.PortGuid(guid.get().value()));
    }
    return changes;
  }
}
