/**
 * What of a node changes with its next boot: kernel arguments, files and units of the host, and the
 * services that configure the node before its containers run (spec 03 §4.3, §5.5).
 */
@NullMarked
package io.sriov.node.boot;

import org.jspecify.annotations.NullMarked;
