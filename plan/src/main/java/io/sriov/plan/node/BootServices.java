package io.sriov.plan.node;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the host has of the boot services.
 *
 * @param units installed unit files
 * @param config content of {@link #CONFIG_FILE}
 * @param supportedNics content of {@link #SUPPORTED_NICS_FILE}
 * @param result what the services reported
 * @param resultError why their report cannot be read
 * @param runtime identity of the daemon's copy on the host
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record BootServices(
    List<Unit> units,
    @Nullable String config,
    @Nullable String supportedNics,
    @Nullable Result result,
    @Nullable String resultError,
    @Nullable String runtime) {

  public static final String CONFIG_FILE = "/etc/sriov-operator/sriov-interface-config.yaml";
  public static final String RESULT_FILE = "/etc/sriov-operator/sriov-interface-result.yaml";
  public static final String SUPPORTED_NICS_FILE =
      "/etc/sriov-operator/sriov-supported-nics-ids.yaml";

  public BootServices {
    units = List.copyOf(units);
  }

  /** An installed unit. */
  public record Unit(String name, String content, boolean enabled) {}

  /** Content of {@link #RESULT_FILE}. */
  public record Result(String syncStatus, String lastSyncError) {}

  Optional<Unit> unit(String name) {
    return units.stream().filter(unit -> unit.name().equals(name)).findFirst();
  }
}
