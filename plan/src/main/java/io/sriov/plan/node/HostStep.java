package io.sriov.plan.node;

/**
 * One change to the node itself, of no PF. None of them changes anything that runs: they are for
 * the next boot, so they need no drain and come before a reboot is asked for.
 */
public sealed interface HostStep {

  /** Why it is needed, as a clause for people. */
  String reason();

  /** Makes the boot loader pass {@code argument} to the kernel from the next boot on. */
  record AddKernelArgument(String argument, BootLoader loader) implements HostStep {
    @Override
    public String reason() {
      return "kernel argument " + argument + " is wanted";
    }
  }

  /** Makes the boot loader leave {@code argument} out from the next boot on. */
  record RemoveKernelArgument(String argument, BootLoader loader) implements HostStep {
    @Override
    public String reason() {
      return "kernel argument " + argument + " is not wanted any more";
    }
  }

  /**
   * Replaces a file atomically, mode 0644, and makes its folder if need be.
   *
   * @param path absolute, as the host sees it
   */
  record WriteFile(String path, String content, String reason) implements HostStep {}

  /**
   * Removes a file.
   *
   * @param path absolute, as the host sees it
   */
  record RemoveFile(String path, String reason) implements HostStep {}

  /** Copies the daemon to {@code /var/lib/sriov}, for the services that run before containers. */
  record InstallRuntime(String reason) implements HostStep {}

  /** Removes what {@link InstallRuntime} copied. */
  record RemoveRuntime(String reason) implements HostStep {}

  /** Enables a systemd unit for the next boot, as {@code systemctl reenable} does. */
  record EnableUnit(String unit, String reason) implements HostStep {}
}
