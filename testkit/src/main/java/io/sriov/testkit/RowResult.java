package io.sriov.testkit;

/** One executed test that names a row. */
record RowResult(String row, boolean passed, String test, String differs) {

  String line() {
    return String.join("\t", row, passed ? "passed" : "failed", test, differs.replace('\n', ' '));
  }

  static RowResult parse(String line) {
    String[] cells = line.split("\t", -1);
    if (cells.length != 4) {
      throw new IllegalArgumentException("not a row result: " + line);
    }
    return new RowResult(cells[0], cells[1].equals("passed"), cells[2], cells[3]);
  }
}
