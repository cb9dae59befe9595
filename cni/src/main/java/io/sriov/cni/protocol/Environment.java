package io.sriov.cni.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The parameters of a call, as far as its verb needs them (spec 04 §1.3).
 *
 * @param containerId empty for GC and STATUS
 * @param netns path of the pod's network namespace as the runtime wrote it, may be empty
 * @param ifname 1 to 15 bytes; empty for GC and STATUS
 * @param args {@code CNI_ARGS} as given
 * @param sameNetnsAllowed {@code CNI_NETNS_OVERRIDE}
 */
public record Environment(
    Command command,
    String containerId,
    String netns,
    String ifname,
    String args,
    boolean sameNetnsAllowed) {

  static final Pattern IDENTIFIER = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");

  private static final int LONGEST_IFNAME = 15;

  /**
   * Checks the variables: the first invalid one is an error, missing ones are reported together.
   *
   * @throws CniException code 4
   */
  public static Environment of(Map<String, String> variables) throws CniException {
    String verb = variables.getOrDefault("CNI_COMMAND", "");
    if (verb.isEmpty()) {
      throw missing(List.of("CNI_COMMAND"));
    }
    Optional<Command> known = Command.named(verb);
    if (known.isEmpty() || known.get() == Command.VERSION) {
      throw new CniException(
          CniException.INVALID_ENVIRONMENT, "CNI_COMMAND " + verb + " is unknown", verb);
    }
    Command command = known.get();
    List<String> missing = new ArrayList<>();
    String containerId = "";
    String ifname = "";
    String netns = variables.getOrDefault("CNI_NETNS", "");
    if (command.concernsAttachment()) {
      containerId = required(variables, "CNI_CONTAINERID", missing);
      if (!containerId.isEmpty() && !IDENTIFIER.matcher(containerId).matches()) {
        throw new CniException(
            CniException.INVALID_ENVIRONMENT,
            "CNI_CONTAINERID has invalid characters",
            containerId);
      }
      if (netns.isEmpty() && command != Command.DEL) {
        missing.add("CNI_NETNS");
      }
      ifname = required(variables, "CNI_IFNAME", missing);
      if (!ifname.isEmpty()) {
        checkInterfaceName(ifname);
      }
    }
    String unused = required(variables, "CNI_PATH", missing);
    if (!missing.isEmpty()) {
      throw missing(missing);
    }
    String override = variables.getOrDefault("CNI_NETNS_OVERRIDE", "");
    return new Environment(
        command,
        containerId,
        netns,
        ifname,
        variables.getOrDefault("CNI_ARGS", ""),
        override.equals("1") || override.equalsIgnoreCase("true"));
  }

  /** Whose call it is, for people: the pod, if the runtime tells it in CNI_ARGS. */
  public String pod() {
    String name = arg("K8S_POD_NAME");
    return name.isEmpty()
        ? "container " + containerId
        : "pod " + arg("K8S_POD_NAMESPACE") + "/" + name;
  }

  /** A pair of CNI_ARGS, empty if there is none. */
  private String arg(String key) {
    for (String pair : args.split(";", -1)) {
      if (pair.startsWith(key + "=")) {
        return pair.substring(key.length() + 1);
      }
    }
    return "";
  }

  private static String required(Map<String, String> variables, String name, List<String> missing) {
    String value = variables.getOrDefault(name, "");
    if (value.isEmpty()) {
      missing.add(name);
    }
    return value;
  }

  private static CniException missing(List<String> names) {
    return new CniException(
        CniException.INVALID_ENVIRONMENT,
        "required environment variables are missing: [" + String.join(",", names) + "]");
  }

  private static void checkInterfaceName(String name) throws CniException {
    String fault = "";
    if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_IFNAME) {
      fault = "interface name is too long: at most " + LONGEST_IFNAME + " bytes are allowed";
    } else if (name.equals(".") || name.equals("..")) {
      fault = "interface name is . or ..";
    } else if (name.chars().anyMatch(Environment::isForbidden)) {
      fault = "interface name contains / or : or whitespace characters";
    }
    if (!fault.isEmpty()) {
      throw new CniException(
          CniException.INVALID_ENVIRONMENT, "CNI_IFNAME is not usable as an interface name", fault);
    }
  }

  /** Slash, colon, and what Unicode calls white space. */
  private static boolean isForbidden(int c) {
    return c == 0
        || c == '/'
        || c == ':'
        || (c >= '\t' && c <= '\r')
        || c == 0x85
        || Character.isSpaceChar(c);
  }
}
