package io.sriov.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reports, per specification file, how many rows are proven by executed tests, excepted with a
 * reason, and open. Ends with status 1 if a test or an exception names a row that does not exist,
 * or a row is both proven and excepted.
 */
public final class SpecCoverage {

  private SpecCoverage() {}

  /**
   * Arguments: root folder of the project, then optionally {@code --open} to list the open rows.
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args.length > 0 ? args[0] : ".");
    boolean listOpen = List.of(args).contains("--open");
    SpecRows rows = SpecRows.read(root.resolve("docs/spec"));
    List<RowResult> results = results(root.resolve("target/spec-rows"));
    Set<String> proven = proven(results);

    System.out.printf(
        "%-34s %6s %7s %9s %6s%n", "specification", "rows", "proven", "excepted", "open");
    int[] sum = new int[4];
    for (Map.Entry<String, Set<String>> file : rows.byFile().entrySet()) {
      List<String> open = new ArrayList<>();
      int provenHere = 0;
      int excepted = 0;
      for (String row : file.getValue()) {
        if (proven.contains(row)) {
          provenHere++;
        } else if (rows.exceptions().containsKey(row)) {
          excepted++;
        } else {
          open.add(row.substring(3));
        }
      }
      print(file.getKey(), file.getValue().size(), provenHere, excepted, open.size());
      if (listOpen && !open.isEmpty()) {
        System.out.println("  open: " + String.join(" ", open));
      }
      sum[0] += file.getValue().size();
      sum[1] += provenHere;
      sum[2] += excepted;
      sum[3] += open.size();
    }
    print("all", sum[0], sum[1], sum[2], sum[3]);

    List<String> mistakes = mistakes(rows, results, proven);
    mistakes.forEach(m -> System.out.println("error: " + m));
    if (!mistakes.isEmpty()) {
      System.exit(1);
    }
  }

  private static void print(String name, int rows, int proven, int excepted, int open) {
    System.out.printf("%-34s %6d %7d %9d %6d%n", name, rows, proven, excepted, open);
  }

  static List<RowResult> results(Path folder) throws IOException {
    List<RowResult> results = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          Files.readAllLines(file).forEach(line -> results.add(RowResult.parse(line)));
        }
      }
    }
    return results;
  }

  /** Rows with at least one passed and no failed test. */
  static Set<String> proven(List<RowResult> results) {
    Set<String> proven = new HashSet<>();
    results.stream().filter(RowResult::passed).forEach(r -> proven.add(r.row()));
    results.stream().filter(r -> !r.passed()).forEach(r -> proven.remove(r.row()));
    return proven;
  }

  static List<String> mistakes(SpecRows rows, List<RowResult> results, Set<String> proven) {
    Map<String, String> testOf = new TreeMap<>();
    results.forEach(r -> testOf.putIfAbsent(r.row(), r.test()));
    List<String> mistakes = new ArrayList<>();
    for (String row : rows.unknown(testOf.keySet())) {
      mistakes.add(
          "no row " + row + " in docs/spec, named by " + testOf.getOrDefault(row, "exceptions.md"));
    }
    for (String row : rows.exceptions().keySet()) {
      if (proven.contains(row)) {
        mistakes.add(row + " is excepted but proven by " + testOf.get(row));
      }
    }
    return mistakes;
  }
}
