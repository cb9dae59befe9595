package io.sriov.plan.node;

import io.sriov.plan.node.Boot.StoredArgument;
import io.sriov.plan.node.Boot.StoredArgument.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done about kernel arguments. An argument that the operator set and a reboot did not
 * bring is refused instead of asked for again: otherwise the node would reboot forever (spec 03
 * H-12).
 */
final class KernelArgumentPlan {

  private final Boot boot;
  private final List<HostStep> steps = new ArrayList<>();
  private final List<String> rebootReasons = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();

  KernelArgumentPlan(Boot boot) {
    this.boot = boot;
  }

  List<HostStep> steps() {
    return steps;
  }

  List<String> rebootReasons() {
    return rebootReasons;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  /**
   * The running kernel must have the argument, and the next too.
   *
   * @return whether a reboot will bring it
   */
  boolean want(String argument) {
    boolean set = next(argument) == Next.HAS;
    if (boot.has(argument)) {
      if (!set) {
        add(argument);
      }
      return false;
    }
    boolean ours = stored(argument).filter(KernelArgumentPlan::isSet).isPresent();
    if (set && ours && !doneInThisBoot(argument)) {
      refusals.add(new Refusal.KernelArgumentMissing(argument, boot.loader()));
      return false;
    }
    // Where somebody else set it, the step records that, so that one reboot is tried and no more.
    if (!(set && ours) && !add(argument)) {
      return false;
    }
    rebootReasons.add(
        "kernel argument " + argument + " is wanted, but the running kernel has not got it");
    return true;
  }

  /** What the running kernel has, the next shall have too. */
  void keep(String argument) {
    if (boot.has(argument)) {
      boolean unused = want(argument);
    }
  }

  /** Neither the next kernel nor the running one may have the argument, whoever set it. */
  void refuse(String argument) {
    if (next(argument) != Next.LACKS) {
      if (boot.loader() == null) {
        refusals.add(new Refusal.KernelArgumentsUnmanaged(argument, false));
        return;
      }
      steps.add(new HostStep.RemoveKernelArgument(argument, boot.loader()));
    } else if (boot.has(argument) && !doneInThisBoot(argument)) {
      refusals.add(new Refusal.KernelArgumentStays(argument, boot.loader()));
      return;
    }
    if (boot.has(argument)) {
      rebootReasons.add(
          "kernel argument " + argument + " is not wanted, but the running kernel has got it");
    }
  }

  /** Takes away what the operator added; what somebody else added stays. */
  void withdraw(String argument) {
    boolean ours =
        stored(argument)
            .filter(entry ->
                switch (entry.state()) {
                  case ADDING, ADDED, REMOVING -> true;
                  case FOUND -> false;
                  // Once a kernel was booted without it, it is somebody else's if it comes back.
                  case REMOVED -> entry.bootId().equals(boot.id());
                })
            .isPresent();
    if (ours) {
      refuse(argument);
    }
  }

  /** Takes away what the operator added and no kernel has got yet. */
  void withdrawUnused(String argument) {
    if (!boot.has(argument)) {
      withdraw(argument);
    }
  }

  private boolean add(String argument) {
    if (boot.loader() == null) {
      refusals.add(new Refusal.KernelArgumentsUnmanaged(argument, true));
      return false;
    }
    steps.add(new HostStep.AddKernelArgument(argument, boot.loader()));
    return true;
  }

  private enum Next {
    HAS,
    LACKS,
    /** A change was interrupted: whatever is wanted has to be done once more. */
    UNKNOWN
  }

  /** What the next kernel gets, as far as it can be known without starting a process. */
  private Next next(String argument) {
    State state = stored(argument).map(StoredArgument::state).orElse(null);
    if (state == State.ADDING || state == State.REMOVING) {
      return Next.UNKNOWN;
    }
    boolean has;
    if (boot.next() != null) {
      has = boot.next().contains(argument);
    } else if (state != null) {
      has = state != State.REMOVED;
    } else {
      has = boot.has(argument);
    }
    return has ? Next.HAS : Next.LACKS;
  }

  private Optional<StoredArgument> stored(String argument) {
    return boot.stored().stream().filter(entry -> entry.argument().equals(argument)).findFirst();
  }

  private boolean doneInThisBoot(String argument) {
    return stored(argument).filter(entry -> entry.bootId().equals(boot.id())).isPresent();
  }

  private static boolean isSet(StoredArgument entry) {
    return entry.state() == State.ADDED || entry.state() == State.FOUND;
  }
}
