/** How a process of ours lives in a cluster: settings, client, status, events, health, logs. */
@NullMarked
package io.sriov.kube;

import org.jspecify.annotations.NullMarked;
