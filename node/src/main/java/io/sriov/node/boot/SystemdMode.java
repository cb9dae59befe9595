package io.sriov.node.boot;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.node.apply.HostStepExecutor;
import io.sriov.node.apply.HostStepResult;
import io.sriov.node.host.SupportedNic;
import io.sriov.plan.node.BootServices;
import io.sriov.plan.node.BootServices.Result;
import io.sriov.plan.node.HostStep;
import io.sriov.plan.node.NodePlan;
import io.sriov.plan.node.SystemdPlan;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Services that run at boot configure the node; the daemon prepares them and reads what came. */
public final class SystemdMode implements NodeBoot {

  private final ServiceFiles files;
  private final HostRuntime runtime;
  private final HostStepExecutor steps;
  private final Supplier<List<SupportedNic>> supported;
  private final boolean unsupportedNics;

  /**
   * @param supported card models that may be configured
   * @param unsupportedNics whether all others may be, too
   */
  public SystemdMode(
      BootPaths paths,
      HostRuntime runtime,
      HostStepExecutor steps,
      Supplier<List<SupportedNic>> supported,
      boolean unsupportedNics) {
    this.files = new ServiceFiles(paths);
    this.runtime = runtime;
    this.steps = steps;
    this.supported = supported;
    this.unsupportedNics = unsupportedNics;
  }

  @Override
  public NodePlan planFor(SriovNetworkNodeStateSpec desired, NodePlan plan) throws IOException {
    var config = new ServiceConfig(desired, unsupportedNics, ServiceConfig.BAREMETAL);
    return new SystemdPlan(config.toYaml(), ServiceFiles.lines(supported.get()), runtime.identity())
        .of(plan, found());
  }

  private BootServices found() throws IOException {
    Result result = null;
    String resultError = null;
    try {
      result = files.result().orElse(null);
    } catch (IOException e) {
      resultError = String.valueOf(e.getMessage());
    }
    return new BootServices(
        files.units(),
        files.text(BootServices.CONFIG_FILE).orElse(null),
        files.text(BootServices.SUPPORTED_NICS_FILE).orElse(null),
        result,
        resultError,
        runtime.installed().orElse(null));
  }

  @Override
  public List<HostStepResult> execute(List<HostStep> wanted) throws InterruptedException {
    return steps.execute(wanted);
  }

  @Override
  public Optional<Result> result() {
    return Optional.ofNullable(reported());
  }

  /** One that cannot be read is in the plan, with the reason. */
  private @Nullable Result reported() {
    try {
      return files.result().orElse(null);
    } catch (IOException e) {
      return null;
    }
  }
}
