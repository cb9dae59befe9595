package io.sriov.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SpecCoverageTest {

  @Test
  void readsListItemsAndTableRowsOfTheEdgeCaseSectionOnly() {
    var lines =
        List.of(
            "1. not a row",
            "## 9. Edge cases worth a test",
            "### 9.1 Lists",
            "1. input -> outcome",
            "12a. input -> outcome",
            "| # | Input |",
            "| D7 | text |",
            "## Appendix",
            "| D8 | text |");

    assertThat(SpecRows.rowsOf("03", lines)).containsExactly("03:1", "03:12a", "03:D7");
  }

  @Test
  void findsRowsInEverySpecificationFileOfTheProject() throws Exception {
    var rows = SpecRows.read(Path.of(System.getProperty("sriov.root"), "docs", "spec"));

    assertThat(rows.byFile()).hasSize(7);
    assertThat(rows.byFile().values()).allSatisfy(r -> assertThat(r).hasSizeGreaterThan(70));
    assertThat(rows.all()).contains("01:86", "02:1", "03:F3", "04:1", "05:1", "06:61", "07:75");
  }

  @Test
  void aRowWithAFailedTestIsNotProven() {
    var results =
        List.of(
            new RowResult("03:D1", true, "A.a", ""),
            new RowResult("03:D1", false, "A.b", ""),
            new RowResult("03:D2", true, "A.c", ""));

    assertThat(SpecCoverage.proven(results)).containsExactly("03:D2");
  }

  @Test
  void namesTheTestBehindAnUnknownRow() {
    var rows = new SpecRows(Map.of("03-x.md", Set.of("03:D1")), Map.of("03:D1", "no such part"));
    var results =
        List.of(new RowResult("03:D99", true, "A.a", ""), new RowResult("03:D1", true, "A.b", ""));

    assertThat(SpecCoverage.mistakes(rows, results, Set.of("03:D1", "03:D99")))
        .containsExactly(
            "no row 03:D99 in docs/spec, named by A.a", "03:D1 is excepted but proven by A.b");
  }
}
