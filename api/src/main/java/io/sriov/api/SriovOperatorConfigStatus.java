package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Condition {@code Ready} (spec 01 §2.3); {@code injector} and {@code operatorWebhook} are declared
 * by upstream and never written.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovOperatorConfigStatus(
    List<Condition> conditions, @Nullable String injector, @Nullable String operatorWebhook) {

  public SriovOperatorConfigStatus {
    conditions = Absent.toEmpty(conditions);
  }
}
