package io.sriov.cni;

import io.sriov.linux.netns.NetNamespace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ADD and DEL beside the floor, in turns, with one caller and with many at the same time, in the
 * namespace it is started in ({@code bench/run}).
 */
public final class CniBench {

  private static final int[] CALLERS = {1, 10, 50};
  private static final int WARM_UP = 100;
  private static final Path BENCH =
      Path.of(System.getProperty("sriov.root", "."), "cni/target/bench");

  private final VethNode node;
  private final List<VethNode.PodNetns> pods = new ArrayList<>();
  private final Path clocked;

  private CniBench(VethNode node) throws Exception {
    this.node = node;
    this.clocked = node.folder.resolve("clocked");
    for (int vf = 0; vf < CALLERS[CALLERS.length - 1]; vf++) {
      pods.add(node.pod());
      Files.writeString(
          conf(vf),
          "{\"cniVersion\":\"1.1.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\"}"
              .formatted(VethNode.address(vf)));
    }
  }

  /**
   * Runs and prints a table.
   *
   * @param args number of attachments for each number of callers
   */
  public static void main(String[] args) throws Exception {
    int attachments = Integer.parseInt(args[0]);
    Path folder = Files.createTempDirectory("cni-bench");
    int most = CALLERS[CALLERS.length - 1];
    try (VethNode node = new VethNode(folder, most, NetNamespace.current());
        CniServer server = CniServer.start(node.settings(), (command, code, took) -> {})) {
      // That the tree follows the kernel is the bench's matter, between the calls.
      node.pf.onUse = () -> {};
      CniBench bench = new CniBench(node);
      bench.attach(1, WARM_UP, new LinkedHashMap<>());
      bench.attach(most, 2 * most, new LinkedHashMap<>());
      System.out.printf("served by %s%n", server.getClass().getName());
      System.out.printf(
          "%7s %4s %5s  %10s %10s %6s%n", "callers", "verb", "", "floor ms", "ours ms", "ratio");
      for (int callers : CALLERS) {
        Map<String, List<Long>> times = new LinkedHashMap<>();
        bench.attach(callers, attachments, times);
        for (String verb : List.of("ADD", "DEL")) {
          print(callers, verb, times.get("floor " + verb), times.get(verb));
        }
      }
      bench.forwarderAlone(attachments);
    }
  }

  /** Attaches and releases that many VFs, some at a time, in turns with the floor. */
  private void attach(int callers, int attachments, Map<String, List<Long>> times)
      throws Exception {
    for (int round = 0; round * callers < attachments; round++) {
      // In turns first, since what went before lengthens the kernel's grace periods.
      for (int turn = 0; turn < 2; turn++) {
        boolean floor = (round + turn) % 2 == 0;
        for (String verb : List.of("ADD", "DEL")) {
          node.refreshSysfs();
          List<List<String>> programs = new ArrayList<>();
          for (int vf = 0; vf < callers; vf++) {
            programs.add(floor ? floor(verb, vf) : call(verb, vf));
          }
          times
              .computeIfAbsent(floor ? "floor " + verb : verb, _ -> new ArrayList<>())
              .addAll(clock(programs));
        }
      }
    }
  }

  private static void print(int callers, String verb, List<Long> floor, List<Long> ours) {
    line(callers, verb, "mean", mean(floor), mean(ours));
    for (int percent : new int[] {50, 90, 99}) {
      line(callers, verb, "p" + percent, percentile(floor, percent), percentile(ours, percent));
    }
  }

  private static void line(int callers, String verb, String what, double floor, double ours) {
    System.out.printf(
        "%7d %4s %5s  %10.2f %10.2f %6.2f%n",
        callers, verb, what, floor / 1000, ours / 1000, ours / floor);
  }

  /** What a call costs without any work: start, conversation, end. */
  private void forwarderAlone(int calls) throws Exception {
    for (String verb : List.of("VERSION", "STATUS")) {
      List<Long> times = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        times.addAll(clock(List.of(call(verb, 0))));
      }
      System.out.printf(
          "forwarder alone, %-7s  p50 %.2f ms  p99 %.2f ms%n",
          verb, percentile(times, 50) / 1000.0, percentile(times, 99) / 1000.0);
    }
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).average().orElseThrow();
  }

  private static long percentile(List<Long> values, int percent) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }

  private Path conf(int vf) {
    return node.folder.resolve("conf-" + vf);
  }

  private List<String> floor(String verb, int vf) {
    return List.of(
        BENCH.resolve("floor").toString(),
        verb.equals("ADD") ? "add" : "del",
        pods.get(vf).path(),
        VethNode.hostName(vf),
        "net1");
  }

  private List<String> call(String command, int vf) {
    return List.of(
        "CNI_COMMAND=" + command,
        "CNI_CONTAINERID=c" + vf,
        "CNI_IFNAME=net1",
        "CNI_PATH=/nonexistent",
        "CNI_NETNS=" + pods.get(vf).path(),
        "SRIOV_CNI_SOCKET=" + node.socket(),
        "<" + conf(vf),
        Forwarder.BINARY.toString());
  }

  private List<Long> clock(List<List<String>> programs) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(BENCH.resolve("clock").toString());
    command.add(clocked.toString());
    for (List<String> program : programs) {
      command.addAll(program);
      command.add("--");
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(said);
    }
    return Files.readAllLines(clocked).stream().map(Long::valueOf).toList();
  }
}
