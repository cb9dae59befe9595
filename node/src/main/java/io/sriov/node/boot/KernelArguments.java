package io.sriov.node.boot;

import io.sriov.linux.program.HostProgram;
import io.sriov.plan.node.Boot.StoredArgument.State;
import io.sriov.plan.node.BootLoader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Sets and withdraws what the kernel gets at the next boot, and remembers what it added. */
final class KernelArguments {

  /** A way to change the boot loader's configuration. */
  interface Tool {

    /** What the next kernel gets now. */
    Set<String> listed() throws IOException, InterruptedException;

    /**
     * @param add none of them is listed
     * @param remove each of them is listed
     */
    void change(List<String> add, List<String> remove) throws IOException, InterruptedException;
  }

  private final BootPaths paths;
  private final HostCommands commands;
  private final StoredArguments stored;
  private final Supplier<String> bootId;

  KernelArguments(BootPaths paths, HostCommands commands, Supplier<String> bootId) {
    this.paths = paths;
    this.commands = commands;
    this.stored = new StoredArguments(paths);
    this.bootId = bootId;
  }

  /** How arguments are set on this host, found without starting a process. */
  static Optional<BootLoader> loader(BootPaths paths, HostCommands commands) {
    if (java.nio.file.Files.exists(paths.host("/run/ostree-booted"))) {
      return commands.has("rpm-ostree") ? Optional.of(BootLoader.RPM_OSTREE) : Optional.empty();
    }
    if (Grub.isConfigurable(paths, commands)) {
      return Optional.of(BootLoader.GRUB);
    }
    return commands.has("grubby") ? Optional.of(BootLoader.GRUBBY) : Optional.empty();
  }

  /** All at once, because each run of a tool may take long. */
  void change(BootLoader loader, List<String> add, List<String> remove)
      throws IOException, InterruptedException {
    Tool tool =
        switch (loader) {
          case GRUB -> new Grub(paths, commands);
          case GRUBBY -> new Grubby(commands);
          case RPM_OSTREE -> new RpmOstree(commands);
        };
    Set<String> listed = tool.listed();
    List<String> missing = add.stream().filter(argument -> !listed.contains(argument)).toList();
    List<String> present = remove.stream().filter(listed::contains).toList();
    for (String argument : add) {
      boolean somebodyElses = listed.contains(argument) && stored.stateOf(argument).isEmpty();
      stored.put(argument, somebodyElses ? State.FOUND : State.ADDING, bootId.get());
    }
    for (String argument : remove) {
      stored.put(argument, State.REMOVING, bootId.get());
    }
    if (!missing.isEmpty() || !present.isEmpty()) {
      tool.change(missing, present);
      verify(loader, tool.listed(), missing, present);
    }
    for (String argument : add) {
      if (!stored.stateOf(argument).equals(Optional.of(State.FOUND))) {
        stored.put(argument, State.ADDED, bootId.get());
      }
    }
    for (String argument : remove) {
      stored.put(argument, State.REMOVED, bootId.get());
    }
  }

  /** A tool that says it succeeded may still not have had an effect. */
  private static void verify(
      BootLoader loader, Set<String> listed, List<String> added, List<String> removed)
      throws IOException {
    for (String argument : added) {
      if (!listed.contains(argument)) {
        throw new IOException(
            loader.tool()
                + " succeeded, but the next boot does not get "
                + argument
                + ": see what overrides it in the boot loader's configuration");
      }
    }
    for (String argument : removed) {
      if (listed.contains(argument)) {
        throw new IOException(
            loader.tool()
                + " succeeded, but the next boot still gets "
                + argument
                + ", which somebody else set: remove it from the boot loader's configuration");
      }
    }
  }

  static String output(HostCommands commands, Duration limit, String program, String... options)
      throws IOException, InterruptedException {
    String[] words = new String[options.length + 1];
    words[0] = program;
    System.arraycopy(options, 0, words, 1, options.length);
    HostProgram.Ended ended = commands.run(limit, words);
    if (ended.failed()) {
      throw new IOException(
          String.join(" ", words)
              + " ended with status "
              + ended.status()
              + (ended.output().isEmpty() ? "" : ": " + ended.output()));
    }
    return ended.output();
  }
}
