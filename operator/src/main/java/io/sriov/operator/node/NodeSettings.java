package io.sriov.operator.node;

import java.time.Duration;

/**
 * What the installer decides about node states.
 *
 * @param externalDrainer whether somebody else drains nodes and therefore starts the hand-shake
 * @param staleStateDelay how long the state of a node that is gone is kept; zero deletes at once
 */
public record NodeSettings(boolean externalDrainer, Duration staleStateDelay) {}
