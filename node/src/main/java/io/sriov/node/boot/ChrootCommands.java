package io.sriov.node.boot;

import io.sriov.linux.program.HostProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Programs of the host, started below its root with its own search path. */
public final class ChrootCommands implements HostCommands {

  private final Path hostRoot;

  /**
   * @param hostRoot as this process sees it; {@code /} on the host itself
   */
  public ChrootCommands(Path hostRoot) {
    this.hostRoot = hostRoot;
  }

  @Override
  public boolean has(String program) {
    // A link's target is the host's business: its path need not be one here.
    return HostProgram.FOLDERS.stream()
        .anyMatch(folder ->
            Files.exists(hostRoot.resolve(folder).resolve(program), LinkOption.NOFOLLOW_LINKS));
  }

  @Override
  public HostProgram.Ended run(Duration atMost, String... command)
      throws IOException, InterruptedException {
    return HostProgram.ended(
        hostRoot, "run " + String.join(" ", command), atMost, List.of(command));
  }
}
