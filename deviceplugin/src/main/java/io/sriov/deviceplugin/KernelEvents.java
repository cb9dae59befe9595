package io.sriov.deviceplugin;

import io.sriov.linux.LinuxException;
import io.sriov.linux.uevent.Uevent;
import io.sriov.linux.uevent.UeventSocket;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells which PCI functions the kernel changed: driver, netdevs, RDMA, vDPA, auxiliary devices. */
final class KernelEvents implements UeventSocket.Listener {

  private static final Logger log = LoggerFactory.getLogger(KernelEvents.class);
  private static final Set<String> SUBSYSTEMS =
      Set.of("pci", "net", "virtio", "auxiliary", "infiniband", "vdpa");
  private static final Pattern FUNCTION =
      Pattern.compile("[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

  private final Consumer<Event> events;

  KernelEvents(Consumer<Event> events) {
    this.events = events;
  }

  @Override
  public void event(Uevent uevent) {
    if (SUBSYSTEMS.contains(uevent.subsystem())) {
      function(uevent.devpath()).ifPresent(address -> changed(address, uevent));
    }
  }

  private void changed(String address, Uevent uevent) {
    // Of pci_uevent_ers in drivers/pci/pci-driver.c; BEGIN_RECOVERY, SUCCESSFUL_RECOVERY and
    // FAILED_RECOVERY. A function that is made anew has no past.
    var error = uevent.property("ERROR_EVENT");
    boolean anew = uevent.subsystem().equals("pci") && uevent.action().equals("add");
    if (error.isPresent() || anew) {
      boolean unrecovered = error.filter(what -> what.equals("FAILED_RECOVERY")).isPresent();
      events.accept(new Event.PciErrors(address, unrecovered));
    }
    events.accept(new Event.Functions(Set.of(address)));
  }

  @Override
  public void overrun() {
    log.warn("Kernel events were lost; looking at every PCI function again");
    events.accept(new Event.AnyFunction());
  }

  @Override
  public void failed(LinuxException reason) {
    log.error("Kernel events end: {}", reason.getMessage());
    events.accept(new Event.Stop(1));
  }

  /** The last PCI function in a path like {@code /devices/pci0000:00/0000:00:03.0/0000:01:10.0}. */
  static Optional<String> function(String devpath) {
    var parts = devpath.split("/");
    for (int i = parts.length - 1; i >= 0; i--) {
      if (FUNCTION.matcher(parts[i]).matches()) {
        return Optional.of(parts[i]);
      }
    }
    return Optional.empty();
  }
}
