package io.sriov.node.boot;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Hosts whose file system is an image; a change makes a new deployment for the next boot. */
final class RpmOstree implements KernelArguments.Tool {

  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final HostCommands commands;

  RpmOstree(HostCommands commands) {
    this.commands = commands;
  }

  @Override
  public Set<String> listed() throws IOException, InterruptedException {
    return new LinkedHashSet<>(List.of(run(List.of()).strip().split("\\s+")));
  }

  @Override
  public void change(List<String> add, List<String> remove)
      throws IOException, InterruptedException {
    var options = new ArrayList<String>();
    add.forEach(argument -> options.add("--append=" + argument));
    remove.forEach(argument -> options.add("--delete=" + argument));
    String unused = run(options);
  }

  private String run(List<String> options) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("kargs"));
    words.addAll(options);
    return KernelArguments.output(commands, LIMIT, "rpm-ostree", words.toArray(String[]::new));
  }
}
