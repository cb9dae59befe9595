package io.sriov.deviceplugin.pool;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * An auxiliary device of a PCI function, e.g. {@code mlx5_core.sf.4}.
 *
 * @param sfNumber absent for what is not a scalable function
 */
public record AuxDevice(
    String name,
    OptionalInt sfNumber,
    List<Netdev> netdevs,
    List<String> rdmaDevices,
    boolean rdmaEnabled) {

  private static final Pattern NAME = Pattern.compile("(\\S+\\.){2}\\d+");

  public AuxDevice {
    netdevs = List.copyOf(netdevs);
    rdmaDevices = List.copyOf(rdmaDevices);
  }

  /** Whether a folder below a PCI device is an auxiliary device, by its name. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** {@code sf} of {@code mlx5_core.sf.4}; empty for a name of other than three parts. */
  Optional<String> type() {
    var parts = name.split("\\.", -1);
    return parts.length == 3 ? Optional.of(parts[1]) : Optional.empty();
  }

  boolean rdmaCapable() {
    return rdmaEnabled || !rdmaDevices.isEmpty();
  }

  AuxDevice remembering(AuxDevice earlier) {
    return new AuxDevice(
        name,
        sfNumber,
        Netdevs.remembered(netdevs, earlier.netdevs),
        rdmaDevices,
        rdmaEnabled || earlier.rdmaCapable());
  }
}
