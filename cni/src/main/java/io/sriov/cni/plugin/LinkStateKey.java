package io.sriov.cni.plugin;

import io.sriov.cni.protocol.CniException;
import io.sriov.linux.netlink.VfLinkState;
import java.util.Optional;

/** The key {@code link_state} of a configuration. */
public final class LinkStateKey {

  private LinkStateKey() {}

  /**
   * The state asked for; empty text asks for none.
   *
   * @throws CniException code 999 for another word
   */
  public static Optional<VfLinkState> parse(String value) throws CniException {
    return switch (value) {
      case "" -> Optional.empty();
      case "auto" -> Optional.of(VfLinkState.AUTO);
      case "enable" -> Optional.of(VfLinkState.ENABLE);
      case "disable" -> Optional.of(VfLinkState.DISABLE);
      default ->
          throw CniException.internal(
              "link_state must be auto, enable or disable, not \"" + value + "\"");
    };
  }
}
