/**
 * What tests run against: {@link io.sriov.lab.ApiServer}, a real API server that is there in
 * seconds, and {@link io.sriov.lab.Lab}, a cluster whose nodes are virtual machines with SR-IOV
 * cards.
 */
@NullMarked
package io.sriov.lab;

import org.jspecify.annotations.NullMarked;
