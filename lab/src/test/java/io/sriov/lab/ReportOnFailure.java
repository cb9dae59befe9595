package io.sriov.lab;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;

/**
 * Writes what {@link Lab#report} says at the moment a test, or what is before or after tests, fails
 * beside the other logs. A node on which something hangs for good starts again, or every later test
 * would fail with this one.
 */
final class ReportOnFailure
    implements AfterTestExecutionCallback, LifecycleMethodExecutionExceptionHandler {

  private static final Path REPORTS = Tools.repository().resolve("target/logs/lab");

  @Override
  public void afterTestExecution(ExtensionContext test) throws IOException {
    if (test.getExecutionException().isPresent()) {
      report(test);
    }
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext tests, Throwable failure)
      throws Throwable {
    report(tests);
    throw failure;
  }

  @Override
  public void handleAfterAllMethodExecutionException(ExtensionContext tests, Throwable failure)
      throws Throwable {
    report(tests);
    throw failure;
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext test, Throwable failure)
      throws Throwable {
    report(test);
    throw failure;
  }

  private static void report(ExtensionContext test) throws IOException {
    // The limit of a test interrupts its thread, and what is asked here must not end by that.
    boolean interrupted = Thread.interrupted();
    Path file =
        REPORTS.resolve(
            "%s.%s.%s.txt"
                .formatted(
                    test.getRequiredTestClass().getSimpleName(),
                    test.getTestMethod().map(Method::getName).orElse("all"),
                    LocalTime.now().truncatedTo(ChronoUnit.SECONDS).toString().replace(':', '-')));
    try {
      Files.createDirectories(REPORTS);
      Files.writeString(file, Lab.report());
      System.err.println("what the lab was like: " + file);
    } finally {
      // The other lane goes on with its node.
      Lab.revive(Stack.LANE == 0 ? new String[0] : new String[] {Stack.NODE});
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
