package io.sriov.plan.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Finding DIRT = new Finding.StateUnreadable("/f");
  private static final Finding OTHER = new Finding.StateUnreadable("/g");

  private Ledger ledger = Ledger.EMPTY;

  private void look(int second, Finding... seen) {
    ledger = ledger.after(List.of(seen), true, START.plusSeconds(second));
  }

  private void partialLook(int second, Finding... seen) {
    ledger = ledger.after(List.of(seen), false, START.plusSeconds(second));
  }

  @Test
  void tellsWhatWasSeenTwice() {
    look(0, DIRT);
    assertThat(ledger.told()).isEmpty();
    assertThat(ledger.undecided()).isTrue();
    look(5, DIRT);
    assertThat(ledger.told()).containsExactly(DIRT);
    assertThat(ledger.ripe()).isEmpty();
    assertThat(ledger.since(DIRT)).contains(START);
  }

  @Test
  void letsMendWhatWasSeenAThirdTime() {
    look(0, DIRT);
    look(5, DIRT);
    assertThat(ledger.undecided()).isTrue();
    look(10, DIRT);
    assertThat(ledger.ripe()).containsExactly(DIRT);
    assertThat(ledger.undecided()).isFalse();
  }

  @Test
  void countsOneLookOfABurst() {
    for (int second = 0; second < 5; second++) {
      look(second, DIRT);
    }
    assertThat(ledger.told()).isEmpty();
  }

  @Test
  void beginsAnewWithWhatWasGoneInBetween() {
    look(0, DIRT);
    look(5);
    look(10, DIRT);
    assertThat(ledger.told()).isEmpty();
    assertThat(ledger.since(DIRT)).contains(START.plusSeconds(10));
  }

  @Test
  void forgetsWhatIsGone() {
    look(0, DIRT, OTHER);
    look(5, DIRT, OTHER);
    assertThat(ledger.told()).containsExactly(DIRT, OTHER);
    look(6, OTHER);
    assertThat(ledger.told()).containsExactly(OTHER);
  }

  @Test
  void neitherConfirmsNorForgetsWhileAWitnessIsSilent() {
    look(0, DIRT);
    look(5, DIRT);
    partialLook(10);
    partialLook(15);
    assertThat(ledger.told()).containsExactly(DIRT);
    assertThat(ledger.ripe()).isEmpty();
  }
}
