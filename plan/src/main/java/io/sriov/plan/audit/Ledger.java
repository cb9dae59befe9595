package io.sriov.plan.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Findings over time. A pod that starts or ends leaves traces for a moment that look like dirt, so
 * only what is seen again after a while counts.
 */
public final class Ledger {

  /** Between two looks that count: longer than a CNI call, or than udev takes to name a netdev. */
  public static final Duration APART = Duration.ofSeconds(5);

  /** Looks after which a finding is told. */
  private static final int TOLD = 2;

  /** Looks after which it is mended: whoever made it on purpose could read of it before. */
  private static final int RIPE = 3;

  /** Nothing was found yet. */
  public static final Ledger EMPTY = new Ledger(Map.of());

  /**
   * When a finding was seen.
   *
   * @param since the first time
   * @param counted the last time that counts
   * @param looks that count
   */
  private record Entry(Instant since, Instant counted, int looks) {}

  private final Map<Finding, Entry> entries;

  private Ledger(Map<Finding, Entry> entries) {
    this.entries = Map.copyOf(entries);
  }

  /**
   * The ledger after a look.
   *
   * @param complete whether all witnesses answered; if not, what was found before is neither
   *     confirmed nor gone
   */
  public Ledger after(Collection<Finding> seen, boolean complete, Instant now) {
    var next = new HashMap<Finding, Entry>();
    if (!complete) {
      next.putAll(entries);
    }
    for (Finding finding : seen) {
      Entry before = entries.get(finding);
      next.put(finding, before == null ? new Entry(now, now, 1) : again(before, now));
    }
    return new Ledger(next);
  }

  private static Entry again(Entry before, Instant now) {
    return Duration.between(before.counted(), now).compareTo(APART) < 0
        ? before
        : new Entry(before.since(), now, Math.min(before.looks() + 1, RIPE));
  }

  /** Findings that are told, in an order that does not change. */
  public List<Finding> told() {
    return atLeast(TOLD);
  }

  /** Findings that were seen often enough to be mended. */
  public List<Finding> ripe() {
    return atLeast(RIPE);
  }

  private List<Finding> atLeast(int looks) {
    return entries.entrySet().stream()
        .filter(entry -> entry.getValue().looks() >= looks)
        .map(Map.Entry::getKey)
        .sorted(Comparator.comparing(Finding::kind).thenComparing(Finding::toString))
        .toList();
  }

  /** Whether a further look will tell more. */
  public boolean undecided() {
    return entries.values().stream().anyMatch(entry -> entry.looks() < RIPE);
  }

  /** When it was seen first; empty if it is not known. */
  public Optional<Instant> since(Finding finding) {
    return Optional.ofNullable(entries.get(finding)).map(Entry::since);
  }
}
