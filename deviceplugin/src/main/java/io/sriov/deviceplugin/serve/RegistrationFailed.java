package io.sriov.deviceplugin.serve;

import org.jspecify.annotations.Nullable;

/** The kubelet does not take a pool: the process ends with code 2 (spec 05 §1.3). */
public final class RegistrationFailed extends Exception {

  private static final long serialVersionUID = 1;

  RegistrationFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
