package io.sriov.kube;

/** A setting is missing, malformed or unknown; the message names its key and what is allowed. */
public final class SettingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public SettingException(String key, String problem) {
    super(key + ": " + problem);
  }
}
