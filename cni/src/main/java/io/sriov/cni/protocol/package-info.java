/** The CNI protocol: environment, versions, errors, results (spec 04 §1). */
@NullMarked
package io.sriov.cni.protocol;

import org.jspecify.annotations.NullMarked;
