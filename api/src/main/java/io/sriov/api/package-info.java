/**
 * The custom resources of group {@code sriovnetwork.openshift.io/v1} as records, and the names
 * components share.
 */
@NullMarked
package io.sriov.api;

import org.jspecify.annotations.NullMarked;
