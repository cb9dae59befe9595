package io.sriov.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The rows of {@code docs/spec}: in each file {@code NN-*.md}, the numbered items and table rows of
 * its section "Edge cases worth a test". {@code exceptions.md} lists rows that do not apply as
 * table rows {@code | NN:ROW | reason |}.
 */
record SpecRows(Map<String, Set<String>> byFile, Map<String, String> exceptions) {

  private static final Pattern SECTION = Pattern.compile("^#+ .*Edge cases worth a test.*");
  private static final Pattern HEADING = Pattern.compile("^(#+) .*");
  private static final Pattern TABLE_ROW = Pattern.compile("^\\|\\s*([A-Z]*\\d+[a-z]?)\\s*\\|.*");
  private static final Pattern LIST_ROW = Pattern.compile("^(\\d+[a-z]?)\\. .*");
  private static final Pattern EXCEPTION =
      Pattern.compile("^\\|\\s*(\\d\\d:[A-Z]*\\d+[a-z]?)\\s*\\|\\s*(.*?)\\s*\\|\\s*$");

  static SpecRows read(Path folder) throws IOException {
    Map<String, Set<String>> byFile = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.matches("\\d\\d-.*\\.md")) {
          byFile.put(name, rowsOf(name.substring(0, 2), Files.readAllLines(file)));
        }
      }
    }
    Map<String, String> exceptions = new LinkedHashMap<>();
    Path exceptionFile = folder.resolve("exceptions.md");
    if (Files.exists(exceptionFile)) {
      for (String line : Files.readAllLines(exceptionFile)) {
        Matcher m = EXCEPTION.matcher(line);
        if (m.matches() && !m.group(2).isEmpty()) {
          exceptions.put(m.group(1), m.group(2));
        }
      }
    }
    return new SpecRows(byFile, exceptions);
  }

  static Set<String> rowsOf(String number, List<String> lines) {
    Set<String> rows = new LinkedHashSet<>();
    int depth = 0;
    for (String line : lines) {
      Matcher heading = HEADING.matcher(line);
      if (SECTION.matcher(line).matches()) {
        depth = line.indexOf(' ');
      } else if (depth > 0 && heading.matches() && heading.group(1).length() <= depth) {
        depth = 0;
      }
      for (Pattern p : depth > 0 ? List.of(TABLE_ROW, LIST_ROW) : List.<Pattern>of()) {
        Matcher m = p.matcher(line);
        if (m.matches()) {
          rows.add(number + ":" + m.group(1));
        }
      }
    }
    return rows;
  }

  Set<String> all() {
    Set<String> all = new LinkedHashSet<>();
    byFile.values().forEach(all::addAll);
    return all;
  }

  /** Ids that name no row: a typing mistake in an annotation or in {@code exceptions.md}. */
  List<String> unknown(Set<String> named) {
    Set<String> known = all();
    List<String> unknown = new ArrayList<>();
    Stream.concat(named.stream(), exceptions.keySet().stream())
        .filter(row -> !known.contains(row))
        .sorted()
        .distinct()
        .forEach(unknown::add);
    return unknown;
  }
}
