package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * A recurring time in which nodes may be drained and rebooted.
 *
 * @param schedule when it opens: minute, hour, day of month, month, day of week, as in cron
 * @param duration how long it stays open, e.g. {@code 4h} or {@code 1h30m}
 * @param timeZone of the schedule, e.g. {@code Europe/Berlin}; null is UTC
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MaintenanceWindow(
    @Required String schedule, @Required String duration, @Nullable String timeZone) {

  public MaintenanceWindow {
    schedule = Absent.toEmpty(schedule);
    duration = Absent.toEmpty(duration);
  }
}
