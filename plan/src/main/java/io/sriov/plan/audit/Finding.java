package io.sriov.plan.audit;

import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.VfSetting;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Something that is not as it should be with a VF, or that keeps this from being found out. */
public sealed interface Finding {

  /** Kinds, as metrics count them. */
  enum Kind {
    LEFT_BY_POD,
    ORPHANED,
    RENAMED,
    MAC_DUPLICATED,
    SETTINGS_LEFT,
    WRONG_DRIVER,
    STATE_WITHOUT_VF,
    STATE_UNREADABLE,
    WITNESS_SILENT;

    /** The value of a metric's label, e.g. {@code left_by_pod}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Kind kind();

  /**
   * A container that no pod has any more did not give its VF back: a state file says so, the
   * kubelet does not know the pod.
   *
   * @param attached what the state file says
   * @param netdev name on the host, absent for a VF of a userspace driver
   */
  record LeftByPod(VfAt at, CniState.Attached attached, @Nullable String netdev)
      implements Finding {
    @Override
    public Kind kind() {
      return Kind.LEFT_BY_POD;
    }
  }

  /**
   * The VF's netdev is in a network namespace, and the kubelet knows no pod that has it.
   *
   * @param attached what a state file says, absent without
   */
  record Orphaned(VfAt at, CniState.@Nullable Attached attached) implements Finding {
    @Override
    public Kind kind() {
      return Kind.ORPHANED;
    }
  }

  /**
   * A free VF's netdev has a name as pods use them.
   *
   * @param known the one it had before, absent if nobody saw it
   */
  record Renamed(VfAt at, String netdev, @Nullable String known) implements Finding {
    @Override
    public Kind kind() {
      return Kind.RENAMED;
    }
  }

  /**
   * A MAC address that a VF shares with another VF or a PF.
   *
   * @param holders at least two, one of them a VF
   */
  record MacDuplicated(String mac, List<MacHolder> holders) implements Finding {
    public MacDuplicated {
      holders = List.copyOf(holders);
    }

    @Override
    public Kind kind() {
      return Kind.MAC_DUPLICATED;
    }
  }

  /** Settings of the PF for a free VF that a pod left. */
  record SettingsLeft(VfAt at, List<Leftover> left) implements Finding {
    public SettingsLeft {
      left = List.copyOf(left);
    }

    @Override
    public Kind kind() {
      return Kind.SETTINGS_LEFT;
    }
  }

  /** A setting as it is and as it is on a VF that nobody touched. */
  record Leftover(VfSetting found, VfSetting wanted) {}

  /**
   * Another driver than the policy wants.
   *
   * @param found absent without driver
   * @param wanted absent for the kernel's own
   * @param pods that hold the VF
   */
  record WrongDriver(VfAt at, @Nullable String found, @Nullable String wanted, List<String> pods)
      implements Finding {
    public WrongDriver {
      pods = List.copyOf(pods);
    }

    @Override
    public Kind kind() {
      return Kind.WRONG_DRIVER;
    }
  }

  /** A state file names a PCI device that does not exist. */
  record StateWithoutVf(String file, PciAddress vf, String container) implements Finding {
    @Override
    public Kind kind() {
      return Kind.STATE_WITHOUT_VF;
    }
  }

  /** A state file that cannot be read. */
  record StateUnreadable(String file) implements Finding {
    @Override
    public Kind kind() {
      return Kind.STATE_UNREADABLE;
    }
  }

  /** A witness does not answer, so that nothing can be compared with what it knows. */
  record WitnessSilent(Witness witness) implements Finding {
    @Override
    public Kind kind() {
      return Kind.WITNESS_SILENT;
    }
  }

  /** Witnesses that may be silent. */
  enum Witness {
    KUBELET,
    CNI
  }
}
