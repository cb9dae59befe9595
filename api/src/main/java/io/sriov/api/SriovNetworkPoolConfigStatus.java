package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/** Our addition to upstream: conditions of a pool. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovNetworkPoolConfigStatus(List<Condition> conditions) {

  public SriovNetworkPoolConfigStatus {
    conditions = Absent.toEmpty(conditions);
  }
}
