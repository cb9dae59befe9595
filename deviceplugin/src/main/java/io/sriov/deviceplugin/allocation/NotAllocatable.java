package io.sriov.deviceplugin.allocation;

/** An allocation that must fail as a whole; the message names the device and the pool. */
public final class NotAllocatable extends Exception {

  private static final long serialVersionUID = 1;

  public NotAllocatable(String message) {
    super(message);
  }
}
