package io.sriov.cni.plugin;

import io.sriov.cni.json.JsonException;

/** How far an ADD came. */
public enum Phase {
  /** Begun; any of its steps may have been made. */
  ADDING("adding"),
  /** Complete: its result was given. */
  ATTACHED("attached"),
  /** The VF is as it was found; only the IPAM plugin has not released its addresses. */
  RELEASED("released");

  private final String word;

  Phase(String word) {
    this.word = word;
  }

  /** The phase as a state file calls it. */
  static Phase of(String word) throws JsonException {
    for (Phase phase : values()) {
      if (phase.word.equals(word)) {
        return phase;
      }
    }
    throw new JsonException("attachment.phase \"" + word + "\" is unknown");
  }

  /** As a state file calls it. */
  String word() {
    return word;
  }
}
