package io.sriov.deviceplugin;

import io.sriov.kube.BindAddress;
import io.sriov.kube.SettingException;
import io.sriov.kube.Settings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Everything that can be set, by flags alone. Each is accepted as upstream's binary and as its
 * image entry point spell it (spec 05 §1.1, §1.2).
 *
 * @param configFile {@code --config-file}, default {@code /etc/pcidp/config.json}
 * @param resourcePrefix {@code --resource-prefix}, of pools that name none; default {@code
 *     intel.com}
 * @param useCdi {@code --use-cdi}: device nodes by CDI files
 * @param logLevel {@code --log-level} or {@code -v}: 0 what happened, to 10 also what is looked at,
 *     above 10 everything; default 10, as the operator starts it
 * @param logFolder {@code --log-dir=D} for {@code /var/log/D}, or {@code -log_dir} for a path: also
 *     logs into a file there
 * @param metrics {@code --metrics-bind-address}: serves {@code /metrics}, {@code /healthz} and
 *     {@code /readyz}; default {@code 0}, off
 */
record PluginSettings(
    Path configFile,
    String resourcePrefix,
    boolean useCdi,
    int logLevel,
    Optional<Path> logFolder,
    BindAddress metrics) {

  static final String USAGE =
      """
      Usage: sriov-device-plugin [--config-file=FILE] [--resource-prefix=PREFIX] [--use-cdi]
                                 [--log-level=N] [--log-dir=NAME] [--metrics-bind-address=HOST:PORT]
        --config-file      pools to serve; waited for and followed (/etc/pcidp/config.json)
        --resource-prefix  prefix of pools that name none (intel.com)
        --use-cdi          hand out device nodes by CDI files in /var/run/cdi
        --log-level        0 (what happened) to 10 (also what is looked at), above: everything (10)
        --log-dir          also log into a file in /var/log/NAME
        --metrics-bind-address  metrics, health and readiness; 0 is off (0)
      """;

  private static final int MAX_LEVEL = 100;
  private static final int UPSTREAM_LEVEL = 10;

  /** In the steps of {@link io.sriov.kube.log.Logging#verbosity}. */
  int verbosity() {
    return logLevel == 0 ? 0 : logLevel <= UPSTREAM_LEVEL ? 1 : 2;
  }

  static PluginSettings of(Settings settings) {
    boolean useCdi = settings.onOff("use-cdi");
    for (var always : new String[] {"logtostderr", "alsologtostderr"}) {
      // Standard error is always written; upstream's manifests may ask for it.
      boolean unused = settings.onOff(always);
    }
    for (var unsupported : new String[] {"vmodule", "log_backtrace_at", "stderrthreshold"}) {
      if (settings.flag(unsupported).text().isPresent()) {
        throw new SettingException("flag --" + unsupported, "not supported; use --log-level");
      }
    }
    var logDir = settings.flag("log-dir").text().filter(name -> !name.isEmpty());
    var glogDir = settings.flag("log_dir").path();
    if (logDir.isPresent() && glogDir.isPresent()) {
      throw new SettingException("flag --log_dir", "given together with --log-dir; use one");
    }
    var v = settings.flag("v").integer(0, MAX_LEVEL);
    var logLevel =
        settings.flag("log-level").integer(0, MAX_LEVEL).or(() -> v).orElse(UPSTREAM_LEVEL);
    var configFile = settings.flag("config-file").text().filter(path -> !path.isEmpty());
    var prefix = settings.flag("resource-prefix").text().filter(text -> !text.isEmpty());
    var metrics =
        settings.flag("metrics-bind-address").as(BindAddress::parse).orElse(BindAddress.OFF);
    settings.refuseRest();
    return new PluginSettings(
        Path.of(configFile.orElse("/etc/pcidp/config.json")),
        prefix.orElse("intel.com"),
        useCdi,
        logLevel,
        logDir.map(name -> Path.of("/var/log").resolve(name)).or(() -> glogDir),
        metrics);
  }
}
