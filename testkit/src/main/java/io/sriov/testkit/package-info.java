@NullMarked
package io.sriov.testkit;

import org.jspecify.annotations.NullMarked;
