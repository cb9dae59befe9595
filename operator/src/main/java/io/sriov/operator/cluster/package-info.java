/** What the API server says, kept up to date. */
@NullMarked
package io.sriov.operator.cluster;

import org.jspecify.annotations.NullMarked;
