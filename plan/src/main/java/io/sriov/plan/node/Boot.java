package io.sriov.plan.node;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the running kernel was started, and how the next boot will be.
 *
 * @param id {@code /proc/sys/kernel/random/boot_id}, empty when unknown
 * @param arguments words of {@code /proc/cmdline}
 * @param cpu maker of the processor
 * @param iommu whether {@code /sys/kernel/iommu_groups} has any group
 * @param loader how kernel arguments are set here, absent where no way is known
 * @param stored what the operator did about kernel arguments earlier
 * @param next words that the boot loader passes at the next boot, absent where only a process could
 *     tell
 * @param rdmaOptions content of the operator's file in {@code /etc/modprobe.d}, absent without it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Boot(
    String id,
    List<String> arguments,
    Cpu cpu,
    boolean iommu,
    @Nullable BootLoader loader,
    List<StoredArgument> stored,
    @Nullable List<String> next,
    @Nullable String rdmaOptions) {

  /** The operator's record of kernel arguments on the host. */
  public static final String STORED_ARGUMENTS_FILE = "/etc/sriov-operator/kernel-arguments.json";

  /** Options of the RDMA core; also found on hosts that the Go daemon configured. */
  public static final String RDMA_OPTIONS_FILE =
      "/etc/modprobe.d/sriov_network_operator_modules_config.conf";

  /** Nothing is known, as in an inventory captured by an older version. */
  public static final Boot UNKNOWN =
      new Boot("", List.of(), Cpu.OTHER, false, null, List.of(), null, null);

  public Boot {
    id = id == null ? "" : id;
    arguments = arguments == null ? List.of() : List.copyOf(arguments);
    cpu = cpu == null ? Cpu.OTHER : cpu;
    stored = stored == null ? List.of() : List.copyOf(stored);
    next = next == null ? null : List.copyOf(next);
  }

  /** Makers that differ in the arguments their IOMMU needs. */
  public enum Cpu {
    INTEL,
    AMD,
    ARM,
    S390,
    /** Another one, or unknown; treated as {@link #INTEL}. */
    OTHER
  }

  /**
   * A line in the operator's record of kernel arguments.
   *
   * @param state what was done last
   * @param bootId the boot in which it was done
   */
  public record StoredArgument(String argument, State state, String bootId) {

    /** What the operator did about an argument. */
    public enum State {
      /** Is being added; the boot loader may have it or not. */
      ADDING,
      /** The operator added it, so it may take it away. */
      ADDED,
      /** The boot loader had it already, so it is somebody else's. */
      FOUND,
      /** Is being taken away. */
      REMOVING,
      /** Was taken away. */
      REMOVED
    }
  }

  /** Whether the running kernel has exactly this argument. */
  public boolean has(String argument) {
    return arguments.contains(argument);
  }
}
