/** The config daemon. */
@NullMarked
package io.sriov.node;

import org.jspecify.annotations.NullMarked;
