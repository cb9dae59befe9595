package io.sriov.deviceplugin.config;

/** A configuration file that cannot be used as a whole; the message names the key and the rule. */
public final class ConfigException extends Exception {

  private static final long serialVersionUID = 1;

  private final boolean invalidPool;

  private ConfigException(String message, boolean invalidPool) {
    super(message);
    this.invalidPool = invalidPool;
  }

  static ConfigException malformed(String message) {
    return new ConfigException(message, false);
  }

  static ConfigException invalidPool(String message) {
    return new ConfigException(message, true);
  }

  /** Whether the file was readable but a pool breaks a rule of spec 05 §2.4 (exit code 2). */
  public boolean invalidPool() {
    return invalidPool;
  }
}
