package io.sriov.linux.sysfs;

import io.sriov.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * One device under {@code bus/pci/devices}. Every question reads sysfs anew: the answers change
 * under a running daemon.
 */
public final class PciDevice {

  /** A VF of a PF: {@code virtfn<index>} and what it leads to. */
  public record VirtualFunction(int index, String address) {}

  /** Base class of network controllers, the upper byte of {@link #deviceClass()}. */
  public static final int NETWORK_CONTROLLER = 0x02;

  private static final String VIRTFN = "virtfn";
  private static final Pattern INDEX = Pattern.compile("[0-9]{1,5}");
  private static final Pattern VIRTIO = Pattern.compile("virtio[0-9]+");

  private final Sysfs sysfs;
  private final String address;
  private final Path path;

  PciDevice(Sysfs sysfs, String address) {
    this.sysfs = sysfs;
    this.address = address;
    this.path = sysfs.path("bus/pci/devices").resolve(address);
  }

  /** {@code 0000:3b:00.1}. */
  public String address() {
    return address;
  }

  /** Its directory below {@code bus/pci/devices}. */
  public Path path() {
    return path;
  }

  /** Whether the device is there now. */
  public boolean exists() {
    return Files.isDirectory(path);
  }

  /**
   * What stays equal as long as it is the same device to the kernel: the inode of its directory,
   * which sysfs numbers anew when the device is taken out and put in again, or another in its
   * place. Empty if the device is gone.
   */
  public Optional<Object> identity() {
    try {
      return Optional.ofNullable(Files.readAttributes(path, BasicFileAttributes.class).fileKey());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Vendor id as four lower-case hex digits; empty if the device is gone. */
  public Optional<String> vendor() throws LinuxException {
    return hexId("vendor");
  }

  /** Device id as four lower-case hex digits; empty if the device is gone. */
  public Optional<String> device() throws LinuxException {
    return hexId("device");
  }

  /** Class, subclass and interface as 24 bits, e.g. 0x020000 for Ethernet. */
  public OptionalInt deviceClass() throws LinuxException {
    return sysfs.integer(path.resolve("class"));
  }

  /** Name of the bound driver. */
  public Optional<String> driver() throws LinuxException {
    return sysfs.linkName(path.resolve("driver"));
  }

  /** Name in {@code driver_override}; empty if none is set or the kernel has no such attribute. */
  public Optional<String> driverOverride() throws LinuxException {
    return sysfs
        .text(path.resolve("driver_override"))
        .filter(name -> !name.isEmpty() && !name.equals("(null)"));
  }

  /** Address of the PF this is a VF of. */
  public Optional<String> physfn() throws LinuxException {
    return sysfs.linkName(path.resolve("physfn"));
  }

  /** Whether this is a VF. */
  public boolean isVf() throws LinuxException {
    return physfn().isPresent();
  }

  /** The VFs of a PF, ascending by index. */
  public List<VirtualFunction> virtfns() throws LinuxException {
    List<VirtualFunction> found = new ArrayList<>();
    for (String entry : sysfs.list(path)) {
      if (entry.startsWith(VIRTFN) && INDEX.matcher(entry.substring(VIRTFN.length())).matches()) {
        // Gone between list and readlink: it is none of the VFs any more.
        sysfs
            .linkName(path.resolve(entry))
            .ifPresent(vf ->
                found.add(
                    new VirtualFunction(Integer.parseInt(entry.substring(VIRTFN.length())), vf)));
      }
    }
    found.sort(Comparator.comparingInt(VirtualFunction::index));
    return List.copyOf(found);
  }

  /** {@code virtfn} number of a VF, read from its PF. */
  public OptionalInt vfIndex() throws LinuxException {
    Optional<String> pf = physfn();
    if (pf.isEmpty()) {
      return OptionalInt.empty();
    }
    return new PciDevice(sysfs, pf.get())
        .virtfns().stream()
            .filter(vf -> vf.address().equals(address))
            .mapToInt(VirtualFunction::index)
            .findFirst();
  }

  /** How many VFs the hardware can make; empty for a device without SR-IOV. */
  public OptionalInt totalVfs() throws LinuxException {
    return sysfs.integer(path.resolve("sriov_totalvfs"));
  }

  /** How many VFs there are; empty for a device without SR-IOV. */
  public OptionalInt numVfs() throws LinuxException {
    return sysfs.integer(path.resolve("sriov_numvfs"));
  }

  /**
   * Sets the number of VFs, which returns when the drivers have probed them. EBUSY from one
   * non-zero count to another, ERANGE above {@link #totalVfs}.
   */
  public void setNumVfs(int count) throws LinuxException {
    sysfs.write(path.resolve("sriov_numvfs"), Integer.toString(count));
  }

  /** Whether new VFs are bound to a driver by the kernel; empty for a device without SR-IOV. */
  public Optional<Boolean> driversAutoprobe() throws LinuxException {
    return sysfs.text(path.resolve("sriov_drivers_autoprobe")).map(value -> !value.equals("0"));
  }

  /** Whether the kernel shall bind new VFs to a driver. */
  public void setDriversAutoprobe(boolean on) throws LinuxException {
    sysfs.write(path.resolve("sriov_drivers_autoprobe"), on ? "1" : "0");
  }

  /**
   * Names of its links in the namespace sysfs was mounted in, in string order, also of a virtio
   * device, whose links hang one level deeper ({@code virtioN/net}). In switchdev mode representors
   * are among a PF's.
   */
  public List<String> netNames() throws LinuxException {
    List<String> names = new ArrayList<>(sysfs.list(path.resolve("net")));
    if (names.isEmpty()) {
      for (String entry : sysfs.list(path)) {
        if (VIRTIO.matcher(entry).matches()) {
          names.addAll(sysfs.list(path.resolve(entry).resolve("net")));
        }
      }
      names.sort(Comparator.naturalOrder());
    }
    return List.copyOf(names);
  }

  /** Number of the IOMMU group; empty without an IOMMU. */
  public Optional<String> iommuGroup() throws LinuxException {
    return sysfs.linkName(path.resolve("iommu_group"));
  }

  /** NUMA node; empty if the platform names none (−1). */
  public OptionalInt numaNode() throws LinuxException {
    OptionalInt node = sysfs.integer(path.resolve("numa_node"));
    return node.isPresent() && node.getAsInt() >= 0 ? node : OptionalInt.empty();
  }

  /** Name of its VFIO character device ({@code vfio-dev/vfioN}, Linux 6.1), if bound to VFIO. */
  public Optional<String> vfioDevice() throws LinuxException {
    return sysfs.list(path.resolve("vfio-dev")).stream().findFirst();
  }

  /** Names of its RDMA devices. */
  public List<String> rdmaDevices() throws LinuxException {
    return sysfs.list(path.resolve("infiniband"));
  }

  /** Firmware's or the slot's attribute by name, e.g. {@code modalias}. */
  public Optional<String> attribute(String name) throws LinuxException {
    return sysfs.text(path.resolve(name));
  }

  /** Takes the device from its driver, if it has one. */
  public void unbind() throws LinuxException {
    Optional<String> driver = driver();
    if (driver.isPresent()) {
      sysfs.write(driverPath(driver.get()).resolve("unbind"), address);
    }
  }

  /** Binds the device to {@code driver}; ENODEV if that does not know the device. */
  public void bind(String driver) throws LinuxException {
    sysfs.write(driverPath(driver).resolve("bind"), address);
  }

  /** Lets the kernel choose a driver; without error also if none fits. */
  public void probe() throws LinuxException {
    sysfs.write(sysfs.path("bus/pci/drivers_probe"), address);
  }

  /** Restricts the device to {@code driver}. */
  public void setDriverOverride(String driver) throws LinuxException {
    sysfs.write(path.resolve("driver_override"), driver);
  }

  /** Lifts the restriction; nothing if the kernel knows none. */
  public void clearDriverOverride() throws LinuxException {
    Path attribute = path.resolve("driver_override");
    if (Files.exists(attribute)) {
      // A write of length 0 never reaches the kernel's handler.
      sysfs.write(attribute, "\0");
    }
  }

  private Path driverPath(String driver) {
    return sysfs.path("bus/pci/drivers").resolve(driver);
  }

  private Optional<String> hexId(String attribute) throws LinuxException {
    return sysfs
        .text(path.resolve(attribute))
        .map(id -> id.startsWith("0x") ? id.substring(2) : id);
  }

  @Override
  public String toString() {
    return address;
  }
}
