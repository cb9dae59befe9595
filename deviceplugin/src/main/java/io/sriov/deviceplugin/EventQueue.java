package io.sriov.deviceplugin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What the loop has to look at. Any thread tells, one takes. While VFs are made the kernel tells of
 * each several times: its events are taken a burst at a time, everything else at once.
 */
final class EventQueue {

  /** This long without an event of the kernel ends a burst. */
  private static final Duration QUIET = Duration.ofMillis(20);

  /** A burst is not waited for longer than this. */
  private static final Duration LONGEST_BURST = Duration.ofMillis(100);

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  void tell(Event event) {
    events.add(event);
  }

  /**
   * All events there are, at least one unless the wait is over.
   *
   * @param atMost how long to wait for the first; for ever if empty
   */
  List<Event> take(Optional<Duration> atMost) throws InterruptedException {
    var batch = new ArrayList<Event>();
    var next =
        atMost.isEmpty()
            ? events.take()
            : events.poll(atMost.get().toNanos(), TimeUnit.NANOSECONDS);
    long end = System.nanoTime() + LONGEST_BURST.toNanos();
    while (next != null) {
      int seen = batch.size();
      batch.add(next);
      events.drainTo(batch);
      boolean burst =
          batch.subList(seen, batch.size()).stream().allMatch(EventQueue::comesInBursts);
      long left = Math.min(QUIET.toNanos(), end - System.nanoTime());
      next = burst && left > 0 ? events.poll(left, TimeUnit.NANOSECONDS) : null;
    }
    return batch;
  }

  private static boolean comesInBursts(Event event) {
    return event instanceof Event.Functions
        || event instanceof Event.PciErrors
        || event instanceof Event.Carrier;
  }
}
