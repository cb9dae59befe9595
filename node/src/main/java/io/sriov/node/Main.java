package io.sriov.node;

import io.sriov.api.Names;
import io.sriov.kube.Lifecycle;
import io.sriov.kube.SettingException;
import io.sriov.kube.Settings;
import io.sriov.kube.log.Logging;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Map;

/** {@code sriov-network-config-daemon}: command line (spec 03 §1.1). */
public final class Main {

  private static final String USAGE =
      """
      usage: sriov-network-config-daemon <command>

        start       configure this node as its SriovNetworkNodeState says (settings: README of node)
        service     make and configure VFs at boot, before the kubelet: --phase pre or post
        inventory   print what is known of this node's cards, as JSON
        version     print the version
      """;

  /** The Go daemon's command for an init container of the device plugin (spec 03 §1.9). */
  private static final String NO_WAIT_FOR_CONFIG =
      "sriov-network-config-daemon: there is no wait-for-config: the device plugin waits by itself"
          + " until "
          + Names.DEVICE_PLUGIN_CONFIG_FILE
          + " is there; remove the init container from its pods";

  private Main() {}

  public static void main(String[] args) {
    System.exit(run(System.getenv(), args, System.out, System.err));
  }

  static int run(Map<String, String> environment, String[] args, PrintStream out, PrintStream err) {
    String command = args.length == 0 ? "" : args[0];
    String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
    try {
      var settings = Settings.of(environment, rest);
      switch (command) {
        case "start" -> {
          Logging.start();
          return Lifecycle.run(
              "sriov-network-config-daemon",
              lifecycle -> Daemon.start(DaemonSettings.of(settings), lifecycle));
        }
        case "service" -> {
          return ServiceCommand.run(settings);
        }
        case "inventory" -> {
          InventoryCommand.print(settings, out);
          return 0;
        }
        case "version" -> {
          settings.refuseRest();
          out.println("SriovNetworkConfigDaemon v" + version());
          return 0;
        }
        case "wait-for-config" -> {
          err.println(NO_WAIT_FOR_CONFIG);
          return 1;
        }
        case "help", "--help", "-h" -> {
          out.print(USAGE);
          return 0;
        }
        default -> {
          err.print(
              (command.isEmpty() ? "a command is needed" : "unknown command: " + command)
                  + "\n\n"
                  + USAGE);
          return 1;
        }
      }
    } catch (SettingException | IOException e) {
      err.println("sriov-network-config-daemon: " + e.getMessage());
      return 1;
    }
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "0.0.0-dev" : version;
  }
}
