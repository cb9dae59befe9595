package io.sriov.deviceplugin.pool;

import java.util.Optional;

/**
 * A device that a pool of some kind may select, with the values that selectors compare (spec 05
 * §3.3).
 *
 * @param id what the kubelet knows it by: PCI address or auxiliary name
 * @param pci the function itself, or the parent of an auxiliary device
 * @param pfAddress empty for a function that is no VF
 * @param pfName empty when unknown
 * @param function VF index or SF number; -1 for neither
 * @param linkType {@code ether}, {@code infiniband}, …; empty when no netdev is known
 */
record Candidate(
    String id,
    PciFunction pci,
    Optional<AuxDevice> aux,
    String driver,
    String pfAddress,
    String pfName,
    int function,
    String linkType,
    boolean rdmaCapable) {}
