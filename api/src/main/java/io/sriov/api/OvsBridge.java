package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Columns of an OVSDB Bridge row. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record OvsBridge(
    @Nullable String datapathType,
    Map<String, String> externalIDs,
    Map<String, String> otherConfig,
    @Nullable FailMode failMode) {

  public OvsBridge {
    externalIDs = Absent.toEmpty(externalIDs);
    otherConfig = Absent.toEmpty(otherConfig);
  }
}
