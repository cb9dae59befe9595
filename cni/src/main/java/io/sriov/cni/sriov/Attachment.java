package io.sriov.cni.sriov;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Vf;
import io.sriov.linux.netlink.Link;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A pod's hold on a VF, as its state file tells: the members of the Go plugin's file (spec 04
 * §3.9), so that either can release what the other attached, and one of ours, {@code attachment}.
 *
 * @param conf with the resolved address as {@code mac}
 * @param pf name of the PF's netdev then
 * @param vf number of the VF
 * @param mtu as reported in the result, bytes
 * @param own empty in a file of the Go plugin
 */
record Attachment(NetConf conf, String pf, int vf, int mtu, FoundVf found, Optional<Journal> own) {

  String deviceId() {
    return conf.deviceId();
  }

  /** Whether the VF has no netdev; files of the Go plugin show it by an empty host name. */
  boolean userspace() {
    return own.map(Journal::userspace).orElse(found.hostName().isEmpty());
  }

  boolean isIn(Phase phase) {
    return own.map(Journal::phase).orElse(Phase.ATTACHED) == phase;
  }

  /** Whether addresses have to be given back. */
  boolean holdsAddresses() {
    return !conf.ipamType().isEmpty() && own.map(Journal::ipamAsked).orElse(true);
  }

  /**
   * Whether a link may be the VF's netdev: it has its number in the pod, or its name and address.
   */
  boolean resembles(Link link, String ifname) {
    int index = own.map(Journal::podIndex).orElse(0);
    if (index != 0) {
      return link.index() == index;
    }
    String address = link.mac().toString();
    return link.name().equals(ifname)
        && (address.equals(conf.mac())
            || found.effectiveMac().map(mac -> mac.toString().equals(address)).orElse(true));
  }

  Attachment with(Journal newOwn) {
    return new Attachment(conf, pf, vf, mtu, found, Optional.of(newOwn));
  }

  static Attachment of(Json json) throws JsonException {
    Fields fields = Fields.of(json);
    Optional<Journal> own =
        fields.has("attachment")
            ? Optional.of(Journal.of(fields.object("attachment")))
            : Optional.empty();
    NetConf conf = NetConf.of(json);
    if (conf.deviceId().isEmpty()) {
      throw new JsonException("deviceID is missing");
    }
    if (!Vf.isAddress(conf.deviceId().toLowerCase(Locale.ROOT))) {
      throw new JsonException("deviceID \"" + conf.deviceId() + "\" is not a PCI address");
    }
    return new Attachment(
        conf,
        fields.text("Master"),
        fields.optionalInteger("VFID").orElse(0L).intValue(),
        fields.optionalInteger("MTU").orElse(0L).intValue(),
        FoundVf.of(fields.object("OrigVfState")),
        own);
  }

  /** One flat object with its keys in byte order, as the Go plugin writes it. */
  Json json() {
    List<Json.Member> members = new ArrayList<>();
    members.add(new Json.Member("MAC", Json.of(conf.mac())));
    members.add(new Json.Member("MTU", Json.of(mtu)));
    members.add(new Json.Member("Master", Json.of(pf)));
    members.add(new Json.Member("OrigVfState", found.json()));
    members.add(new Json.Member("VFID", Json.of(vf)));
    own.ifPresent(ours -> members.add(new Json.Member("attachment", ours.json())));
    if (!conf.capabilities().isEmpty()) {
      members.add(new Json.Member("capabilities", new Json.Obj(conf.capabilities())));
    }
    text(members, "cniVersion", conf.cniVersion());
    members.add(new Json.Member("deviceID", Json.of(conf.deviceId())));
    if (!conf.dns().isEmpty()) {
      members.add(new Json.Member("dns", conf.dns().json()));
    }
    members.add(new Json.Member("ipam", object("type", conf.ipamType())));
    text(members, "link_state", conf.linkState());
    text(members, "logFile", conf.logFile());
    text(members, "logLevel", conf.logLevel());
    members.add(new Json.Member("max_tx_rate", number(conf.maxTxRate())));
    members.add(new Json.Member("min_tx_rate", number(conf.minTxRate())));
    text(members, "name", conf.name());
    conf.prevResult().ifPresent(value -> members.add(new Json.Member("prevResult", value)));
    members.add(new Json.Member("runtimeConfig", object("mac", conf.runtimeMac())));
    text(members, "spoofchk", conf.spoofChk());
    text(members, "trust", conf.trust());
    text(members, "type", conf.type());
    members.add(new Json.Member("vlan", number(conf.vlan())));
    members.add(
        new Json.Member("vlanProto", conf.vlanProto().<Json>map(Json::of).orElse(Json.NULL)));
    members.add(new Json.Member("vlanQoS", number(conf.vlanQos())));
    members.sort(Comparator.comparing(Json.Member::key));
    return new Json.Obj(members);
  }

  private static void text(List<Json.Member> members, String key, String value) {
    if (!value.isEmpty()) {
      members.add(new Json.Member(key, Json.of(value)));
    }
  }

  private static Json object(String key, String value) {
    List<Json.Member> members = new ArrayList<>();
    text(members, key, value);
    return new Json.Obj(members);
  }

  private static Json number(Optional<Long> value) {
    return value.<Json>map(Json::of).orElse(Json.NULL);
  }
}
