package io.sriov.operator.pool;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.sriov.api.MaintenanceWindow;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A recurring time in which drains may start.
 *
 * <p>Where clocks are put forward a window that would open in the hour that is left out does not
 * open that day; its length is real time.
 */
final class Window {

  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  private final MaintenanceWindow given;
  private final ExecutionTime openings;
  private final Duration length;
  private final ZoneId zone;

  private Window(MaintenanceWindow given, ExecutionTime openings, Duration length, ZoneId zone) {
    this.given = given;
    this.openings = openings;
    this.length = length;
    this.zone = zone;
  }

  /**
   * @param field path of the window, named in the error
   * @throws IllegalArgumentException naming the member that is malformed and what is expected
   */
  static Window parse(String field, MaintenanceWindow window) {
    return new Window(
        window,
        openings(field + ".schedule", window.schedule()),
        Span.parse(field + ".duration", window.duration()),
        zone(field + ".timeZone", window.timeZone() == null ? "" : window.timeZone()));
  }

  private static ExecutionTime openings(String field, String schedule) {
    try {
      return ExecutionTime.forCron(PARSER.parse(schedule).validate());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s is \"%s\"; give minute, hour, day of month, month and day of week as in cron: %s"
              .formatted(field, schedule, e.getMessage()),
          e);
    }
  }

  private static ZoneId zone(String field, String name) {
    try {
      return name.isEmpty() ? ZoneOffset.UTC : ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "%s is \"%s\"; give a name such as Europe/Berlin".formatted(field, name), e);
    }
  }

  /** When the window that is open at {@code now} closes; empty if it is not open. */
  Optional<Instant> closing(Instant now) {
    // The library looks for what lies before: a second later, so that this very moment counts.
    return openings
        .lastExecution(now.plusSeconds(1).atZone(zone))
        .flatMap(last ->
            last.toInstant().isAfter(now) ? openings.lastExecution(last) : Optional.of(last))
        .map(last -> last.toInstant().plus(length))
        .filter(now::isBefore);
  }

  /** When it opens after {@code now}; empty if it never does. */
  Optional<ZonedDateTime> opening(Instant now) {
    return openings.nextExecution(now.atZone(zone));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Window window && given.equals(window.given);
  }

  @Override
  public int hashCode() {
    return given.hashCode();
  }
}
