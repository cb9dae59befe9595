package io.sriov.deviceplugin.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.testkit.Spec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionListTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ens2f1#0,3-5,7       | ens2f1       | 0 3 4 5 7",
        "0000:86:00.2#0-2,5,7 | 0000:86:00.2 | 0 1 2 5 7",
        "ens1#0,x,2           | ens1         | 0",
        "ens1#0, 2            | ens1         | 0",
      })
  @Spec("05:48")
  @Spec("05:49")
  @Spec("05:52")
  @Spec("05:53")
  void selectsTheListedFunctionsUpToTheFirstMalformedItem(
      String entry, String parent, String functions) {
    assertThat(selected(List.of(entry), parent)).isEqualTo(functions);
  }

  @Test
  @Spec("05:47")
  void selectsEveryFunctionOfAPfNamedWithoutListInAnyCase() {
    assertThat(FunctionList.selects(List.of("ens0"), "ENS0", -1)).isTrue();
    assertThat(FunctionList.selects(List.of("ens0"), "ENS0", 200)).isTrue();
    assertThat(FunctionList.selects(List.of("ens0"), "ens01", 0)).isFalse();
    assertThat(FunctionList.selects(List.of("ens0"), "", 0)).isFalse();
  }

  @Test
  @Spec("05:50")
  void looksAtTheFirstEntryOfAPfOnly() {
    assertThat(selected(List.of("ens1#0-1", "ens1#5"), "ens1")).isEqualTo("0 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ens1#5-3", "ens1#", "ens1#a", "ens1#1-2-3", "ens1#0#1", "ens1#-1", "ens1#1-"})
  @Spec("05:51")
  void selectsNothingByAMalformedList(String entry) {
    assertThat(selected(List.of(entry), "ens1")).isEmpty();
    assertThat(FunctionList.selects(List.of(entry), "ens1", -1)).isFalse();
  }

  private static String selected(List<String> entries, String parent) {
    return String.join(
        " ",
        IntStream.range(0, 256)
            .filter(function -> FunctionList.selects(entries, parent, function))
            .mapToObj(Integer::toString)
            .toList());
  }
}
