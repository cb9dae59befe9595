package io.sriov.node.boot;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.file.HostFiles;
import io.sriov.node.apply.HostStepResult;
import io.sriov.plan.node.BootLoader;
import io.sriov.plan.node.BootUnit;
import io.sriov.plan.node.HostStep;
import io.sriov.plan.node.HostStep.AddKernelArgument;
import io.sriov.plan.node.HostStep.RemoveKernelArgument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out steps of the node itself. */
public final class HostSteps implements NodeBoot {

  private static final Logger log = LoggerFactory.getLogger(HostSteps.class);

  private final BootPaths paths;
  private final KernelArguments arguments;
  private final HostRuntime runtime;

  /**
   * @param bootId of the running kernel
   */
  public HostSteps(
      BootPaths paths, HostCommands commands, HostRuntime runtime, Supplier<String> bootId) {
    this.paths = paths;
    this.arguments = new KernelArguments(paths, commands, bootId);
    this.runtime = runtime;
  }

  @Override
  public List<HostStepResult> execute(List<HostStep> steps) throws InterruptedException {
    var results = new ArrayList<HostStepResult>();
    int next = 0;
    while (next < steps.size()) {
      int end = endOfBatch(steps, next);
      List<HostStep> batch = steps.subList(next, end);
      long start = System.nanoTime();
      String failure = failureOf(batch);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      batch.forEach(step -> results.add(new HostStepResult(step, took, failure)));
      if (failure != null) {
        break;
      }
      next = end;
    }
    return results;
  }

  /** A boot loader's tool takes long: arguments that follow each other are set at once. */
  private static int endOfBatch(List<HostStep> steps, int from) {
    int end = from + 1;
    while (isArgument(steps.get(from)) && end < steps.size() && isArgument(steps.get(end))) {
      end++;
    }
    return end;
  }

  private static boolean isArgument(HostStep step) {
    return step instanceof AddKernelArgument || step instanceof RemoveKernelArgument;
  }

  private @org.jspecify.annotations.Nullable String failureOf(List<HostStep> batch)
      throws InterruptedException {
    try {
      if (isArgument(batch.getFirst())) {
        change(batch);
      } else {
        run(batch.getFirst());
      }
      batch.forEach(step -> log.info("{}: {}", name(step), step.reason()));
      return null;
    } catch (IOException e) {
      String failure =
          String.join(" and ", batch.stream().map(HostSteps::name).toList())
              + ": "
              + (e.getMessage() == null ? e : e.getMessage())
              + "; "
              + whatToDo(e);
      log.error("{}", failure);
      return failure;
    }
  }

  private void change(List<HostStep> batch) throws IOException, InterruptedException {
    var add = new ArrayList<String>();
    var remove = new ArrayList<String>();
    BootLoader loader = null;
    for (HostStep step : batch) {
      if (step instanceof AddKernelArgument(var argument, var with)) {
        add.add(argument);
        loader = with;
      } else if (step instanceof RemoveKernelArgument(var argument, var with)) {
        remove.add(argument);
        loader = with;
      }
    }
    if (loader != null) {
      arguments.change(loader, add, remove);
    }
  }

  private void run(HostStep step) throws IOException, InterruptedException {
    switch (step) {
      case HostStep.WriteFile(var path, var content, _) ->
          HostFiles.writeAtomically(
              paths.host(path), content.getBytes(StandardCharsets.UTF_8), 0644);
      case HostStep.RemoveFile(var path, _) -> {
        boolean unused = HostFiles.delete(paths.host(path));
      }
      case HostStep.InstallRuntime _ -> runtime.install();
      case HostStep.RemoveRuntime _ -> runtime.remove();
      case HostStep.EnableUnit(var unit, _) -> enable(unit);
      case AddKernelArgument _, RemoveKernelArgument _ ->
          throw new IllegalStateException("to be carried out with others: " + step);
    }
  }

  /** The link that {@code systemctl enable} makes for a unit wanted by multi-user.target. */
  private void enable(String unit) throws IOException {
    Path link = paths.host(BootUnit.FOLDER + "/multi-user.target.wants/" + unit);
    Path folder = Files.createDirectories(link.resolveSibling("."));
    Path made = folder.resolve("." + unit + ".new");
    boolean unused = Files.deleteIfExists(made);
    Path target = Files.createSymbolicLink(made, Path.of(BootUnit.FOLDER, unit));
    Path moved =
        Files.move(
            target, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (!Files.exists(moved, LinkOption.NOFOLLOW_LINKS)) {
      throw new LinuxException(Errno.ENOENT, "enable " + unit);
    }
  }

  static String name(HostStep step) {
    return switch (step) {
      case AddKernelArgument add ->
          "add kernel argument " + add.argument() + " with " + add.loader().tool();
      case RemoveKernelArgument remove ->
          "remove kernel argument " + remove.argument() + " with " + remove.loader().tool();
      case HostStep.WriteFile write -> "write " + write.path();
      case HostStep.RemoveFile remove -> "remove " + remove.path();
      case HostStep.InstallRuntime _ -> "copy the daemon to " + HostRuntime.FOLDER;
      case HostStep.RemoveRuntime _ -> "remove the daemon from " + HostRuntime.FOLDER;
      case HostStep.EnableUnit enable -> "enable unit " + enable.unit();
    };
  }

  private static String whatToDo(IOException cause) {
    if (cause instanceof java.nio.file.FileSystemException file) {
      String reason = String.valueOf(file.getReason());
      if (reason.contains("No space left")) {
        return "the disk is full: make room";
      }
      if (reason.contains("Read-only")) {
        return "the host's file system is read-only: mount it read-write";
      }
    }
    return "it is tried again";
  }
}
