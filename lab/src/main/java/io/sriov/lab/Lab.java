package io.sriov.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cluster of {@code lab/lab}: a control plane on this machine and nodes that are virtual
 * machines with two SR-IOV cards each. All lab tests share one, which is started when it is not up
 * and is left running afterwards: each test cleans up after itself, {@code lab/lab down} ends it.
 */
public final class Lab {

  /** Commands that wait for something have limits of their own, below this one. */
  private static final Duration COMMAND = Duration.ofMinutes(6);

  private final Map<String, String> environment;

  private Lab(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * The running lab with at least {@code nodes} nodes (1–4), started or grown now if needed, which
   * takes about half a minute per node when everything is built. Progress goes to standard error.
   *
   * @throws IllegalStateException when a node does not come up; the script has printed why
   */
  public static Lab withNodes(int nodes) {
    script("up", "--nodes", Integer.toString(nodes));
    return new Lab(parse(script("env")));
  }

  /** Parses {@code export KEY=VALUE} lines, the value optionally in single quotes. */
  static Map<String, String> parse(String exports) {
    return exports
        .lines()
        .map(line -> line.substring("export ".length()).split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1].replace("'", "")));
  }

  /** Names of the nodes, {@code worker1} first. */
  public List<String> nodes() {
    return List.of(value("SRIOV_LAB_NODES").split(" "));
  }

  /** Kubeconfig file of the administrator. */
  public Path kubeconfig() {
    return Path.of(value("KUBECONFIG"));
  }

  /** The nodes' card family: {@code igb} or {@code virtio}. */
  public String cards() {
    return value("SRIOV_LAB_CARDS");
  }

  /** The folder of this machine that node {@code node} sees as {@code /mnt/lab}. */
  public Path share(String node) {
    return Path.of(value("SRIOV_LAB_STATE"), "nodes", node, "share");
  }

  /**
   * Runs a shell command as root on a node.
   *
   * @return its standard output
   * @throws IllegalStateException when it ends with a status other than 0 or takes longer than six
   *     minutes; the message has its standard error
   */
  public String onNode(String node, String command) {
    return onNode(COMMAND, node, command);
  }

  /** As above, for a command that takes longer than six minutes. */
  public String onNode(Duration limit, String node, String command) {
    return Tools.run(limit, command(Stream.of("ssh", node, command)));
  }

  /**
   * Runs {@code kubectl} as the administrator and returns its standard output; throws as {@link
   * #onNode} does.
   */
  public String kubectl(String... arguments) {
    return Tools.run(COMMAND, command(Stream.concat(Stream.of("kubectl"), Stream.of(arguments))));
  }

  /**
   * Runs {@code helm} as the administrator and returns its standard output; throws as {@link
   * #onNode} does.
   */
  public String helm(String... arguments) {
    return Tools.run(COMMAND, command(Stream.concat(Stream.of("helm"), Stream.of(arguments))));
  }

  /** Begins an outage of the API server; {@link #resumeApiServer} ends it. */
  public void interruptApiServer() {
    script("apiserver", "stop");
  }

  /** Ends an outage and waits until the API server is ready. */
  public void resumeApiServer() {
    script("apiserver", "start");
  }

  /**
   * What one wants to see of a lab in which something does not come to its end: nodes, pods,
   * NodeStates, events, and of each node the blocked processes, the kernel's and the journal's last
   * lines. Whatever does not answer is left out.
   */
  public static String report() {
    return Tools.run(COMMAND, command(Stream.of("report")));
  }

  /**
   * Starts those of the nodes again that do not answer or in which something is blocked; they are
   * Ready then.
   *
   * @param nodes of which; none: all
   */
  public static void revive(String... nodes) {
    String unused =
        script(Stream.concat(Stream.of("revive"), Stream.of(nodes)).toArray(String[]::new));
  }

  /** Imports an image archive (docker or OCI) into the containerd of every node. */
  public void load(Path image) {
    script("load", "all", image.toString());
  }

  private String value(String key) {
    String value = environment.get(key);
    if (value == null) {
      throw new IllegalStateException("lab/lab env does not print " + key);
    }
    return value;
  }

  private static String script(String... arguments) {
    return Tools.run(Tools.BUILD, command(Stream.of(arguments)));
  }

  private static List<String> command(Stream<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Tools.repository().resolve("lab/lab").toString());
    arguments.forEach(command::add);
    return command;
  }
}
