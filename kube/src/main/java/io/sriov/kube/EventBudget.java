package io.sriov.kube;

import io.fabric8.kubernetes.api.model.ObjectReference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** A token bucket for each object, so that one that flaps does not fill the event store. */
final class EventBudget {

  static final int BURST = 25;
  static final int SECONDS_PER_EVENT = 10;
  private static final int OBJECTS = 500;

  private record Bucket(double tokens, Instant at) {}

  private final Clock clock;
  private final Map<ObjectReference, Bucket> buckets =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectReference, Bucket> eldest) {
          return size() > OBJECTS;
        }
      };

  EventBudget(Clock clock) {
    this.clock = clock;
  }

  /** Takes one event from the allowance of {@code object}. */
  boolean allows(ObjectReference object) {
    var now = clock.instant();
    var bucket = buckets.getOrDefault(object, new Bucket(BURST, now));
    double gained = Duration.between(bucket.at, now).toMillis() / (1000.0 * SECONDS_PER_EVENT);
    double tokens = Math.min(BURST, bucket.tokens + Math.max(0, gained));
    boolean allowed = tokens >= 1;
    buckets.put(object, new Bucket(allowed ? tokens - 1 : tokens, now));
    return allowed;
  }
}
