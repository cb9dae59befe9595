/** The conversation with the forwarder, as described in the README of this module. */
@NullMarked
package io.sriov.cni.wire;

import org.jspecify.annotations.NullMarked;
