package io.sriov.plan.audit;

import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.Finding.Witness;
import io.sriov.plan.node.Blocked;
import io.sriov.plan.node.Inventory.Pf;
import io.sriov.plan.node.Inventory.Vf;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.PfPlan;
import io.sriov.plan.node.Step;
import io.sriov.plan.node.VfInUse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one look at all witnesses shows. */
public final class Audit {

  private final Look look;
  private final List<Finding> findings;

  private Audit(Look look) {
    this.look = look;
    this.findings = List.copyOf(look.witnesses().complete() ? found(look) : silent(look));
  }

  /** Compares what the witnesses say; a pure function of its argument. */
  public static Audit of(Witnesses witnesses) {
    return new Audit(new Look(witnesses));
  }

  /** Everything that is wrong. While a witness is silent only that, and what needs it not. */
  public List<Finding> findings() {
    return findings;
  }

  /**
   * What puts a finding right; nothing if that is not safe, or the daemon's loop or somebody else
   * is going to. Only VFs are changed that every witness says are free.
   */
  public List<Mend> mends(Finding finding) {
    return findings.contains(finding) ? Mends.of(finding, look) : List.of();
  }

  private static List<Finding> found(Look look) {
    var found = new ArrayList<Finding>();
    for (SeenVf seen : look.vfs()) {
      if (seen.pf().hangs() == null) {
        ofHolders(seen).ifPresent(found::add);
        renamed(seen, look).ifPresent(found::add);
        settingsLeft(seen).ifPresent(found::add);
      }
    }
    found.addAll(macsDuplicated(look));
    found.addAll(wrongDrivers(look));
    for (Attached attached : look.cni().attached()) {
      if (!attached.vfExists()) {
        found.add(new Finding.StateWithoutVf(attached.file(), attached.vf(), attached.container()));
      }
    }
    look.cni().unreadable().forEach(file -> found.add(new Finding.StateUnreadable(file.file())));
    return found;
  }

  private static List<Finding> silent(Look look) {
    var found = new ArrayList<Finding>();
    if (look.witnesses().kubelet().given().isEmpty()) {
      found.add(new Finding.WitnessSilent(Witness.KUBELET));
    } else {
      found.addAll(wrongDrivers(look));
    }
    if (look.witnesses().cni().given().isEmpty()) {
      found.add(new Finding.WitnessSilent(Witness.CNI));
    }
    return found;
  }

  /** A VF that a pod has may be anywhere and as the pod wants; one that none has must be back. */
  private static Optional<Finding> ofHolders(SeenVf seen) {
    if (!seen.pods().isEmpty()) {
      return Optional.empty();
    }
    Attached attached = seen.attached().isEmpty() ? null : seen.attached().getFirst();
    if (seen.vf().netdevElsewhere()) {
      return attached == null && !seen.offered()
          ? Optional.empty()
          : Optional.of(new Finding.Orphaned(seen.at(), attached));
    }
    return attached == null
        ? Optional.empty()
        : Optional.of(new Finding.LeftByPod(seen.at(), attached, seen.vf().name()));
  }

  private static Optional<Finding> renamed(SeenVf seen, Look look) {
    String known = look.witnesses().names().get(seen.vf().pci());
    String name = seen.vf().name();
    return name != null && seen.free() && seen.offered() && VfNames.left(seen.vf(), known)
        ? Optional.of(new Finding.Renamed(seen.at(), name, known))
        : Optional.empty();
  }

  private static Optional<Finding> settingsLeft(SeenVf seen) {
    if (!seen.free() || !seen.managed() || !ethernet(seen.pf()) || seen.vf().settings() == null) {
      return Optional.empty();
    }
    var left = VfDefaults.left(seen.pf().driver(), seen.vf().settings());
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(new Finding.SettingsLeft(seen.at(), left));
  }

  /** In switchdev mode flows do what these settings did. */
  private static boolean ethernet(Pf pf) {
    return !"IB".equals(pf.linkType()) && pf.eswitchMode().equals("legacy");
  }

  private static List<Finding> macsDuplicated(Look look) {
    Map<String, List<MacHolder>> holders = new TreeMap<>();
    for (Pf pf : look.witnesses().kernel().pfs()) {
      usable(pf.mac()).ifPresent(mac -> add(holders, mac, new MacHolder.OfPf(pf.pci(), pf.name())));
    }
    for (SeenVf seen : look.vfs()) {
      for (String mac : macs(seen.vf())) {
        add(holders, mac, new MacHolder.OfVf(seen.at(), seen.user()));
      }
    }
    return holders.entrySet().stream()
        .filter(entry -> entry.getValue().size() > 1 && !agreed(entry.getValue()))
        .<Finding>map(entry -> new Finding.MacDuplicated(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static void add(Map<String, List<MacHolder>> holders, String mac, MacHolder holder) {
    holders.computeIfAbsent(mac, _ -> new ArrayList<>(1)).add(holder);
  }

  /** PFs of a bond, and VFs of one pod, which may make a bond of them, share on purpose. */
  private static boolean agreed(List<MacHolder> holders) {
    if (holders.stream().allMatch(MacHolder.OfPf.class::isInstance)) {
      return true;
    }
    Set<String> users = new HashSet<>();
    for (MacHolder holder : holders) {
      users.add(holder instanceof MacHolder.OfVf(_, String user) ? user : "");
    }
    return users.size() == 1 && users.stream().allMatch(user -> user.startsWith("pod "));
  }

  /** Addresses of a VF: its netdev's, and the one that the PF enforces. */
  static Set<String> macs(Vf vf) {
    Set<String> macs = new HashSet<>();
    usable(vf.mac()).ifPresent(macs::add);
    usable(vf.adminMac()).ifPresent(macs::add);
    return macs;
  }

  /** Ethernet addresses that are set. */
  static Optional<String> usable(@Nullable String mac) {
    return Optional.ofNullable(mac)
        .map(text -> text.toLowerCase(Locale.ROOT))
        .filter(text -> text.length() == 17 && !text.equals("00:00:00:00:00:00"));
  }

  private static List<Finding> wrongDrivers(Look look) {
    var found = new ArrayList<Finding>();
    for (PfPlan pf : look.plan().pfs()) {
      boolean remade =
          pf.steps().stream()
              .anyMatch(
                  step -> step instanceof Step.ResizeVfs || step instanceof Step.SetEswitchMode);
      if (!remade) {
        Stream.concat(
                pf.steps().stream().map(step -> new Blocked(step, List.of())),
                pf.blocked().stream())
            .flatMap(waiting -> wrongDriver(waiting, look).stream())
            .forEach(found::add);
      }
    }
    return found;
  }

  private static Optional<Finding> wrongDriver(Blocked waiting, Look look) {
    return switch (waiting.step()) {
      case Step.BindDriver(PciAddress pf, int vf, String from, String driver) ->
          wrongDriver(look, pf, vf, from, driver, waiting.by());
      case Step.BindDefaultDriver(PciAddress pf, int vf, String from) ->
          wrongDriver(look, pf, vf, from, null, waiting.by());
      default -> Optional.empty();
    };
  }

  private static Optional<Finding> wrongDriver(
      Look look,
      PciAddress pf,
      int id,
      @Nullable String found,
      @Nullable String wanted,
      List<VfInUse> by) {
    List<String> pods = by.stream().map(VfInUse::pod).distinct().toList();
    return look.vfs().stream()
        .filter(seen -> seen.pf().pci().equals(pf) && seen.vf().id() == id)
        .findFirst()
        .map(seen -> new Finding.WrongDriver(seen.at(), found, wanted, pods));
  }
}
