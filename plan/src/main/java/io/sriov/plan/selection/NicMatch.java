package io.sriov.plan.selection;

import io.sriov.api.SriovNetworkNodePolicySpec.NicSelector;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * PFs of a node that a {@code nicSelector} matches, in the node's order, and why not others: all
 * criteria given must hold (spec 01 §4.6).
 */
record NicMatch(List<InterfaceExt> pfs, List<Miss> misses) {

  static NicMatch of(NicSelector selector, List<InterfaceExt> interfaces) {
    if (selector.isEmpty()) {
      return new NicMatch(List.of(), List.of(new Miss.NicSelectorEmpty()));
    }
    List<PfName> names = selector.pfNames().stream().map(PfName::parse).toList();
    List<InterfaceExt> matched = new ArrayList<>();
    List<Miss> unknown = unknown(selector, names, interfaces);
    List<Miss> differing = new ArrayList<>();
    for (InterfaceExt pf : interfaces) {
      boolean named = names.stream().anyMatch(name -> name.names(pf));
      boolean listed = selector.rootDevices().contains(pf.pciAddress());
      Miss miss = difference(selector, pf, named, listed);
      if (miss == null) {
        matched.add(pf);
      } else if (named || listed || (names.isEmpty() && selector.rootDevices().isEmpty())) {
        differing.add(miss);
      }
    }
    boolean byName = !names.isEmpty() || !selector.rootDevices().isEmpty();
    // Where PFs are chosen by their ids alone, the others are not of interest once one matches.
    boolean showDiffering = byName || matched.isEmpty();
    return new NicMatch(
        List.copyOf(matched),
        Stream.concat(unknown.stream(), showDiffering ? differing.stream() : Stream.of()).toList());
  }

  private static @Nullable Miss difference(
      NicSelector selector, InterfaceExt pf, boolean named, boolean listed) {
    if (!selector.pfNames().isEmpty() && !named) {
      return new Miss.PfNameDiffers(Pf.label(pf), pf.pciAddress());
    }
    if (!selector.rootDevices().isEmpty() && !listed) {
      return new Miss.RootDeviceDiffers(Pf.label(pf), pf.pciAddress());
    }
    if (differs(selector.vendor(), pf.vendor())) {
      return new Miss.VendorDiffers(Pf.label(pf), text(selector.vendor()), text(pf.vendor()));
    }
    if (differs(selector.deviceID(), pf.deviceID())) {
      return new Miss.DeviceDiffers(Pf.label(pf), text(selector.deviceID()), text(pf.deviceID()));
    }
    return null;
  }

  private static boolean differs(@Nullable String wanted, @Nullable String found) {
    return !text(wanted).isEmpty() && !text(wanted).equals(text(found));
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static List<Miss> unknown(
      NicSelector selector, List<PfName> names, List<InterfaceExt> interfaces) {
    List<String> present = interfaces.stream().map(InterfaceExt::pciAddress).toList();
    Stream<Miss> byName =
        names.stream()
            .filter(name -> interfaces.stream().noneMatch(name::names))
            .map(name -> new Miss.PfNameUnknown(name.name(), nearest(name.name(), interfaces)));
    Stream<Miss> byAddress =
        selector.rootDevices().stream()
            .filter(address -> !present.contains(address))
            .map(address -> new Miss.RootDeviceUnknown(address, present));
    return Stream.concat(byName, byAddress).toList();
  }

  private static List<String> nearest(String wanted, List<InterfaceExt> interfaces) {
    return interfaces.stream()
        .flatMap(pf -> Stream.concat(Stream.ofNullable(pf.name()), pf.altNames().stream()))
        .filter(name -> !name.isEmpty())
        .distinct()
        .sorted(
            Comparator.<String>comparingInt(name -> Spelling.distance(wanted, name))
                .thenComparing(Comparator.naturalOrder()))
        .limit(3)
        .toList();
  }
}
