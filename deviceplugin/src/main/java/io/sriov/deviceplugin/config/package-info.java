/** The pool configuration file: decoded by Go's rules, validated, no I/O. */
@NullMarked
package io.sriov.deviceplugin.config;

import org.jspecify.annotations.NullMarked;
