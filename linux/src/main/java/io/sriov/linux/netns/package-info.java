/** Network namespaces held by descriptor. */
@NullMarked
package io.sriov.linux.netns;

import org.jspecify.annotations.NullMarked;
