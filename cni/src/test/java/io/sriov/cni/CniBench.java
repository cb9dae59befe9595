package io.sriov.cni;

import io.sriov.linux.netns.NetNamespace;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * ADD and DEL beside the floor, in turns, in the namespace it is started in ({@code bench/run}).
 */
public final class CniBench {

  private static final int WARM_UP = 10;
  private static final Path BENCH =
      Path.of(System.getProperty("sriov.root", "."), "cni/target/bench");

  private final VethNode node;
  private final Path clocked;

  private CniBench(VethNode node) {
    this.node = node;
    this.clocked = node.folder.resolve("clocked");
  }

  /**
   * Runs the rounds and prints a table.
   *
   * @param args number of rounds
   */
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[0]);
    Path folder = Files.createTempDirectory("cni-bench");
    try (VethNode node = new VethNode(folder, 1, NetNamespace.current());
        CniServer server = CniServer.start(node.settings(), (command, code, took) -> {})) {
      new CniBench(node).run(rounds, server);
    }
  }

  private void run(int rounds, CniServer server) throws Exception {
    Map<String, List<Long>> times =
        Map.of(
            "floor ADD", new ArrayList<>(),
            "floor DEL", new ArrayList<>(),
            "ADD", new ArrayList<>(),
            "DEL", new ArrayList<>());
    for (int round = -WARM_UP; round < rounds; round++) {
      try (VethNode.PodNetns pod = node.pod()) {
        node.refreshSysfs();
        // In turns first, since what went before lengthens the kernel's grace periods.
        for (int turn = 0; turn < 2; turn++) {
          if ((round + turn) % 2 == 0) {
            keep(times, "floor ADD", floor("add", pod), round);
            keep(times, "floor DEL", floor("del", pod), round);
          } else {
            keep(times, "ADD", call("ADD", pod), round);
            node.refreshSysfs();
            keep(times, "DEL", call("DEL", pod), round);
          }
        }
      }
    }
    System.out.printf(
        "served by %s, %d rounds after %d%n", server.getClass().getName(), rounds, WARM_UP);
    for (String verb : List.of("ADD", "DEL")) {
      for (int percent : new int[] {50, 90}) {
        long floor = percentile(times.get("floor " + verb), percent);
        long ours = percentile(times.get(verb), percent);
        System.out.printf(
            "%s p%d  floor %6.2f ms  ours %6.2f ms  ratio %.2f%n",
            verb, percent, floor / 1000.0, ours / 1000.0, (double) ours / floor);
      }
    }
  }

  private static void keep(Map<String, List<Long>> times, String what, long micros, int round) {
    if (round >= 0) {
      times.get(what).add(micros);
    }
  }

  private static long percentile(List<Long> values, int percent) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }

  private long floor(String verb, VethNode.PodNetns pod) throws Exception {
    return clock(
        Map.of(),
        "",
        List.of(BENCH.resolve("floor").toString(), verb, pod.path(), VethNode.hostName(0), "net1"));
  }

  private long call(String command, VethNode.PodNetns pod) throws Exception {
    return clock(
        Map.of(
            "CNI_COMMAND",
            command,
            "CNI_CONTAINERID",
            "c1",
            "CNI_IFNAME",
            "net1",
            "CNI_PATH",
            "/nonexistent",
            "CNI_NETNS",
            pod.path(),
            "SRIOV_CNI_SOCKET",
            node.socket().toString()),
        "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\"}"
            .formatted(VethNode.address(0)),
        List.of(Forwarder.BINARY.toString()));
  }

  private long clock(Map<String, String> environment, String stdin, List<String> program)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(BENCH.resolve("clock").toString());
    command.add(clocked.toString());
    command.addAll(program);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(stdin.getBytes(StandardCharsets.UTF_8));
    } catch (java.io.IOException e) {
      // The floor reads nothing.
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(command + ": " + said);
    }
    return Long.parseLong(Files.readString(clocked).strip());
  }
}
