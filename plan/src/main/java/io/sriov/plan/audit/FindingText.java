package io.sriov.plan.audit;

import io.sriov.plan.audit.CniState.Attached;
import io.sriov.plan.audit.CniState.NetnsPath;
import io.sriov.plan.audit.Finding.Leftover;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Findings as sentences for people: what is wrong, and what to do about it. */
public final class FindingText {

  private FindingText() {}

  /** What is wrong, with PF and VF in front. */
  public static String what(Finding finding) {
    return switch (finding) {
      case Finding.LeftByPod(VfAt at, Attached attached, String netdev) ->
          at
              + ": container "
              + attached.container()
              + ", of no pod any more, did not give it back (state file "
              + attached.file()
              + ")"
              + renamed(attached.hostName(), netdev);
      case Finding.Orphaned(VfAt at, Attached attached) ->
          at
              + ": its netdev is not on the host, and the kubelet knows no pod that has it"
              + (attached == null
                  ? "; no state file tells where it is"
                  : "; container "
                      + attached.container()
                      + " got it (state file "
                      + attached.file()
                      + ")");
      case Finding.Renamed(VfAt at, String netdev, String known) ->
          at + ": its netdev was left with the name " + netdev + renamedFrom(known);
      case Finding.MacDuplicated(String mac, List<MacHolder> holders) ->
          "MAC address "
              + mac
              + " is on "
              + holders.stream().map(MacHolder::toString).collect(Collectors.joining(" and "));
      case Finding.SettingsLeft(VfAt at, List<Leftover> left) ->
          at
              + ": no pod has it, but it was left with "
              + left.stream().map(one -> one.found().text()).collect(Collectors.joining(", "));
      case Finding.WrongDriver(VfAt at, String found, String wanted, List<String> pods) ->
          at
              + ": its driver is "
              + Objects.requireNonNullElse(found, "absent")
              + ", wanted "
              + Objects.requireNonNullElse(wanted, "the kernel's")
              + (pods.isEmpty() ? "" : "; held by pod " + String.join(", ", pods));
      case Finding.StateWithoutVf(String file, var vf, String container) ->
          "VF "
              + vf
              + ": state file "
              + file
              + " says that container "
              + container
              + " has it, but there is no such device";
      case Finding.StateUnreadable(String file) -> "state file " + file + " cannot be read";
      case Finding.WitnessSilent(Finding.Witness witness) ->
          switch (witness) {
            case KUBELET -> "the kubelet does not say which pods have VFs";
            case CNI -> "the CNI plugins' state files cannot be listed";
          };
    };
  }

  /**
   * What to do about it.
   *
   * @param mends what the daemon is going to do
   */
  public static String advice(Finding finding, List<Mend> mends) {
    if (!mends.isEmpty()) {
      return "the daemon is going to "
          + mends.stream().map(Mend::text).collect(Collectors.joining("; "));
    }
    return switch (finding) {
      case Finding.LeftByPod(_, Attached attached, String netdev) -> left(attached, netdev);
      case Finding.Orphaned(_, Attached attached) -> orphaned(attached);
      case Finding.Renamed(_, _, String known) ->
          "rename it with \"ip link set\""
              + (known == null ? "" : "; another link may have the name " + known + " by now");
      case Finding.MacDuplicated _ -> "give all but one of them another address";
      case Finding.SettingsLeft _ ->
          "it is put right when the daemon has nothing else to do on this PF; see lastSyncError";
      case Finding.WrongDriver(_, _, _, List<String> pods) ->
          pods.isEmpty()
              ? "the daemon binds it; see lastSyncError if it does not"
              : "it is bound when the pods that hold VFs are gone";
      case Finding.StateWithoutVf _ ->
          "remove the file once \"crictl ps --all\" does not list the container";
      case Finding.StateUnreadable _ ->
          "it is put aside by the next ADD or DEL of its container; remove it if there is none";
      case Finding.WitnessSilent(Finding.Witness witness) ->
          switch (witness) {
            case KUBELET -> "see the kubelet's log and the daemon's; nothing is mended meanwhile";
            case CNI -> "see the daemon's log; nothing is mended meanwhile";
          };
    };
  }

  private static String left(Attached attached, @Nullable String netdev) {
    if (netdev == null || attached.userspace() || !attached.complete()) {
      return "it is restored when the next pod gets it";
    }
    return switch (attached.netns()) {
      case GONE ->
          "it is restored when the next pod gets it, or when a policy offers it and the daemon has"
              + " nothing else to do on this PF";
      case THERE ->
          "its network namespace may still be in use: end the container, see \"crictl pods\"";
      case UNKNOWN ->
          "nothing tells its network namespace: remove the file once \"crictl ps --all\" does not"
              + " list the container";
    };
  }

  private static String orphaned(@Nullable Attached attached) {
    return attached != null && attached.netns() == NetnsPath.GONE
        ? "something keeps a network namespace alive whose name is gone: end that process, see"
            + " \"lsns --type net\""
        : "end the container that has it, see \"crictl pods\", or the process, see \"lsns --type"
            + " net\"";
  }

  private static String renamed(String before, @Nullable String now) {
    return now == null || before.isEmpty() || before.equals(now)
        ? ""
        : "; its netdev was left with the name " + now + renamedFrom(before);
  }

  private static String renamedFrom(@Nullable String known) {
    return known == null ? "" : ", it was " + known;
  }
}
