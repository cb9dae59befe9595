package io.sriov.deviceplugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.deviceplugin.pool.Facts;
import io.sriov.deviceplugin.pool.Functions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkGraceTest {

  private static final String PF = "0000:03:00.0";
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final LinkGrace links = new LinkGrace(GRACE);

  @Test
  void countsALinkAsDownOnlyAfterTheGrace() {
    assertThat(links.down(pf(true), at(0))).isEmpty();
    assertThat(links.untilNext(at(10))).contains(Duration.ofSeconds(20));
    assertThat(links.down(pf(true), at(29))).isEmpty();
    assertThat(links.down(pf(true), at(30))).containsExactly(PF);
    assertThat(links.untilNext(at(30))).isEmpty();
  }

  @Test
  void beginsAnewWhenTheLinkWasThereMeanwhile() {
    assertThat(links.down(pf(true), at(0))).isEmpty();
    assertThat(links.down(pf(false), at(20))).isEmpty();
    assertThat(links.untilNext(at(20))).isEmpty();
    assertThat(links.down(pf(true), at(25))).isEmpty();
    assertThat(links.down(pf(true), at(54))).isEmpty();
    assertThat(links.down(pf(true), at(55))).containsExactly(PF);
    assertThat(links.down(pf(false), at(56))).isEmpty();
  }

  private static long at(int seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  private static Facts pf(boolean down) {
    return Facts.of(List.of(Functions.function(PF, f -> f.linkDown = down)), false);
  }
}
