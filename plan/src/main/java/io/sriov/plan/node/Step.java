package io.sriov.plan.node;

import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import org.jspecify.annotations.Nullable;

/** One change to a node, small enough to be previewed, logged, counted and retried on its own. */
public sealed interface Step {

  /** The PF it belongs to; steps of different PFs are independent of each other. */
  PciAddress pf();

  /** Why it is needed, as a clause for people. */
  String reason();

  /** What running pods will notice. */
  Disruption disruption();

  /** Steps of different VFs of one PF are independent of each other. */
  sealed interface OfVf extends Step {

    /** Index of the VF on its PF; addresses of VFs yet to be made are not known. */
    int vf();
  }

  /** Loads a kernel module, named as in {@code /proc/modules}. */
  record LoadModule(PciAddress pf, String module) implements Step {
    @Override
    public String reason() {
      return "driver of module " + module + " is wanted but not loaded";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /**
   * Stores the configuration, so that the PF is known as ours. Comes before the first change, so
   * that an interrupted change is never taken for somebody else's VFs.
   */
  record SavePfRecord(PciAddress pf, Interface spec) implements Step {
    @Override
    public String reason() {
      return "stored configuration differs";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Forgets the PF; last step of a reset. */
  record RemovePfRecord(PciAddress pf) implements Step {
    @Override
    public String reason() {
      return "no policy configures this PF any more";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Writes a file in {@code /etc/udev/rules.d}. */
  record WriteUdevRule(PciAddress pf, String file, String content) implements Step {
    @Override
    public String reason() {
      return "udev rule is missing or differs";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Removes a file in {@code /etc/udev/rules.d}. */
  record RemoveUdevRule(PciAddress pf, String file) implements Step {
    @Override
    public String reason() {
      return "udev rule is not wanted any more";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Sets the PF's MTU in bytes. */
  record SetPfMtu(PciAddress pf, int from, int to) implements Step {
    @Override
    public String reason() {
      return "MTU is " + from + ", wanted " + to;
    }

    @Override
    public Disruption disruption() {
      return Disruption.PAUSE;
    }
  }

  /** Sets the PF administratively up: VFs have no carrier otherwise. */
  record SetPfUp(PciAddress pf) implements Step {
    @Override
    public String reason() {
      return "link is administratively down";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Sets {@code sriov_drivers_autoprobe}, without which the kernel refuses to probe VFs. */
  record EnableAutoprobe(PciAddress pf) implements Step {
    @Override
    public String reason() {
      return "VFs need their kernel driver, but sriov_drivers_autoprobe is off";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /**
   * Sets {@code sriov_numvfs}. Going from a non-zero count to another destroys every VF first,
   * because the kernel answers EBUSY to a direct change.
   */
  record ResizeVfs(PciAddress pf, int from, int to) implements Step {
    @Override
    public String reason() {
      return from + " VFs exist, wanted " + to;
    }

    @Override
    public Disruption disruption() {
      return from == 0 ? Disruption.NONE : Disruption.DRAIN;
    }
  }

  /**
   * Sets the mode of the PF's embedded switch by devlink. VFs must have no driver then; some cards
   * must have none at all.
   */
  record SetEswitchMode(PciAddress pf, String from, String to) implements Step {
    @Override
    public String reason() {
      return "eswitch mode is " + from + ", wanted " + to;
    }

    @Override
    public Disruption disruption() {
      return Disruption.DRAIN;
    }
  }

  /** Switches {@code hw-tc-offload} on, which a switch needs to take flows from the host. */
  record EnableTcOffload(PciAddress pf) implements Step {
    @Override
    public String reason() {
      return "hw-tc-offload is off";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Lets the driver steer flows by itself ({@code smfs}); possible only in legacy mode. */
  record SetFlowSteering(PciAddress pf, String from) implements Step {
    @Override
    public String reason() {
      return "flow_steering_mode is " + from + ", wanted smfs";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /**
   * Writes the rule that names the representors of the PF's VFs {@code <name>_<number>} and lets
   * udev name those that exist. The rule's content is known only once the PF is in switchdev mode:
   * then the kernel tells the id of the switch.
   *
   * @param name of the PF
   */
  record NameRepresentors(PciAddress pf, String name) implements Step {
    @Override
    public String reason() {
      return "representors are to be named after " + name;
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Takes the VF from its driver, if it has one. */
  record UnbindDriver(PciAddress pf, int vf, String reason) implements OfVf {
    @Override
    public Disruption disruption() {
      return Disruption.DRAIN;
    }
  }

  /**
   * Fixes the VF's present MAC address from the PF's side, so that it survives a change of driver.
   *
   * @param required whether it is an error when the VF gets no netdev to take the address from
   */
  record SetVfAdminMac(PciAddress pf, int vf, boolean required) implements OfVf {
    @Override
    public String reason() {
      return "administrative MAC address is not set";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Binds the VF to {@code driver}, e.g. {@code vfio-pci}, by {@code driver_override}. */
  record BindDriver(PciAddress pf, int vf, @Nullable String from, String driver) implements OfVf {
    @Override
    public String reason() {
      return "driver is " + (from == null ? "absent" : from) + ", wanted " + driver;
    }

    @Override
    public Disruption disruption() {
      return Disruption.DRAIN;
    }
  }

  /** Lets the kernel bind the VF to its own driver. */
  record BindDefaultDriver(PciAddress pf, int vf, @Nullable String from) implements OfVf {
    @Override
    public String reason() {
      return "driver is " + (from == null ? "absent" : from) + ", wanted the kernel's";
    }

    @Override
    public Disruption disruption() {
      return Disruption.DRAIN;
    }
  }

  /** Unbinds and binds again, for what a driver reads from the PF only when it probes. */
  record RebindDriver(PciAddress pf, int vf) implements OfVf {
    @Override
    public String reason() {
      return "RDMA node GUID is taken from the MAC address when the driver binds";
    }

    @Override
    public Disruption disruption() {
      return Disruption.DRAIN;
    }
  }

  /** Clears a {@code driver_override} left by an interrupted binding. */
  record ClearDriverOverride(PciAddress pf, int vf, String override) implements OfVf {
    @Override
    public String reason() {
      return "driver_override " + override + " was left behind";
    }

    @Override
    public Disruption disruption() {
      return Disruption.NONE;
    }
  }

  /** Sets the VF's MTU in bytes. */
  record SetVfMtu(PciAddress pf, int vf, int from, int to) implements OfVf {
    @Override
    public String reason() {
      return "MTU is " + from + ", wanted " + to;
    }

    @Override
    public Disruption disruption() {
      return Disruption.PAUSE;
    }
  }
}
