/**
 * The auditor: looks for VFs that are not as they should be, tells of them, puts free ones right.
 */
@NullMarked
package io.sriov.node.audit;

import org.jspecify.annotations.NullMarked;
