package io.sriov.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Writes what {@link Lab#report} says at the moment a test fails beside the other logs. A node on
 * which something hangs for good starts again, or every later test would fail with this one.
 */
final class ReportOnFailure implements AfterTestExecutionCallback {

  private static final Path REPORTS = Tools.repository().resolve("target/logs/lab");

  @Override
  public void afterTestExecution(ExtensionContext test) throws IOException {
    if (test.getExecutionException().isEmpty()) {
      return;
    }
    // The limit of a test interrupts its thread, and what is asked here must not end by that.
    boolean interrupted = Thread.interrupted();
    Path file =
        REPORTS.resolve(
            "%s.%s.%s.txt"
                .formatted(
                    test.getRequiredTestClass().getSimpleName(),
                    test.getRequiredTestMethod().getName(),
                    LocalTime.now().truncatedTo(ChronoUnit.SECONDS).toString().replace(':', '-')));
    try {
      Files.createDirectories(REPORTS);
      Files.writeString(file, Lab.report());
      System.err.println("what the lab was like: " + file);
    } finally {
      Lab.revive();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
