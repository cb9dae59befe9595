package io.sriov.cni.sriov;

import io.sriov.cni.plugin.CniArgs;
import io.sriov.cni.plugin.LinkStateKey;
import io.sriov.cni.protocol.CniException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VlanProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is asked of a VF, checked. Whatever is empty is left alone.
 *
 * @param mac for the VF's administrative address and, where there is one, its netdev
 * @param changes settings made through the PF, in the order in which they are made
 * @param doubts values that are accepted but surely not what was meant
 */
record VfRequest(Optional<HardwareAddress> mac, List<VfChange> changes, List<String> doubts) {

  private static final int ETHERNET = 6;

  /**
   * Checks the values of a configuration.
   *
   * @throws CniException code 999, naming the key
   */
  static VfRequest of(NetConf conf, CniArgs args) throws CniException {
    List<String> doubts = new ArrayList<>();
    List<VfChange> changes = new ArrayList<>();
    vlan(conf).ifPresent(changes::add);
    Optional<HardwareAddress> mac = mac(conf, args);
    mac.map(VfChange.Mac::new).ifPresent(changes::add);
    if (conf.asksForRate()) {
      changes.add(
          new VfChange.Rate(
              rate("min_tx_rate", conf.minTxRate()), rate("max_tx_rate", conf.maxTxRate())));
    }
    onOff("spoofchk", conf.spoofChk(), doubts).map(VfChange.SpoofChk::new).ifPresent(changes::add);
    onOff("trust", conf.trust(), doubts).map(VfChange.Trust::new).ifPresent(changes::add);
    LinkStateKey.parse(conf.linkState()).map(VfChange.LinkState::new).ifPresent(changes::add);
    return new VfRequest(mac, List.copyOf(changes), List.copyOf(doubts));
  }

  private static Optional<VfChange> vlan(NetConf conf) throws CniException {
    if (conf.vlan().isEmpty()) {
      if (conf.vlanQos().isPresent()) {
        throw CniException.internal("vlanQoS needs vlan, which is not set");
      }
      if (conf.vlanProto().isPresent()) {
        throw CniException.internal("vlanProto needs vlan, which is not set");
      }
      return Optional.empty();
    }
    int id = inRange("vlan", conf.vlan().get(), 4094);
    int qos = inRange("vlanQoS", conf.vlanQos().orElse(0L), 7);
    VlanProtocol protocol =
        switch (conf.vlanProto().orElse("802.1q").toLowerCase(Locale.ROOT)) {
          case "802.1q" -> VlanProtocol.DOT1Q;
          case "802.1ad" -> VlanProtocol.DOT1AD;
          default ->
              throw CniException.internal(
                  "vlanProto must be 802.1q or 802.1ad, not \""
                      + conf.vlanProto().orElse("")
                      + "\"");
        };
    if (id == 0 && qos != 0) {
      throw CniException.internal("vlanQoS must be 0 with vlan 0, not " + qos);
    }
    if (id == 0 && protocol != VlanProtocol.DOT1Q) {
      throw CniException.internal("vlanProto must be 802.1q with vlan 0, not 802.1ad");
    }
    return Optional.of(new VfChange.Vlan(id, qos, protocol));
  }

  /** The pod's wish counts before the runtime's arguments, these before the configuration. */
  private static Optional<HardwareAddress> mac(NetConf conf, CniArgs args) throws CniException {
    String key = "mac";
    String text = conf.mac();
    if (!args.mac().isEmpty()) {
      key = "CNI_ARGS MAC";
      text = args.mac();
    }
    if (!conf.runtimeMac().isEmpty()) {
      key = "runtimeConfig.mac";
      text = conf.runtimeMac();
    }
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<HardwareAddress> address =
        HardwareAddress.parse(text).filter(parsed -> parsed.length() == ETHERNET);
    if (address.isEmpty()) {
      throw CniException.internal(key + " must be a 6-byte address, not \"" + text + "\"");
    }
    if (address.get().isMulticast()) {
      throw CniException.internal(key + " must not be a group address, which " + text + " is");
    }
    return address;
  }

  private static int rate(String key, Optional<Long> value) throws CniException {
    return inRange(key, value.orElse(0L), Integer.MAX_VALUE);
  }

  private static int inRange(String key, long value, int largest) throws CniException {
    if (value < 0 || value > largest) {
      throw CniException.internal(key + " must be in 0.." + largest + ", not " + value);
    }
    return (int) value;
  }

  /** Only the exact word turns a setting on; every other means off, as ever. */
  private static Optional<Boolean> onOff(String key, String value, List<String> doubts) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (!value.equals("on") && !value.equals("off")) {
      doubts.add(key + " is \"" + value + "\", which means off: only \"on\" turns it on");
    }
    return Optional.of(value.equals("on"));
  }
}
