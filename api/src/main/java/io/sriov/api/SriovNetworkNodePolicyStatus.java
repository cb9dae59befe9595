package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/**
 * Our addition to upstream: condition {@code Selected} says what the policy selects and, if
 * nothing, why not.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovNetworkNodePolicyStatus(List<Condition> conditions) {

  public SriovNetworkNodePolicyStatus {
    conditions = Absent.toEmpty(conditions);
  }
}
