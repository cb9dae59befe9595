/**
 * Log lines of every process: an SLF4J provider that writes JSON to standard error.
 *
 * <p>Our own, because start-up in a slow node counts: the first line of logback costs 165 ms
 * natively and ten times that in an emulated node, and slf4j-jdk14 drops key-value pairs.
 */
@NullMarked
package io.sriov.kube.log;

import org.jspecify.annotations.NullMarked;
