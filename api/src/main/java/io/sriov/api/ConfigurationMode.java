package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who configures a node: the daemon, or boot services of systemd. */
public enum ConfigurationMode {
  @JsonProperty("daemon")
  DAEMON("daemon"),
  @JsonProperty("systemd")
  SYSTEMD("systemd");

  private final String value;

  ConfigurationMode(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
