package io.sriov.linux.netlink;

/** Link state the PF shows a VF, in the order of {@code IFLA_VF_LINK_STATE_*}. */
public enum VfLinkState {
  /** Follows the PF's link. */
  AUTO,
  /** Always up. */
  ENABLE,
  /** Always down. */
  DISABLE;

  /** The kernel's number, 0–2. */
  public int number() {
    return ordinal();
  }

  /** The state with the kernel's number; AUTO for one unknown. */
  public static VfLinkState of(int number) {
    return number >= 0 && number < values().length ? values()[number] : AUTO;
  }
}
