/** Facts read from the node's sysfs, devfs and procfs. */
@NullMarked
package io.sriov.deviceplugin.host;

import org.jspecify.annotations.NullMarked;
