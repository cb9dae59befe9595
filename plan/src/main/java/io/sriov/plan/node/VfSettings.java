package io.sriov.plan.node;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What a PF reports of one of its VFs, beside the address ({@code IFLA_VF_INFO} of
 * linux/if_link.h).
 *
 * @param vlan VLAN id 0–4095, 0 without
 * @param qos VLAN priority 0–7
 * @param spoofCheck absent if the driver reports none
 * @param trust absent if the driver reports none
 * @param linkState {@code auto}, {@code enable} or {@code disable}
 * @param minTxRate Mb/s, 0 for none
 * @param maxTxRate Mb/s, 0 for none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VfSettings(
    int vlan,
    int qos,
    @Nullable Boolean spoofCheck,
    @Nullable Boolean trust,
    String linkState,
    int minTxRate,
    int maxTxRate) {}
