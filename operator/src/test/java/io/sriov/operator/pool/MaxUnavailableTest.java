package io.sriov.operator.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.sriov.testkit.Spec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaxUnavailableTest {

  @ParameterizedTest
  @Spec("02:140")
  @CsvSource({"33%,10,3", "100%,7,7", "50%,3,1", "1%,300,3", "10%,300,30", "99%,100,99"})
  void aPercentageIsRoundedDown(String percent, int nodes, int expected) {
    assertThat(limit(new IntOrString(percent), nodes)).isEqualTo(expected);
  }

  @ParameterizedTest
  @Spec(
      value = "02:141",
      differs = "a percentage that comes to less than one node is one: none would block for ever")
  @CsvSource({"30%,1", "25%,3", "1%,99", "100%,0"})
  void aPercentageNeverComesToNone(String percent, int nodes) {
    assertThat(limit(new IntOrString(percent), nodes)).isEqualTo(1);
  }

  @Test
  void aNumberIsTakenAsItIsAndNothingIsNoLimit() {
    assertThat(limit(new IntOrString(0), 5)).isZero();
    assertThat(limit(new IntOrString(12), 5)).isEqualTo(12);
    assertThat(limit(null, 5)).isEqualTo(Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @Spec("02:142")
  @ValueSource(strings = {"bla", "10000%", "99999999999999999.", "0%", "101%", "3", "", "-1%", "%"})
  void anythingElseIsRefusedByName(String value) {
    assertThatThrownBy(() -> MaxUnavailable.parse(new IntOrString(value)))
        .hasMessage(
            "maxUnavailable is \"%s\"; give a number from 0 or a percentage from 1%% to 100%%"
                .formatted(value));
  }

  @Test
  @Spec("02:142")
  void aNegativeNumberIsRefused() {
    assertThatThrownBy(() -> MaxUnavailable.parse(new IntOrString(-1)))
        .hasMessageStartingWith("maxUnavailable is \"-1\"");
  }

  private static int limit(IntOrString value, int nodes) {
    return MaxUnavailable.parse(value).of(nodes);
  }
}
