package io.sriov.plan.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** What holds for any policies; the repetition is the seed. */
class SelectionPropertyTest {

  private static final List<String> PFS = List.of("ens803f0", "ens803f1", "ens803f2", "alt0", "no");

  private static List<Policy> somePolicies(Random random) {
    return IntStream.range(0, 1 + random.nextInt(6)).mapToObj(i -> some(random, i)).toList();
  }

  private static Policy some(Random random, int index) {
    int numVfs = random.nextInt(10);
    String range =
        switch (random.nextInt(4)) {
          case 0 -> "";
          case 1 -> "#" + random.nextInt(4) + "-" + (4 + random.nextInt(4));
          case 2 -> "#" + random.nextInt(8) + "-" + random.nextInt(8);
          default -> "#0-" + Math.max(0, numVfs - 1);
        };
    return Facts.policy(
        "p" + index,
        List.of(0, 10, 10, 99).get(random.nextInt(4)),
        numVfs,
        PFS.get(random.nextInt(PFS.size())) + range,
        random.nextBoolean() ? "mtu: " + (1 + random.nextInt(9000)) : "eSwitchMode: switchdev");
  }

  @RepeatedTest(1000)
  void theOrderInWhichPoliciesAreListedDoesNotMatter(RepetitionInfo seed) {
    Random random = new Random(seed.getCurrentRepetition());
    List<Policy> policies = somePolicies(random);
    List<Policy> shuffled = new ArrayList<>(policies);
    Collections.shuffle(shuffled, random);

    assertThat(Selection.select(Facts.node(), shuffled))
        .isEqualTo(Selection.select(Facts.node(), policies));
  }

  @RepeatedTest(1000)
  void aSecondPassChangesNothing(RepetitionInfo seed) {
    Random random = new Random(seed.getCurrentRepetition());
    SriovNetworkNodeStateSpec before = spec(Facts.node(), somePolicies(random));
    List<Policy> edited = somePolicies(random);
    SriovNetworkNodeStateSpec once = spec(Facts.having(Facts.node(), before), edited);

    assertThat(spec(Facts.having(Facts.node(), once), edited)).isEqualTo(once);
  }

  @RepeatedTest(1000)
  void everyGroupIsInsideItsPfAndApartFromTheOthers(RepetitionInfo seed) {
    for (Interface pf :
        spec(Facts.node(), somePolicies(new Random(seed.getCurrentRepetition()))).interfaces()) {
      List<VfRange> ranges =
          pf.vfGroups().stream().map(g -> VfRange.parse(g.vfRange()).orElseThrow()).toList();
      for (VfRange range : ranges) {
        assertThat(range.last()).isLessThan(pf.numVfs());
        assertThat(ranges.stream().filter(range::overlaps)).hasSize(1);
      }
    }
  }

  private static SriovNetworkNodeStateSpec spec(NodeFacts node, List<Policy> policies) {
    return Selection.select(node, policies).spec().orElseThrow();
  }
}
