/** The device plugin's configuration of a node, from the policies (spec 01 §5). */
@NullMarked
package io.sriov.plan.deviceplugin;

import org.jspecify.annotations.NullMarked;
