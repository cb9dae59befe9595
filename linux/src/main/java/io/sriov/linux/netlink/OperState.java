package io.sriov.linux.netlink;

/** Operational state of a link, RFC 2863, in the order of {@code IF_OPER_*} of linux/if.h. */
public enum OperState {
  UNKNOWN,
  NOT_PRESENT,
  DOWN,
  LOWER_LAYER_DOWN,
  TESTING,
  DORMANT,
  UP;

  static OperState of(int value) {
    return value >= 0 && value < values().length ? values()[value] : UNKNOWN;
  }
}
