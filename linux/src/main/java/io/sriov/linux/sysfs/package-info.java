/** Typed view of sysfs and of PCI devices in it. */
@NullMarked
package io.sriov.linux.sysfs;

import org.jspecify.annotations.NullMarked;
