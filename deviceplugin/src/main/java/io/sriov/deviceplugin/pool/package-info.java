/** Which device belongs to which pool: facts in, pools out, no I/O. */
@NullMarked
package io.sriov.deviceplugin.pool;

import org.jspecify.annotations.NullMarked;
