package io.sriov.cni.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameTest {

  private static final List<Frame> ONE_OF_EACH =
      List.of(
          new Frame.Call(
              "00112233445566778899aabbccddeeff",
              Frame.Netns.FAILED,
              2,
              Map.of("CNI_COMMAND", "ADD"),
              new byte[] {1, 2}),
          new Frame.Accepted(),
          new Frame.Run("host-local", "DEL", Optional.of(new byte[] {3})),
          new Frame.Ran(Frame.Outcome.RAN, 0, 3, true, new byte[] {4}, new byte[] {5, 6}),
          new Frame.Open("/run/netns/x"),
          new Frame.Opened(13),
          new Frame.Done(1, new byte[5000], new byte[] {7}),
          new Frame.Printed());

  @Test
  void readsWhatItWrites() throws Exception {
    for (Frame frame : ONE_OF_EACH) {
      byte[] packed = frame.pack();
      Frame read = Frame.parse(Arrays.copyOfRange(packed, Frame.LENGTH_FIELD, packed.length));

      assertThat(read).usingRecursiveComparison().isEqualTo(frame);
    }
  }

  @Test
  void refusesEveryFrameThatIsCutOff() {
    for (Frame frame : ONE_OF_EACH) {
      byte[] packed = frame.pack();
      for (int end = Frame.LENGTH_FIELD; end < Math.min(packed.length, 200); end++) {
        byte[] cut = Arrays.copyOfRange(packed, Frame.LENGTH_FIELD, end);
        assertThatThrownBy(() -> Frame.parse(cut)).isInstanceOf(MalformedFrame.class);
      }
    }
  }

  @Test
  void neverFailsOtherwiseThanByRefusing() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] packed = ONE_OF_EACH.get(random.nextInt(ONE_OF_EACH.size())).pack();
      byte[] content = Arrays.copyOfRange(packed, Frame.LENGTH_FIELD, Math.min(packed.length, 120));
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        content[random.nextInt(content.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(Frame.parse(content)).isNotNull();
      } catch (MalformedFrame e) {
        assertThat(e).hasMessage(e.getMessage()).isNotNull();
      }
    }
  }

  @Test
  void saysWhichVersionsDiffer() {
    byte[] packed = ONE_OF_EACH.getFirst().pack();
    packed[Frame.LENGTH_FIELD + 1] = 9;

    assertThatThrownBy(
            () -> Frame.parse(Arrays.copyOfRange(packed, Frame.LENGTH_FIELD, packed.length)))
        .hasMessageContaining("version 9");
  }
}
