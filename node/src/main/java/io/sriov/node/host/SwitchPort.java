package io.sriov.node.host;

/**
 * The uplink of a PF in switchdev mode.
 *
 * @param name {@code phys_port_name}, e.g. {@code p0}
 * @param switchId {@code phys_switch_id} in hex
 */
public record SwitchPort(String name, String switchId) {}
