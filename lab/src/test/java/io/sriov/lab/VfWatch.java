package io.sriov.lab;

import java.util.List;

/**
 * An observer on a node that knows nothing of us: on each kernel event that a VF is gone it looks
 * whether the CNI plugin's record says a pod held it whose network namespace still exists.
 */
final class VfWatch implements AutoCloseable {

  private final Lab lab;
  private final String node;

  private VfWatch(Lab lab, String node) {
    this.lab = lab;
    this.node = node;
  }

  static VfWatch on(Lab lab, String node) {
    VfWatch watch = new VfWatch(lab, node);
    watch.close();
    lab.onNode(
        node,
        """
        rm -f /run/vf-watch.*
        cat >/run/vf-watch.sh <<'END'
        udevadm monitor --kernel --subsystem-match=pci | while read -r _ action path _; do
          case $action in
          remove | unbind) ;;
          *) continue ;;
          esac
          vf=${path##*/}
          record=/var/lib/cni/sriov/pci/$vf
          [ -f "$record" ] || continue
          netns=$(cat "$record")
          if [ -e "$netns" ] && [ -z "${netns##/*}" ]; then echo "$action $vf, which $netns holds"; fi
        done
        END
        systemd-run --quiet --unit=vf-watch --property=StandardOutput=file:/run/vf-watch.seen bash /run/vf-watch.sh
        """);
    return watch;
  }

  /** VFs taken from pods so far, one line each; empty is good. */
  List<String> seen() {
    return lab.onNode(node, "cat /run/vf-watch.seen 2>/dev/null || true").lines().toList();
  }

  /** Whether the observer still observes: its silence says nothing otherwise. */
  boolean runs() {
    return lab.onNode(node, "systemctl is-active vf-watch || true").startsWith("active");
  }

  @Override
  public void close() {
    lab.onNode(
        node,
        "systemctl stop vf-watch 2>/dev/null; systemctl reset-failed vf-watch 2>/dev/null; true");
  }
}
