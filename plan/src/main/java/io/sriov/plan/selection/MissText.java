package io.sriov.plan.selection;

import io.sriov.plan.selection.Miss.DeviceDiffers;
import io.sriov.plan.selection.Miss.FurtherRange;
import io.sriov.plan.selection.Miss.NicSelectorEmpty;
import io.sriov.plan.selection.Miss.NoInventory;
import io.sriov.plan.selection.Miss.NoVfsWanted;
import io.sriov.plan.selection.Miss.NodeSelectorDiffers;
import io.sriov.plan.selection.Miss.NotBuilt;
import io.sriov.plan.selection.Miss.PfNameDiffers;
import io.sriov.plan.selection.Miss.PfNameUnknown;
import io.sriov.plan.selection.Miss.RangeBeyondNumVfs;
import io.sriov.plan.selection.Miss.RangeMalformed;
import io.sriov.plan.selection.Miss.RootDeviceDiffers;
import io.sriov.plan.selection.Miss.RootDeviceUnknown;
import io.sriov.plan.selection.Miss.ShadowedBy;
import io.sriov.plan.selection.Miss.TooFewVfs;
import io.sriov.plan.selection.Miss.VendorDiffers;

/** The one place where a {@link Miss} becomes text. */
public final class MissText {

  private MissText() {}

  /** One clause without a full stop. */
  public static String of(Miss miss) {
    return switch (miss) {
      case NodeSelectorDiffers(String label, String wanted, String found) ->
          found == null
              ? "no label %s (wanted \"%s\")".formatted(label, wanted)
              : "label %s is \"%s\", wanted \"%s\"".formatted(label, found, wanted);
      case NoInventory() -> "the config daemon has not reported its PFs yet";
      case NicSelectorEmpty() ->
          "nicSelector is empty and selects nothing: give vendor, deviceID, pfNames or rootDevices";
      case NoVfsWanted() -> "numVfs is 0";
      case PfNameUnknown(String wanted, var nearest) ->
          nearest.isEmpty()
              ? "no PF is named %s".formatted(wanted)
              : "no PF is named %s (nearest: %s)".formatted(wanted, String.join(", ", nearest));
      case RootDeviceUnknown(String wanted, var present) ->
          present.isEmpty()
              ? "no PF has PCI address %s".formatted(wanted)
              : "no PF has PCI address %s (present: %s)"
                  .formatted(wanted, String.join(", ", present));
      case RootDeviceDiffers(String pf, String found) ->
          "PF %s has PCI address %s, which rootDevices does not list".formatted(pf, found);
      case PfNameDiffers(String pf, String pciAddress) ->
          "the PF at %s is named %s, which pfNames does not list".formatted(pciAddress, pf);
      case VendorDiffers(String pf, String wanted, String found) ->
          "PF %s has vendor %s, wanted %s".formatted(pf, found, wanted);
      case DeviceDiffers(String pf, String wanted, String found) ->
          "PF %s has deviceID %s, wanted %s".formatted(pf, found, wanted);
      case ShadowedBy(String pf, String winner, int priority) ->
          "VFs of PF %s are taken by policy %s of priority %d".formatted(pf, winner, priority);
      case FurtherRange(String pf, String ignored) ->
          "only the first range of PF %s is configured, not %s: use a policy for each range"
              .formatted(pf, ignored);
      case TooFewVfs(String pf, int wanted, int total) ->
          "numVfs is %d but PF %s can have %d".formatted(wanted, pf, total);
      case RangeMalformed(String pfName) ->
          "pfNames element %s is malformed: the range is written <first>-<last>, first not above"
                  .formatted(pfName)
              + " last";
      case RangeBeyondNumVfs(String pfName, int last, int numVfs) ->
          "pfNames element %s ends at VF %d but numVfs is %d: VFs count from 0"
              .formatted(pfName, last, numVfs);
      case NotBuilt(String field, String value) ->
          "%s %s is not supported by this version".formatted(field, value);
    };
  }

  /** Reason of a condition: a word that programs may compare. */
  public static String reason(Miss miss) {
    return switch (miss) {
      case NodeSelectorDiffers _ -> "NodeSelectorDiffers";
      case NoInventory _ -> "NoInventory";
      case NicSelectorEmpty _ -> "NicSelectorEmpty";
      case NoVfsWanted _ -> "NoVfsWanted";
      case PfNameUnknown _ -> "PfNameUnknown";
      case RootDeviceUnknown _ -> "RootDeviceUnknown";
      case RootDeviceDiffers _ -> "RootDeviceDiffers";
      case PfNameDiffers _ -> "PfNameDiffers";
      case VendorDiffers _ -> "VendorDiffers";
      case DeviceDiffers _ -> "DeviceDiffers";
      case ShadowedBy _ -> "ShadowedBy";
      case FurtherRange _ -> "FurtherRange";
      case TooFewVfs _ -> "TooFewVfs";
      case RangeMalformed _ -> "RangeMalformed";
      case RangeBeyondNumVfs _ -> "RangeBeyondNumVfs";
      case NotBuilt _ -> "NotSupported";
    };
  }
}
