package io.sriov.deviceplugin.pool;

import io.sriov.deviceplugin.config.DeviceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From facts to the devices a kind of pool may select, and why others may not (spec 05 §3). */
record Candidates(List<Candidate> devices, List<String> leftOut) {

  static Candidates of(DeviceKind kind, Facts facts) {
    var devices = new ArrayList<Candidate>();
    var leftOut = new ArrayList<String>();
    for (var function : facts.functions().values()) {
      if (function.baseClass() == kind.baseClass()) {
        switch (kind) {
          case NET_DEVICE -> netDevice(function, facts, devices, leftOut);
          case ACCELERATOR -> accelerator(function, devices, leftOut);
          case AUX_NET_DEVICE -> auxiliary(function, facts, devices, leftOut);
        }
      }
    }
    return new Candidates(devices, leftOut);
  }

  private static void netDevice(
      PciFunction function, Facts facts, List<Candidate> devices, List<String> leftOut) {
    if (function.netdevs().stream().anyMatch(Netdev::defaultRoute)) {
      leftOut.add(function.address() + ": the node's default route leaves through it");
      return;
    }
    int vfs = function.vfIndexes().size();
    if (vfs > 0) {
      leftOut.add("%s: a PF with %d VFs".formatted(function.address(), vfs));
      return;
    }
    var unusable = unusable(function);
    var pf = function.physfn().flatMap(facts::at);
    var pfName = pf.map(f -> Netdevs.pfName(f.netdevs(), f.switchdev())).orElse("");
    var link = linkType(function.netdevs(), pf, pfName);
    if (unusable.isPresent() || link.isEmpty()) {
      leftOut.add(function.address() + ": " + unusable.orElse("the link type could not be read"));
      return;
    }
    devices.add(
        new Candidate(
            function.address(),
            function,
            Optional.empty(),
            function.driver().orElseThrow(),
            function.physfn().orElse(""),
            pfName,
            pf.map(f -> f.vfIndexes().getOrDefault(function.address(), -1)).orElse(-1),
            link.get(),
            function.rdmaCapable()));
  }

  private static void accelerator(
      PciFunction function, List<Candidate> devices, List<String> leftOut) {
    var unusable = unusable(function);
    if (unusable.isPresent()) {
      leftOut.add(function.address() + ": " + unusable.get());
      return;
    }
    devices.add(
        new Candidate(
            function.address(),
            function,
            Optional.empty(),
            function.driver().orElseThrow(),
            "",
            "",
            -1,
            "",
            false));
  }

  private static void auxiliary(
      PciFunction parent, Facts facts, List<Candidate> devices, List<String> leftOut) {
    if (parent.netdevs().isEmpty()) {
      return;
    }
    var pf = parent.physfn().flatMap(facts::at).orElse(parent);
    var uplink = Netdevs.pfName(pf.netdevs(), true);
    var pfName = uplink.isEmpty() ? parent.netdevs().getFirst().name() : uplink;
    var unusable = unusable(parent);
    for (var aux : parent.auxiliary()) {
      var link = linkType(aux.netdevs(), Optional.of(pf), pfName);
      if (unusable.isPresent()) {
        leftOut.add("%s: %s: %s".formatted(aux.name(), parent.address(), unusable.get()));
      } else if (aux.type().isEmpty() || aux.sfNumber().isEmpty()) {
        leftOut.add(aux.name() + ": not a scalable function");
      } else if (link.isEmpty()) {
        leftOut.add(aux.name() + ": the link type could not be read");
      } else {
        devices.add(
            new Candidate(
                aux.name(),
                parent,
                Optional.of(aux),
                parent.driver().orElseThrow(),
                parent.address(),
                pfName,
                aux.sfNumber().getAsInt(),
                link.get(),
                aux.rdmaCapable()));
      }
    }
  }

  private static Optional<String> unusable(PciFunction function) {
    return function.driver().isEmpty() ? Optional.of("no driver is bound") : function.fault();
  }

  /** Of the own netdev, else of the PF's; absent when it exists but cannot be read. */
  private static Optional<String> linkType(
      List<Netdev> own, Optional<PciFunction> pf, String pfName) {
    var netdev =
        own.stream()
            .findFirst()
            .or(() ->
                pf.stream()
                    .flatMap(f -> f.netdevs().stream())
                    .filter(candidate -> candidate.name().equals(pfName))
                    .findFirst());
    if (netdev.isEmpty()) {
      return Optional.of("");
    }
    var type = netdev.get().arpType();
    return type.isPresent() ? Optional.of(linkTypeName(type.getAsInt())) : Optional.empty();
  }

  /** Names iproute2 and the netlink library give to {@code ARPHRD_*} of linux/if_arp.h. */
  private static String linkTypeName(int arpType) {
    return switch (arpType) {
      case 0 -> "generic";
      case 1 -> "ether";
      case 32 -> "infiniband";
      case 768 -> "ipip";
      case 772 -> "loopback";
      case 776 -> "sit";
      default -> "unknown" + arpType;
    };
  }
}
