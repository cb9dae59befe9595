package io.sriov.node.boot;

import io.sriov.node.apply.HostStepExecutor;
import io.sriov.node.apply.HostStepResult;
import io.sriov.plan.node.BootServices;
import io.sriov.plan.node.BootUnit;
import io.sriov.plan.node.HostStep;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;

/** What a node of systemd mode keeps when the daemon takes over (spec 03 §1.4). */
public final class ServiceLeftovers {

  private static final String REASON = "the daemon configures this node itself";

  private ServiceLeftovers() {}

  /**
   * Removes it.
   *
   * @param unitsToo not on OpenShift, where the operator ships the units
   * @return failures, already logged
   */
  public static List<HostStepResult> remove(
      BootPaths paths, HostStepExecutor steps, boolean unitsToo) throws InterruptedException {
    var files = new ArrayList<String>();
    if (unitsToo) {
      for (BootUnit unit : BootUnit.ALL) {
        // The link first: systemd complains at boot about one that leads nowhere.
        files.add(unit.link());
        files.add(unit.path());
      }
    }
    files.add(BootServices.CONFIG_FILE);
    files.add(BootServices.RESULT_FILE);
    files.add(BootServices.SUPPORTED_NICS_FILE);
    var wanted = new ArrayList<HostStep>();
    files.stream()
        .filter(file -> Files.exists(paths.host(file), LinkOption.NOFOLLOW_LINKS))
        .forEach(file -> wanted.add(new HostStep.RemoveFile(file, REASON)));
    if (Files.exists(paths.host(HostRuntime.FOLDER))) {
      wanted.add(new HostStep.RemoveRuntime(REASON));
    }
    var failures = new ArrayList<HostStepResult>();
    for (HostStep step : wanted) {
      // One by one: what cannot be removed must not keep the rest.
      steps.execute(List.of(step)).stream().filter(HostStepResult::failed).forEach(failures::add);
    }
    return failures;
  }
}
