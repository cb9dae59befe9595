package io.sriov.operator.drain;

import java.time.Instant;

/** A pod that is still on the node after it was told to leave. */
sealed interface Remaining {

  PodFacts pod();

  /** Why, as a clause for people. */
  String text();

  /** It has been told to end, and takes its time. */
  record Leaving(PodFacts pod, Instant since) implements Remaining {
    @Override
    public String text() {
      return "pod %s was told to end at %s and is still there (finalizers, or a container that does"
              .formatted(pod.key(), since)
          + " not stop)";
    }
  }

  /**
   * A PodDisruptionBudget does not let it go.
   *
   * @param budget what the API server says about it, with its name
   */
  record Protected(PodFacts pod, String budget) implements Remaining {
    @Override
    public String text() {
      return "pod %s may not be evicted: %s".formatted(pod.key(), budget);
    }
  }

  /** Its eviction was refused for another reason. */
  record Refused(PodFacts pod, String error) implements Remaining {
    @Override
    public String text() {
      return "pod %s could not be evicted: %s".formatted(pod.key(), error);
    }
  }
}
