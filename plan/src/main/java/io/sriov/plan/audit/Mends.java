package io.sriov.plan.audit;

import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.CniState.NetnsPath;
import io.sriov.plan.audit.Finding.Leftover;
import io.sriov.plan.node.Inventory.Vf;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What puts findings right, where that disturbs nobody. */
final class Mends {

  private Mends() {}

  static List<Mend> of(Finding finding, Look look) {
    return switch (finding) {
      case Finding.SettingsLeft(VfAt at, List<Leftover> left) ->
          changeable(at, look)
              .map(_ ->
                  List.<Mend>of(
                      new Mend.ResetSettings(at, left.stream().map(Leftover::wanted).toList())))
              .orElse(List.of());
      case Finding.Renamed(VfAt at, String netdev, String known) ->
          known == null || taken(known, look)
              ? List.of()
              : changeable(at, look)
                  .map(_ -> List.<Mend>of(new Mend.Rename(at, netdev, known)))
                  .orElse(List.of());
      case Finding.MacDuplicated duplicated -> newMacs(duplicated, look);
      case Finding.LeftByPod left -> ended(left, look).map(List::of).orElse(List.of());
      // The loop binds drivers; a namespace that lives is somebody's; files are looked at by
      // people.
      case Finding.WrongDriver _,
          Finding.Orphaned _,
          Finding.StateWithoutVf _,
          Finding.StateUnreadable _,
          Finding.WitnessSilent _ ->
          List.of();
    };
  }

  /** A VF that is free by every witness, managed here, and on whose PF nothing else is going on. */
  private static Optional<SeenVf> changeable(VfAt at, Look look) {
    return look.witnesses().complete()
        ? look.vf(at.vf())
            .filter(seen ->
                seen.free()
                    && seen.managed()
                    && !"IB".equals(seen.pf().linkType())
                    && look.settled(seen))
        : Optional.empty();
  }

  private static boolean taken(String name, Look look) {
    return look.witnesses().kernel().pfs().stream()
        .anyMatch(pf ->
            pf.name().equals(name)
                || pf.altNames().contains(name)
                || pf.vfs().stream().anyMatch(vf -> name.equals(vf.name())));
  }

  /** Its state file is the only trace left, and the namespace that it names is gone. */
  private static Optional<Mend> ended(Finding.LeftByPod left, Look look) {
    Attached attached = left.attached();
    return look.witnesses().complete()
            && left.netdev() != null
            && attached.complete()
            && !attached.userspace()
            && attached.netns() == NetnsPath.GONE
        ? look.vf(left.at().vf())
            .filter(seen ->
                seen.pods().isEmpty()
                    && !seen.vf().netdevElsewhere()
                    && seen.attached().size() == 1
                    && seen.offered()
                    && look.settled(seen))
            .map(seen -> new Mend.EndAttachment(seen.at(), attached.file()))
        : Optional.empty();
  }

  /** All free VFs get another address, but one that is alone with it then may keep it. */
  private static List<Mend> newMacs(Finding.MacDuplicated duplicated, Look look) {
    List<SeenVf> free =
        duplicated.holders().stream()
            .flatMap(holder ->
                holder instanceof MacHolder.OfVf of ? vf(of, look) : Stream.<SeenVf>empty())
            .toList();
    if (free.size() == duplicated.holders().size()) {
      free = free.subList(1, free.size());
    }
    Set<String> taken = taken(look);
    var mends = new ArrayList<Mend>();
    for (SeenVf seen : free) {
      String mac = fresh(seen, duplicated.mac(), taken);
      taken.add(mac);
      Vf vf = seen.vf();
      mends.add(new Mend.NewMac(seen.at(), mac, vf.adminMac() != null, vf.name() != null));
    }
    return List.copyOf(mends);
  }

  private static Stream<SeenVf> vf(MacHolder.OfVf holder, Look look) {
    return changeable(holder.at(), look).stream();
  }

  private static Set<String> taken(Look look) {
    Set<String> taken = new HashSet<>();
    look.witnesses().kernel().pfs().forEach(pf -> Audit.usable(pf.mac()).ifPresent(taken::add));
    look.vfs().forEach(seen -> taken.addAll(Audit.macs(seen.vf())));
    return taken;
  }

  /**
   * A locally administered address that no card of this node has. It follows from the PF's own
   * address, so that other nodes come to others.
   */
  private static String fresh(SeenVf seen, String instead, Set<String> taken) {
    String pf = Objects.requireNonNullElse(seen.pf().mac(), seen.pf().pci().value());
    for (int attempt = 0; ; attempt++) {
      String mac = hashed(pf + " " + seen.vf().pci() + " " + instead + " " + attempt);
      if (!taken.contains(mac)) {
        return mac;
      }
    }
  }

  private static String hashed(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "%02x:%02x:%02x:%02x:%02x:%02x"
          .formatted(hash[0] & 0xfc | 0x02, hash[1], hash[2], hash[3], hash[4], hash[5]);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
