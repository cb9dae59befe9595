package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Log level of the CNI plugin; the empty value leaves it to the plugin. */
public enum LogLevel {
  @JsonProperty("panic")
  PANIC("panic"),
  @JsonProperty("error")
  ERROR("error"),
  @JsonProperty("warning")
  WARNING("warning"),
  @JsonProperty("info")
  INFO("info"),
  @JsonProperty("debug")
  DEBUG("debug"),
  @JsonProperty("")
  UNSET("");

  private final String value;

  LogLevel(String value) {
    this.value = value;
  }

  /** The value as it stands in a manifest. */
  public String value() {
    return value;
  }
}
