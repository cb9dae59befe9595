package io.sriov.node.drain;

import java.util.List;

/** What keeps a change from going on, though nothing failed. */
public sealed interface Waiting {

  /** A CamelCase word for programs. */
  String reason();

  /** A sentence for people. */
  String text();

  /** Whether it ends only when somebody does something about it. */
  default boolean forPeople() {
    return false;
  }

  /** The drainer has not begun. */
  record ForTurn(boolean reboot) implements Waiting {
    @Override
    public String reason() {
      return "WaitingForDrain";
    }

    @Override
    public String text() {
      return reboot
          ? "waits until the node's turn to be drained and rebooted comes"
          : "waits until the node's turn to be drained comes";
    }
  }

  /** Drains and reboots wait. */
  record Held(String why) implements Waiting {
    @Override
    public String reason() {
      return "Held";
    }

    @Override
    public String text() {
      return "drains and reboots wait: " + why;
    }
  }

  /** The drain for this generation was given up. */
  record GivenUp() implements Waiting {
    @Override
    public String reason() {
      return "DrainGivenUp";
    }

    @Override
    public String text() {
      return "the drain took too long and was given up: end the pods, or remove annotation"
          + " sriovnetwork.openshift.io/drain-given-up of the SriovNetworkNodeState to try again";
    }

    @Override
    public boolean forPeople() {
      return true;
    }
  }

  /** The drain goes on. */
  record ForDrain() implements Waiting {
    @Override
    public String reason() {
      return "Draining";
    }

    @Override
    public String text() {
      return "the node is being drained";
    }
  }

  /** Pods got VFs after the drain. */
  record ForPods(List<String> pods) implements Waiting {
    @Override
    public String reason() {
      return "VFsInUse";
    }

    @Override
    public String text() {
      return "the node is drained, but pods hold VFs: " + String.join(", ", pods);
    }
  }

  /** Nobody can say which pod holds a VF. */
  record ForNames(List<String> holders) implements Waiting {
    @Override
    public String reason() {
      return "VFsInUse";
    }

    @Override
    public String text() {
      return "waits until the kubelet says which pods hold VFs: " + String.join(", ", holders);
    }
  }

  /** The drainer gives the node back. */
  record ForIdle() implements Waiting {
    @Override
    public String reason() {
      return "DrainEnding";
    }

    @Override
    public String text() {
      return "waits until the drain that was asked for before is taken back";
    }
  }

  /** The machine goes down. */
  record Rebooting() implements Waiting {
    @Override
    public String reason() {
      return "Rebooting";
    }

    @Override
    public String text() {
      return "the node is being rebooted";
    }
  }

  /** Reboots did not help. */
  record RebootLoop(int reboots, List<String> reasons) implements Waiting {
    @Override
    public String reason() {
      return "RebootLoop";
    }

    @Override
    public String text() {
      return "rebooted %d %s for this configuration, and still: %s; the node is not rebooted again: put right what keeps it from taking effect, or remove /etc/sriov-operator/reboots.json to try again"
          .formatted(reboots, reboots == 1 ? "time" : "times", String.join("; ", reasons));
    }

    @Override
    public boolean forPeople() {
      return true;
    }
  }

  /** The API server has to be asked before pods lose VFs or the node goes down. */
  record ForApiServer(String error) implements Waiting {
    @Override
    public String reason() {
      return "WaitingForAPIServer";
    }

    @Override
    public String text() {
      return "drain and reboot cannot be agreed on: " + error;
    }
  }

  /** Somebody wants to reboot himself. */
  record RebootWanted(List<String> reasons) implements Waiting {
    @Override
    public String reason() {
      return "RebootRequired";
    }

    @Override
    public String text() {
      return "drain and reboot the node, as reboot policy \"report\" asks you to do it yourself: "
          + String.join("; ", reasons);
    }
  }
}
