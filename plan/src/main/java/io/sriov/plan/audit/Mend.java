package io.sriov.plan.audit;

import io.sriov.plan.node.VfSetting;
import java.util.List;

/** One change that puts a free VF right. */
public sealed interface Mend {

  VfAt at();

  /** For people, as what happens: {@code set no VLAN}. */
  String text();

  /** Makes settings on the PF. */
  record ResetSettings(VfAt at, List<VfSetting> to) implements Mend {
    public ResetSettings {
      to = List.copyOf(to);
    }

    @Override
    public String text() {
      return "set " + String.join(", ", to.stream().map(VfSetting::text).toList());
    }
  }

  /**
   * Gives another MAC address.
   *
   * @param onPf whether the PF enforces an address
   * @param onNetdev whether the VF has a netdev
   */
  record NewMac(VfAt at, String mac, boolean onPf, boolean onNetdev) implements Mend {
    @Override
    public String text() {
      return "set MAC address " + mac;
    }
  }

  /** Renames the netdev. */
  record Rename(VfAt at, String from, String to) implements Mend {
    @Override
    public String text() {
      return "rename " + from + " to " + to;
    }
  }

  /** Ends an attachment, which puts the VF back as its state file tells. */
  record EndAttachment(VfAt at, String file) implements Mend {
    @Override
    public String text() {
      return "restore it as " + file + " tells";
    }
  }
}
