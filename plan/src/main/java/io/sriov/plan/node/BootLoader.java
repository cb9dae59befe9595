package io.sriov.plan.node;

/** What writes the arguments that the kernel gets at the next boot. */
public enum BootLoader {
  /** A file in {@code /etc/default/grub.d} and {@code update-grub}: Debian, Ubuntu. */
  GRUB("update-grub"),
  /** {@code grubby}: Fedora, RHEL and what is built from them. */
  GRUBBY("grubby"),
  /** {@code rpm-ostree kargs}: image-based hosts. */
  RPM_OSTREE("rpm-ostree");

  private final String tool;

  BootLoader(String tool) {
    this.tool = tool;
  }

  /** The command on the host. */
  public String tool() {
    return tool;
  }
}
