package io.sriov.node.boot;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fedora, RHEL and what is built from them. */
final class Grubby implements KernelArguments.Tool {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Pattern ARGS = Pattern.compile("^args=\"(.*)\"$", Pattern.MULTILINE);

  private final HostCommands commands;

  Grubby(HostCommands commands) {
    this.commands = commands;
  }

  @Override
  public Set<String> listed() throws IOException, InterruptedException {
    Matcher args = ARGS.matcher(run("--info=DEFAULT"));
    return args.find()
        ? new LinkedHashSet<>(List.of(args.group(1).strip().split("\\s+")))
        : Set.of();
  }

  @Override
  public void change(List<String> add, List<String> remove)
      throws IOException, InterruptedException {
    for (String argument : add) {
      String unused = run("--update-kernel=DEFAULT", "--args=" + argument);
    }
    for (String argument : remove) {
      String unused = run("--update-kernel=DEFAULT", "--remove-args=" + argument);
    }
  }

  private String run(String... options) throws IOException, InterruptedException {
    return KernelArguments.output(commands, LIMIT, "grubby", options);
  }
}
