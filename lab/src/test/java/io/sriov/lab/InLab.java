package io.sriov.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests on the shared lab. None waits for ever: each has a limit, methods that need more say so
 * with a {@link Timeout} of their own, and what is done before and after them has those of {@link
 * Lab}'s commands. Of one that fails there is a report, made before it cleans up.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("lab")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
@ExtendWith(ReportOnFailure.class)
@interface InLab {

  /**
   * Tag of a test that needs both nodes, or the cluster, for itself; others run one on each node.
   */
  String WHOLE = "whole-lab";
}
