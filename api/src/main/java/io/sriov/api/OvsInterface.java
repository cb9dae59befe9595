package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Columns of an OVSDB Interface row.
 *
 * @param mtuRequest bytes; null leaves it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record OvsInterface(
    @Nullable String type,
    Map<String, String> options,
    Map<String, String> externalIDs,
    Map<String, String> otherConfig,
    @Nullable Integer mtuRequest) {

  public OvsInterface {
    options = Absent.toEmpty(options);
    externalIDs = Absent.toEmpty(externalIDs);
    otherConfig = Absent.toEmpty(otherConfig);
  }
}
