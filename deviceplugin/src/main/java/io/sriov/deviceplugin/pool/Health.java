package io.sriov.deviceplugin.pool;

import java.util.Optional;
import java.util.Set;

/**
 * Why a device must not be given to a pod though it is there and has a driver: by the state of its
 * function and of its PF on the bus, and of the PF's link.
 *
 * @param failed functions whose errors the kernel could not recover from
 * @param linkDown PFs that have had no carrier for so long that it is no passing state
 */
public record Health(Set<String> failed, Set<String> linkDown) {

  public static final Health GOOD = new Health(Set.of(), Set.of());

  public Health {
    failed = Set.copyOf(failed);
    linkDown = Set.copyOf(linkDown);
  }

  /** The reason; empty for a healthy device. */
  Optional<String> trouble(PciFunction function, Facts facts) {
    return onTheBus(function)
        .or(() ->
            function
                .physfn()
                .flatMap(facts::at)
                .flatMap(pf ->
                    onTheBus(pf)
                        .or(() -> link(pf))
                        .map(why -> "its PF " + pf.address() + " " + why)));
  }

  private Optional<String> onTheBus(PciFunction function) {
    if (function.silent()) {
      return Optional.of("does not answer on the PCI bus");
    }
    return failed.contains(function.address())
        ? Optional.of("has PCI errors that the kernel could not recover from")
        : Optional.empty();
  }

  private Optional<String> link(PciFunction pf) {
    return linkDown.contains(pf.address()) ? Optional.of("has no link") : Optional.empty();
  }
}
