package io.sriov.plan.node;

import java.util.ArrayList;
import java.util.List;

/**
 * A systemd service that configures the node before containers run (spec 03 §5.5.1). It stays
 * active when its program has ended: a unit that wants it later in the boot does not run it again.
 *
 * @param name of the unit
 * @param content of its file
 */
public record BootUnit(String name, String content) {

  public static final String FOLDER = "/etc/systemd/system";

  /** What the units run: on the host, since there are no containers that early. */
  public static final String PROGRAM = "/var/lib/sriov/sriov-network-config-daemon";

  /** Before the host's network is configured. */
  public static final BootUnit PRE =
      new BootUnit(
          "sriov-config.service",
          """
          [Unit]
          Description=SR-IOV: create virtual functions
          DefaultDependencies=no
          After=network-pre.target systemd-udev-settle.service systemd-sysusers.service systemd-sysctl.service
          After=local-fs.target
          RequiresMountsFor=/var/lib/sriov /etc/sriov-operator
          Before=network.target NetworkManager.service systemd-networkd.service ovs-vswitchd.service ovsdb-server.service

          [Service]
          Type=oneshot
          RemainAfterExit=yes
          ExecStart=%s service --phase pre
          StandardOutput=journal+console

          [Install]
          WantedBy=multi-user.target
          """
              .formatted(PROGRAM));

  /** After the host's network is configured and before the kubelet starts. */
  public static final BootUnit POST =
      new BootUnit(
          "sriov-config-post-network.service",
          """
          [Unit]
          Description=SR-IOV: configure virtual functions
          After=systemd-networkd-wait-online.service NetworkManager-wait-online.service openvswitch-switch.service sriov-config.service
          Before=kubelet.service

          [Service]
          Type=oneshot
          RemainAfterExit=yes
          ExecStart=%s service --phase post
          StandardOutput=journal+console

          [Install]
          WantedBy=multi-user.target
          """
              .formatted(PROGRAM));

  /** In the order in which they run. */
  public static final List<BootUnit> ALL = List.of(PRE, POST);

  /** What we write besides upstream's, whose installed units are as good. */
  private static final List<String> OPTIONAL =
      List.of("Description=", "After=local-fs.target", "RequiresMountsFor=", "RemainAfterExit=");

  /** Absolute, as the host sees it. */
  public String path() {
    return FOLDER + "/" + name;
  }

  /** The link that enables the unit. */
  public String link() {
    return FOLDER + "/multi-user.target.wants/" + name;
  }

  /** Whether an installed file has every option of this unit; it may have more. */
  boolean coveredBy(String installed) {
    List<String> found = options(installed);
    return options(content).stream()
        .filter(option ->
            OPTIONAL.stream().noneMatch(option.substring(option.indexOf(']') + 1)::startsWith))
        .allMatch(found::contains);
  }

  /** {@code [section]name=value}, without comments and with continued lines joined. */
  private static List<String> options(String text) {
    var options = new ArrayList<String>();
    String section = "";
    for (String raw : text.replace("\\\n", " ").split("\n", -1)) {
      String line = raw.strip();
      if (line.startsWith("[") && line.endsWith("]")) {
        section = line;
      } else if (!line.isEmpty() && line.charAt(0) != '#' && line.charAt(0) != ';') {
        int equals = line.indexOf('=');
        options.add(
            equals < 0
                ? section + line
                : section
                    + line.substring(0, equals).strip()
                    + "="
                    + line.substring(equals + 1).strip());
      }
    }
    return options;
  }
}
