package io.sriov.cni.plugin;

import io.sriov.cni.protocol.CniException;
import io.sriov.linux.LinuxException;
import io.sriov.linux.sysfs.PciBus;
import io.sriov.linux.sysfs.PciDevice;
import io.sriov.linux.sysfs.Sysfs;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where a VF hangs.
 *
 * @param address PCI address
 * @param pf name of its PF's netdev
 * @param number N of the PF's {@code virtfnN}
 */
public record Vf(String address, String pf, int number) {

  private static final Pattern ADDRESS =
      Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

  private static final Set<String> USERSPACE_DRIVERS =
      Set.of("vfio-pci", "uio_pci_generic", "igb_uio");

  /**
   * An uplink's port is {@code p0}; a representor's {@code pf0vf1}, with {@code c1} before it on a
   * controller.
   */
  private static final Pattern UPLINK_PORT = Pattern.compile("p[0-9]+(s[0-9]+)?");

  /** Whether this is a PCI address as sysfs writes it, in lower case. */
  public static boolean isAddress(String text) {
    return ADDRESS.matcher(text).matches();
  }

  /**
   * The address as sysfs writes it.
   *
   * @throws CniException if it is no PCI address
   */
  public static String addressOf(String deviceId) throws CniException {
    String address = deviceId.toLowerCase(Locale.ROOT);
    if (deviceId.isEmpty()) {
      throw CniException.internal(
          "deviceID is missing: does the network have the annotation"
              + " k8s.v1.cni.cncf.io/resourceName, and does the pod ask for that resource?");
    }
    if (!isAddress(address)) {
      throw CniException.internal("deviceID \"" + deviceId + "\" is not a PCI address");
    }
    return address;
  }

  /** The VF with this address, empty if there is no such VF now. */
  public static Optional<Vf> find(PciBus bus, Sysfs sysfs, String address) throws LinuxException {
    PciDevice device = bus.device(address);
    Optional<String> pfAddress = device.physfn();
    OptionalInt number = device.vfIndex();
    if (pfAddress.isEmpty() || number.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> pf = uplink(sysfs, bus.device(pfAddress.get()));
    return pf.map(name -> new Vf(address, name, number.getAsInt()));
  }

  /** As {@link #find}, with the reason where there is none. */
  public static Vf require(PciBus bus, Sysfs sysfs, String address)
      throws CniException, LinuxException {
    Optional<Vf> vf = find(bus, sysfs, address);
    if (vf.isPresent()) {
      return vf.get();
    }
    PciDevice device = bus.device(address);
    String reason;
    if (!device.exists()) {
      reason = "does not exist; was the number of VFs changed?";
    } else if (device.physfn().isEmpty()) {
      reason = "is not a VF: it has no physfn";
    } else if (device.vfIndex().isEmpty()) {
      reason = "is not among the VFs of its PF " + device.physfn().orElse("");
    } else {
      reason = "belongs to PF " + device.physfn().orElse("") + ", which has no netdev";
    }
    throw CniException.internal("deviceID " + address + " " + reason);
  }

  /** In switchdev mode the representors of the VFs are listed beside the uplink. */
  private static Optional<String> uplink(Sysfs sysfs, PciDevice pf) throws LinuxException {
    List<String> names = pf.netNames();
    if (names.size() < 2) {
      return names.stream().findFirst();
    }
    for (String name : names) {
      Optional<String> port =
          sysfs.textIfShown(sysfs.path("class/net/" + name + "/phys_port_name"));
      if (port.isEmpty() || port.get().isEmpty() || UPLINK_PORT.matcher(port.get()).matches()) {
        return Optional.of(name);
      }
    }
    return names.stream().findFirst();
  }

  /** Name of the VF's netdev on the host; empty also while a pod has it. */
  public Optional<String> netdev(PciBus bus) throws LinuxException {
    return bus.device(address).netNames().stream().findFirst();
  }

  /** Whether a driver has it that hands it to a process. */
  public boolean isUserspace(PciBus bus) throws LinuxException {
    return bus.device(address).driver().filter(USERSPACE_DRIVERS::contains).isPresent();
  }
}
