package io.sriov.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the row of the behaviour specification ({@code docs/spec}) that a test asserts. A row
 * counts as proven only if the test was executed and passed.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@Repeatable(Spec.Rows.class)
public @interface Spec {

  /**
   * One row as {@code NN:ROW}, e.g. {@code 03:F3}: number of the specification file, id of the row
   * in it.
   */
  String value();

  /** Why our outcome differs from the one the row states; empty where it is the same. */
  String differs() default "";

  /** Container of several rows. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.METHOD, ElementType.TYPE})
  @interface Rows {
    Spec[] value();
  }
}
