package io.sriov.plan.deviceplugin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The shipped list of cards, ConfigMap {@code supported-nic-ids} (spec 01 appendix C). */
public record SupportedNics(List<Nic> nics) {

  /** PCI ids of a card, lower-case hexadecimal. */
  public record Nic(String vendor, String pfDevice, String vfDevice) {}

  /**
   * Reads the ConfigMap's data: each value is vendor, PF device and VF device, separated by blanks.
   *
   * @throws IllegalArgumentException for a value that is not three words; the message names its key
   */
  public static SupportedNics parse(Map<String, String> data) {
    List<Nic> nics = new ArrayList<>();
    new TreeMap<>(data)
        .forEach((key, value) -> {
          String[] ids = value.strip().split("\\s+");
          if (ids.length != 3) {
            throw new IllegalArgumentException(
                "%s: \"%s\" is not \"<vendor> <PF device> <VF device>\"".formatted(key, value));
          }
          nics.add(new Nic(ids[0], ids[1], ids[2]));
        });
    return new SupportedNics(List.copyOf(nics));
  }

  /**
   * The device id of the VFs of a PF; of several cards with this PF id the one of {@code vendor} is
   * preferred (spec 01 §7.2 Q22), else the first by key.
   */
  Optional<String> vfDevice(Optional<String> vendor, String pfDevice) {
    List<Nic> sameDevice = nics.stream().filter(n -> n.pfDevice().equals(pfDevice)).toList();
    return sameDevice.stream()
        .filter(nic -> vendor.filter(nic.vendor()::equals).isPresent())
        .findFirst()
        .or(() -> sameDevice.stream().findFirst())
        .map(Nic::vfDevice);
  }
}
