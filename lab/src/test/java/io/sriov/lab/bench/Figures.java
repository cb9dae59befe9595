package io.sriov.lab.bench;

import java.util.List;
import java.util.Locale;

/**
 * Measured times of one thing. The first run is a warm-up: it is shown and not counted.
 *
 * @param millis one value a run, in order
 */
record Figures(String name, List<Double> millis) {

  double first() {
    return millis.getFirst();
  }

  double median() {
    return percentile(50);
  }

  /** Nearest rank over the counted runs. */
  double percentile(int p) {
    List<Double> counted = millis.subList(1, millis.size()).stream().sorted().toList();
    int rank = (int) Math.ceil(p / 100.0 * counted.size());
    return counted.get(Math.max(rank, 1) - 1);
  }

  /** A row of the table: the first run, the median of the rest, and its ratio to a floor. */
  String row(Figures floor) {
    return String.format(
        Locale.ROOT,
        "%-58s %9.0f %9.0f %9.0f %9.0f %7s",
        name,
        first(),
        median(),
        percentile(90),
        percentile(99),
        floor == this ? "1.00 x" : ratio(floor));
  }

  private String ratio(Figures floor) {
    return String.format(Locale.ROOT, "%.2f x", median() / floor.median());
  }

  static String header() {
    return String.format(
        Locale.ROOT,
        "%-58s %9s %9s %9s %9s %7s",
        "milliseconds",
        "first",
        "p50",
        "p90",
        "p99",
        "ratio");
  }
}
