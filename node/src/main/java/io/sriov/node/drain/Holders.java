package io.sriov.node.drain;

import io.sriov.plan.node.Blocked;
import io.sriov.plan.node.VfInUse;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Who holds the VFs that the wanted change takes.
 *
 * @param leaving pods that a drain makes leave, {@code namespace/name}, sorted
 * @param kept pods that a drain leaves where they are, {@code namespace/name}, sorted
 * @param unnamed holders of which no pod is known, as texts for people: nobody can be asked to
 *     leave, and nobody could be told that he loses his VF
 */
public record Holders(List<String> leaving, List<String> kept, List<String> unnamed) {

  /** Nobody holds anything. */
  public static final Holders NONE = new Holders(List.of(), List.of(), List.of());

  public Holders {
    leaving = List.copyOf(leaving);
    kept = List.copyOf(kept);
    unnamed = List.copyOf(unnamed);
  }

  /**
   * Holders of what {@code blocked} steps would take.
   *
   * @param kept pods that a drain leaves where they are
   */
  public static Holders of(Collection<Blocked> blocked, Set<String> kept) {
    SortedSet<String> leaving = new TreeSet<>();
    SortedSet<String> staying = new TreeSet<>();
    SortedSet<String> unnamed = new TreeSet<>();
    for (Blocked step : blocked) {
      for (VfInUse use : step.by()) {
        if (!isPod(use.pod())) {
          unnamed.add(use.pod());
        } else {
          (kept.contains(use.pod()) ? staying : leaving).add(use.pod());
        }
      }
    }
    return new Holders(List.copyOf(leaving), List.copyOf(staying), List.copyOf(unnamed));
  }

  /** Whether {@code holder} is a pod's {@code namespace/name}; what else it may be has no slash. */
  static boolean isPod(String holder) {
    return holder.indexOf('/') > 0;
  }

  boolean none() {
    return leaving.isEmpty() && kept.isEmpty() && unnamed.isEmpty();
  }

  /** All pods, sorted. */
  public List<String> pods() {
    return Stream.concat(leaving.stream(), kept.stream()).sorted().toList();
  }
}
