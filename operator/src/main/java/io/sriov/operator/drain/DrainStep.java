package io.sriov.operator.drain;

import io.sriov.api.Names;

/**
 * What the hand-shake between node and operator asks for next (spec 02 §5.2). Each step may be
 * repeated: an operator that is killed anywhere is continued by the next one.
 */
sealed interface DrainStep {

  /** Nothing; {@code why} for the log. */
  record Rest(String why) implements DrainStep {}

  /**
   * Ask for a slot of the pool, and with it begin.
   *
   * @param whole whether the node has written all of its request: it writes the node first and then
   *     the node state, with the pods concerned
   */
  record Ask(boolean whole) implements DrainStep {}

  /**
   * Cordon, evict, and say so when nothing is left.
   *
   * @param full every pod goes, because the node is going to be rebooted
   */
  record Evict(boolean full) implements DrainStep {}

  /** Drained, but the node names pods that hold VFs: evict again if one of them is still there. */
  record Recheck() implements DrainStep {}

  /** Take our cordon away and, if a drain has begun, say that all is over. */
  record Release() implements DrainStep {}

  /** An annotation has a value that nobody knows; nothing is done. */
  record Unexpected(String annotation, String value) implements DrainStep {

    /** Upstream's words, which people search for, and the value. */
    String text() {
      return "unexpected node drain annotation %s: %s".formatted(annotation, value);
    }
  }

  /** The next step for a node. */
  static DrainStep next(DrainFacts node) {
    if (node.marked() && !node.hasState()) {
      // Whatever the node asks for: the state that comes next knows of no drain.
      return new Release();
    }
    if (node.external()) {
      return node.marked() && !node.begun()
          ? new Release()
          : new Rest("somebody else drains this node");
    }
    if (!node.managed()) {
      return leave(node);
    }
    if (node.request().isEmpty() || node.current().isEmpty()) {
      return new Rest("the hand-shake has not begun");
    }
    return switch (node.request().get()) {
      case Names.IDLE -> idle(node, node.current().get());
      case Names.DRAIN_REQUIRED, Names.REBOOT_REQUIRED -> requested(node, node.current().get());
      default -> new Unexpected(Names.NODE_STATE, node.request().get());
    };
  }

  private static DrainStep idle(DrainFacts node, String current) {
    return switch (current) {
      case Names.IDLE -> node.marked() ? new Release() : new Rest("nothing is asked for");
      case Names.DRAINING, Names.DRAIN_COMPLETE -> new Release();
      default -> new Unexpected(Names.CURRENT_STATE, current);
    };
  }

  private static DrainStep requested(DrainFacts node, String current) {
    return switch (current) {
      case Names.IDLE -> {
        if (node.marked()) {
          // Of a drain whose node state was lost: not to be kept until there is a slot.
          yield new Release();
        }
        yield node.givenUp()
            ? new Rest("the drain was given up")
            : new Ask(node.desired().equals(node.request()));
      }
      case Names.DRAIN_COMPLETE ->
          !node.asksForReboot() && node.pods().filter(pods -> !pods.isEmpty()).isPresent()
              ? new Recheck()
              : new Rest("drained; the node works");
      // Also a value nobody knows: the request stands, so the drain is carried out.
      default -> new Evict(node.asksForReboot());
    };
  }

  /** Of a node without config daemon nobody would ever end the drain. */
  private static DrainStep leave(DrainFacts node) {
    return node.begun() || node.marked() ? new Release() : new Rest("the node is not managed");
  }
}
