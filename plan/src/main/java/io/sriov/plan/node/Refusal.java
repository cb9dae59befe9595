package io.sriov.plan.node;

import org.jspecify.annotations.Nullable;

/**
 * A wish that is not carried out. Nothing changes on the PF it names; without PF it concerns the
 * node.
 */
public sealed interface Refusal {

  @Nullable PciAddress pf();

  /** What is wrong and what to do, as a sentence without the PF. */
  String text();

  /** The sentence with the PF in front. */
  default String message() {
    return pf() == null ? text() : pf() + ": " + text();
  }

  record PfAbsent(PciAddress pf) implements Refusal {
    @Override
    public String text() {
      return "no such PF on this node, or it has no driver or no netdev in the host's network"
          + " namespace";
    }
  }

  record DriverHangs(PciAddress pf, String write) implements Refusal {
    @Override
    public String text() {
      return "the driver has not come back from \""
          + write
          + "\"; nothing else is done on this PF until it has. Look into the kernel log; the node"
          + " may have to be rebooted";
    }
  }

  record NamedTwice(PciAddress pf) implements Refusal {
    @Override
    public String text() {
      return "spec.interfaces names it more than once";
    }
  }

  record NoSriov(PciAddress pf, int wanted) implements Refusal {
    @Override
    public String text() {
      return "numVfs is "
          + wanted
          + " but the device has no SR-IOV capability; it may be disabled in the card's firmware";
    }
  }

  record VfCountInvalid(PciAddress pf, int wanted, int total) implements Refusal {
    @Override
    public String text() {
      return "numVfs is " + wanted + " but the device can have 0 to " + total + " VFs";
    }
  }

  record RangeUnreadable(PciAddress pf, String policy, String range) implements Refusal {
    @Override
    public String text() {
      return "vfRange \"" + range + "\" of policy " + policy + " is not of the form first-last";
    }
  }

  record RangeBeyondVfs(PciAddress pf, String policy, String range, int numVfs) implements Refusal {
    @Override
    public String text() {
      return "vfRange " + range + " of policy " + policy + " goes beyond its " + numVfs + " VFs";
    }
  }

  record DeviceTypeUnknown(PciAddress pf, String policy, String deviceType) implements Refusal {
    @Override
    public String text() {
      return "deviceType \""
          + deviceType
          + "\" of policy "
          + policy
          + " is not one of netdevice, vfio-pci, igb_uio, uio_pci_generic";
    }
  }

  record MtuTooLarge(PciAddress pf, int wanted, int max) implements Refusal {
    @Override
    public String text() {
      return "mtu is " + wanted + " but the driver allows at most " + max;
    }
  }

  record IommuOff(PciAddress pf, String driver) implements Refusal {
    @Override
    public String text() {
      return "driver "
          + driver
          + " needs the IOMMU, which is off: enable it in the BIOS and on the kernel command line"
          + " (Intel: intel_iommu=on iommu=pt)";
    }
  }

  record EswitchModeUnknown(PciAddress pf, String mode) implements Refusal {
    @Override
    public String text() {
      return "eSwitchMode \"" + mode + "\" is not one of legacy, switchdev";
    }
  }

  record EswitchAbsent(PciAddress pf, String wanted, String driver) implements Refusal {
    @Override
    public String text() {
      return "eSwitchMode is "
          + wanted
          + " but devlink does not know the card, so driver "
          + driver
          + " cannot change its mode; remove eSwitchMode from the policy, or use another card or"
          + " kernel";
    }
  }

  record ExternalModeDiffers(PciAddress pf, String wanted, String found) implements Refusal {
    @Override
    public String text() {
      return "eSwitchMode is " + wanted + " and externally managed, but the PF's is " + found;
    }
  }

  record ExternalVfsMissing(PciAddress pf, int wanted, int found) implements Refusal {
    @Override
    public String text() {
      return "numVfs is " + wanted + " and externally managed, but only " + found + " VFs exist";
    }
  }

  record ExternalMtuTooSmall(PciAddress pf, int wanted, int found) implements Refusal {
    @Override
    public String text() {
      return "mtu is " + wanted + " and externally managed, but the PF's MTU is " + found;
    }
  }

  record RecordUnreadable(PciAddress pf, String error) implements Refusal {
    @Override
    public String text() {
      return "cannot tell whether its VFs are the operator's, because /etc/sriov-operator/pci/"
          + pf
          + " is unreadable ("
          + error
          + "); remove that file, and set the VF count yourself if the VFs are to go";
    }
  }

  /** There is no known way to change what the boot loader passes to the kernel. */
  record KernelArgumentsUnmanaged(String argument, boolean wanted) implements Refusal {
    @Override
    public @Nullable PciAddress pf() {
      return null;
    }

    @Override
    public String text() {
      return "kernel argument "
          + argument
          + (wanted ? " is needed" : " must go")
          + ", but none of update-grub, grubby and rpm-ostree is on this host: change the boot"
          + " loader's configuration yourself and reboot";
    }
  }

  /** A reboot did not bring what was set before it. */
  record KernelArgumentMissing(String argument, @Nullable BootLoader loader) implements Refusal {
    @Override
    public @Nullable PciAddress pf() {
      return null;
    }

    @Override
    public String text() {
      return "kernel argument "
          + argument
          + " was set"
          + (loader == null ? "" : " with " + loader.tool())
          + " before this boot, but the running kernel has not got it: see which boot loader"
          + " starts this host, and set it there; to have it tried again remove "
          + Boot.STORED_ARGUMENTS_FILE;
    }
  }

  /** A reboot did not take away what was withdrawn before it. */
  record KernelArgumentStays(String argument, @Nullable BootLoader loader) implements Refusal {
    @Override
    public @Nullable PciAddress pf() {
      return null;
    }

    @Override
    public String text() {
      return "kernel argument "
          + argument
          + " must go, but "
          + (loader == null ? "the boot loader" : loader.tool())
          + " does not list it and the running kernel has got it: see which boot loader starts this"
          + " host, and take it away there";
    }
  }

  /** The kernel was booted for one mode and runs in another. */
  record RdmaModeDiffers(String wanted, String found) implements Refusal {
    @Override
    public @Nullable PciAddress pf() {
      return null;
    }

    @Override
    public String text() {
      return "rdmaMode shall be "
          + wanted
          + " and the kernel was booted so, but it is "
          + found
          + ": set it with \"rdma system set netns "
          + wanted
          + "\", or reboot";
    }
  }

  /** What the boot services reported is not what they write. */
  record BootResultUnreadable(String error) implements Refusal {
    @Override
    public @Nullable PciAddress pf() {
      return null;
    }

    @Override
    public String text() {
      return BootServices.RESULT_FILE
          + " is unreadable ("
          + error
          + "): remove it, and the node is rebooted to have the configuration applied again";
    }
  }

  /** The boot services have done their work, and there are no VFs. */
  record VfsMadeAtBoot(PciAddress pf, int wanted) implements Refusal {
    @Override
    public String text() {
      return "has no VFs, wanted "
          + wanted
          + ", and in systemd mode they are made at boot: somebody removed them, or the card came"
          + " later; reboot the node to have them made";
    }
  }

  /** A field of the API that this version does not carry out. */
  record NotSupported(@Nullable PciAddress pf, String field, String value) implements Refusal {
    @Override
    public String text() {
      return field + " " + value + " is not supported by this version";
    }
  }
}
