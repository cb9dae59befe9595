package io.sriov.node.drain;

import io.sriov.api.Names;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the node asks of the drainer, in annotations of Node and NodeState.
 *
 * @param state {@link Names#IDLE}, {@link Names#DRAIN_REQUIRED} or {@link Names#REBOOT_REQUIRED}
 * @param pods which pods shall leave, sorted; only with {@link Names#DRAIN_REQUIRED}
 */
public record DrainRequest(String state, @Nullable List<String> pods) {

  static final DrainRequest IDLE = new DrainRequest(Names.IDLE, null);
  static final DrainRequest REBOOT = new DrainRequest(Names.REBOOT_REQUIRED, null);

  static DrainRequest drain(List<String> pods) {
    return new DrainRequest(Names.DRAIN_REQUIRED, List.copyOf(pods));
  }
}
