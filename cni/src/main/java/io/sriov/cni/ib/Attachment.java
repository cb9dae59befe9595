package io.sriov.cni.ib;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.plugin.FoundNetdev;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.RdmaNetState;
import io.sriov.cni.plugin.Vf;
import io.sriov.linux.netlink.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A pod's hold on a VF, as its state file tells: the members of the Go plugin's file (spec 04
 * §5.2), so that either can release what the other attached, and two of ours, {@code attachment}
 * and {@code foundVf}.
 *
 * @param conf with the device's address as sysfs writes it
 * @param pf name of the PF's netdev then
 * @param vf number of the VF
 * @param podName name of the netdev in the pod, empty before it is there
 * @param rdma the RDMA device that is, or is about to be, in the pod
 * @param own empty in a file of the Go plugin
 */
record Attachment(
    Conf conf,
    String pf,
    int vf,
    FoundVf found,
    String podName,
    RdmaNetState rdma,
    Optional<Journal> own) {

  String deviceId() {
    return conf.deviceId();
  }

  /** Whether the VF has no netdev. */
  boolean userspace() {
    return conf.vfioPciMode();
  }

  boolean isIn(Phase phase) {
    return own.map(Journal::phase).orElse(Phase.ATTACHED) == phase;
  }

  /** Whether addresses have to be given back: a VF without a netdev never got any. */
  boolean holdsAddresses() {
    return !conf.ipamType().isEmpty()
        && !conf.ipamType().equals("dhcp")
        && !userspace()
        && own.map(Journal::ipamAsked).orElse(true);
  }

  /** Whether a link in the pod may be the VF's netdev. */
  boolean resembles(Link link, String ifname) {
    int index = own.map(Journal::podIndex).orElse(0);
    return index != 0 ? link.index() == index : link.name().equals(ifname);
  }

  /** The GUID that the pod's VF was given. */
  Optional<Guid> given() {
    return Guid.parse(conf.guid());
  }

  /** The netdev as it was; without a record of ours it ends down, as ever. */
  FoundNetdev foundNetdev() {
    return new FoundNetdev(
        found.hostName(),
        Optional.empty(),
        0,
        own.map(Journal::droppedAltNames).orElse(List.of()),
        own.map(Journal::wasUp).orElse(false));
  }

  Attachment with(Journal newOwn) {
    return new Attachment(conf, pf, vf, found, podName, rdma, Optional.of(newOwn));
  }

  Attachment with(RdmaNetState moved) {
    return new Attachment(conf, pf, vf, found, podName, moved, own);
  }

  Attachment calledInPod(String name) {
    return new Attachment(conf, pf, vf, found, name, rdma, own);
  }

  static Attachment of(Json json) throws JsonException {
    Fields fields = Fields.of(json);
    Conf conf = Conf.of(json);
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
        FoundVf.of(fields),
        fields.text("ContIFNames"),
        RdmaNetState.of(fields.object("RdmaNetState")),
        fields.has("attachment")
            ? Optional.of(Journal.of(fields.object("attachment")))
            : Optional.empty());
  }

  /** One flat object with its keys in byte order, as the Go plugin writes it. */
  Json json() {
    List<Json.Member> members = new ArrayList<>();
    members.add(new Json.Member("ContIFNames", Json.of(podName)));
    members.add(new Json.Member("HostIFGUID", Json.of(found.hostGuid())));
    members.add(new Json.Member("HostIFNames", Json.of(found.hostName())));
    members.add(new Json.Member("Master", Json.of(pf)));
    members.add(new Json.Member("RdmaNetState", new Json.Obj(rdma.members())));
    members.add(new Json.Member("VFID", Json.of(vf)));
    members.add(new Json.Member("args", object("cni", new Json.Obj(conf.cniArgs()))));
    own.ifPresent(ours -> members.add(new Json.Member("attachment", ours.json())));
    if (!conf.capabilities().isEmpty()) {
      members.add(new Json.Member("capabilities", new Json.Obj(conf.capabilities())));
    }
    text(members, "cniVersion", conf.cniVersion());
    members.add(new Json.Member("deviceID", Json.of(conf.deviceId())));
    if (!conf.dns().isEmpty()) {
      members.add(new Json.Member("dns", conf.dns().json()));
    }
    own.ifPresent(_ -> members.add(new Json.Member("foundVf", found.ours())));
    flag(members, "ibKubernetesEnabled", conf.ibKubernetes());
    List<Json.Member> ipam = new ArrayList<>();
    text(ipam, "type", conf.ipamType());
    members.add(new Json.Member("ipam", new Json.Obj(ipam)));
    text(members, "link_state", conf.linkState());
    text(members, "name", conf.name());
    members.add(new Json.Member("pkey", Json.of(conf.pkey())));
    conf.prevResult().ifPresent(value -> members.add(new Json.Member("prevResult", value)));
    flag(members, "rdmaIsolation", conf.rdmaIsolation());
    members.add(
        new Json.Member("runtimeConfig", object("infinibandGUID", Json.of(conf.runtimeGuid()))));
    text(members, "type", conf.type());
    flag(members, "vfioPciMode", conf.vfioPciMode());
    return new Json.Obj(members);
  }

  private static void text(List<Json.Member> members, String key, String value) {
    if (!value.isEmpty()) {
      members.add(new Json.Member(key, Json.of(value)));
    }
  }

  private static void flag(List<Json.Member> members, String key, boolean value) {
    if (value) {
      members.add(new Json.Member(key, Json.of(true)));
    }
  }

  private static Json object(String key, Json value) {
    return new Json.Obj(List.of(new Json.Member(key, value)));
  }
}
