package io.sriov.cni.protocol;

import java.util.Arrays;
import java.util.Optional;

/** A verb of CNI with the first configuration version that has it (spec 04 §1.2). */
public enum Command {
  ADD("0.1.0"),
  DEL("0.1.0"),
  CHECK("0.4.0"),
  GC("1.1.0"),
  STATUS("1.1.0"),
  VERSION("0.1.0");

  private final String since;

  Command(String since) {
    this.since = since;
  }

  /** The first configuration version that has this verb. */
  String since() {
    return since;
  }

  /** Whether it is about one attachment: container id and interface name are needed. */
  boolean concernsAttachment() {
    return this == ADD || this == DEL || this == CHECK;
  }

  static Optional<Command> named(String name) {
    return Arrays.stream(values()).filter(command -> command.name().equals(name)).findFirst();
  }
}
