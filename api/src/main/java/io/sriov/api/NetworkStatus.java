package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/** Condition {@code Ready} of a network (spec 01 §2.2). */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NetworkStatus(List<Condition> conditions) {

  public NetworkStatus {
    conditions = Absent.toEmpty(conditions);
  }
}
