package io.sriov.deviceplugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.uevent.Uevent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KernelEventsTest {

  @Test
  void tellsOfTheFunctionThatChangedOrWhoseNetdevDid() {
    assertThat(
            told(
                event("pci", "/devices/pci0000:00/0000:00:03.0/0000:01:10.0"),
                event("net", "/devices/pci0000:00/0000:00:03.0/0000:01:00.0/net/ens1"),
                event("virtio", "/devices/pci0000:00/0000:02:00.1/virtio3"),
                event("infiniband", "/devices/pci0000:00/0000:03:00.0/infiniband/mlx5_0")))
        .containsExactly(
            new Event.Functions(Set.of("0000:01:10.0")),
            new Event.Functions(Set.of("0000:01:00.0")),
            new Event.Functions(Set.of("0000:02:00.1")),
            new Event.Functions(Set.of("0000:03:00.0")));
  }

  @Test
  void tellsOfPciErrorsAndOfAFunctionThatIsMadeAnew() {
    var vf = "/devices/pci0000:00/0000:00:03.0/0000:01:10.0";
    var looked = new Event.Functions(Set.of("0000:01:10.0"));
    assertThat(
            told(
                new Uevent("change", vf, "pci", Map.of("ERROR_EVENT", "BEGIN_RECOVERY")),
                new Uevent("change", vf, "pci", Map.of("ERROR_EVENT", "FAILED_RECOVERY")),
                new Uevent("change", vf, "pci", Map.of("ERROR_EVENT", "SUCCESSFUL_RECOVERY")),
                new Uevent("add", vf, "pci", Map.of()),
                new Uevent("add", vf + "/net/ens1v0", "net", Map.of())))
        .containsExactly(
            new Event.PciErrors("0000:01:10.0", false),
            looked,
            new Event.PciErrors("0000:01:10.0", true),
            looked,
            new Event.PciErrors("0000:01:10.0", false),
            looked,
            new Event.PciErrors("0000:01:10.0", false),
            looked,
            looked);
  }

  @Test
  void leavesOtherEventsAlone() {
    assertThat(
            told(
                event("net", "/devices/virtual/net/veth0"),
                event("block", "/devices/pci0000:00/0000:00:05.0/virtio1/block/vda"),
                event("", "/module/igbvf")))
        .isEmpty();
  }

  private static List<Event> told(Uevent... uevents) {
    var events = new ArrayList<Event>();
    var kernel = new KernelEvents(events::add);
    List.of(uevents).forEach(kernel::event);
    return events;
  }

  private static Uevent event(String subsystem, String devpath) {
    return new Uevent("change", devpath, subsystem, Map.of());
  }
}
