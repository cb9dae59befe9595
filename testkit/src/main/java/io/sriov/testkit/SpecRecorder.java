package io.sriov.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes which specification rows were asserted by tests that ran: one file a test JVM under {@code
 * target/spec-rows} of the project's root. Skipped and aborted tests leave no trace, so their rows
 * stay open. Registered as a service.
 */
public final class SpecRecorder implements TestExecutionListener {

  private final ConcurrentLinkedQueue<RowResult> results = new ConcurrentLinkedQueue<>();

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (!test.isTest() || result.getStatus() == TestExecutionResult.Status.ABORTED) {
      return;
    }
    boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
    test.getSource()
        .filter(MethodSource.class::isInstance)
        .map(MethodSource.class::cast)
        .ifPresent(source -> record(source, passed));
  }

  private void record(MethodSource source, boolean passed) {
    Method method = source.getJavaMethod();
    List<Spec> rows = new ArrayList<>(List.of(method.getAnnotationsByType(Spec.class)));
    rows.addAll(List.of(source.getJavaClass().getAnnotationsByType(Spec.class)));
    String name = source.getJavaClass().getSimpleName() + "." + method.getName();
    for (Spec row : rows) {
      results.add(new RowResult(row.value(), passed, name, row.differs()));
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    Optional<String> root = Optional.ofNullable(System.getProperty("sriov.root"));
    if (root.isEmpty() || results.isEmpty()) {
      return;
    }
    try {
      Path folder = Files.createDirectories(Path.of(root.get(), "target", "spec-rows"));
      Path file = Files.createTempFile(folder, "rows", ".tsv");
      Files.write(file, results.stream().map(RowResult::line).toList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot record proven specification rows", e);
    }
  }
}
