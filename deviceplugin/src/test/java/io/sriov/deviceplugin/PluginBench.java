package io.sriov.deviceplugin;

import io.sriov.deviceplugin.host.SysfsTree;
import io.sriov.kubelet.FakeKubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the process costs: from its start until a kubelet has its devices, and its memory with few
 * and many devices. The process is the real one, in a mount namespace of its own with a sysfs and a
 * kubelet of ours, with the image's JVM options but without its AOT cache. Needs root. Called by
 * {@code ./bench deviceplugin}.
 */
public final class PluginBench {

  private static final String RESOURCE = "openshift.io/nic";
  private static final int[] DEVICES = {1, 100, 1000};

  /** Linux counts processor time in hundredths of a second for every user program. */
  private static final int MILLIS_PER_TICK = 10;

  private PluginBench() {}

  /** What one run showed. */
  private record Run(double millis, long cpuMillis, long rssKilobytes, long anonymousKilobytes) {}

  /** Arguments: counted runs after one warm-up. */
  public static void main(String[] args) throws Exception {
    int runs = args.length == 0 ? 6 : Integer.parseInt(args[0]);
    System.out.println("process start -> the kubelet has the devices");
    System.out.printf(
        Locale.ROOT,
        "%-14s %10s %10s %10s %10s %12s %15s%n",
        "",
        "first ms",
        "p50 ms",
        "p90 ms",
        "CPU ms",
        "RSS kB",
        "anonymous kB");
    for (int devices : DEVICES) {
      var all = new ArrayList<Run>();
      for (int i = 0; i <= runs; i++) {
        all.add(run(devices));
      }
      var counted = all.subList(1, all.size());
      System.out.printf(
          Locale.ROOT,
          "%-14s %10.0f %10.0f %10.0f %10d %12d %15d%n",
          devices + (devices == 1 ? " device" : " devices"),
          all.getFirst().millis(),
          percentile(50, counted, Run::millis),
          percentile(90, counted, Run::millis),
          (long) percentile(50, counted, run -> run.cpuMillis()),
          (long) percentile(50, counted, run -> run.rssKilobytes()),
          (long) percentile(50, counted, run -> run.anonymousKilobytes()));
    }
  }

  @FunctionalInterface
  private interface Value {
    double of(Run run);
  }

  /** Nearest rank. */
  private static double percentile(int p, List<Run> runs, Value value) {
    var sorted = runs.stream().map(value::of).sorted().toList();
    return sorted.get(Math.max(1, (int) Math.ceil(p / 100.0 * sorted.size())) - 1);
  }

  private static Run run(int devices) throws Exception {
    var folder = Files.createTempDirectory("plugin-bench");
    try (var kubelet = new FakeKubelet(folder.resolve("kubelet")).start()) {
      var sysfs = new SysfsTree(folder.resolve("sys")).pf();
      for (int vf = 0; vf < devices; vf++) {
        sysfs.boundVf(vf);
      }
      var config = Files.createDirectory(folder.resolve("run")).resolve("config.json");
      Files.writeString(
          config,
          "{\"resourceList\":[{\"resourceName\":\"nic\",\"selectors\":{\"pfNames\":[\"ens1\"]}}]}");
      long start = System.nanoTime();
      var process = process(folder, config);
      try {
        while (kubelet.healthy(RESOURCE).size() < devices) {
          if (!process.isAlive() || System.nanoTime() - start > 60e9) {
            throw new IllegalStateException(
                "no devices: " + Files.readString(folder.resolve("log")));
          }
          LockSupport.parkNanos(500_000);
        }
        double millis = (System.nanoTime() - start) / 1e6;
        return measured(process.pid(), millis);
      } finally {
        process.destroy();
        boolean unused = process.waitFor(5, TimeUnit.SECONDS);
        process.destroyForcibly();
      }
    } finally {
      delete(folder);
    }
  }

  private static Process process(Path folder, Path config) throws IOException {
    var options = Path.of(System.getProperty("sriov.root"), "images/java-options");
    var inside =
        """
        set -e
        mount --make-rprivate /
        mount --bind "$1/sys" /sys
        mount -t tmpfs kubelet /var/lib
        mkdir /var/lib/kubelet
        mount --bind "$1/kubelet" /var/lib/kubelet
        shift
        exec "$@"
        """;
    return new ProcessBuilder(
            "unshare",
            "--mount",
            "sh",
            "-c",
            inside,
            "sh",
            folder.toString(),
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "@" + options,
            "-Xmx48m",
            "-cp",
            System.getProperty("java.class.path"),
            "io.sriov.deviceplugin.Main",
            "--resource-prefix=openshift.io",
            "--config-file=" + config)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private static Run measured(long pid, double millis) throws IOException {
    var proc = Path.of("/proc", String.valueOf(pid));
    // Behind the name, which may contain spaces: state is field 3, utime 14, stime 15.
    var stat = Files.readString(proc.resolve("stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long cpu = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MILLIS_PER_TICK;
    var status = Files.readAllLines(proc.resolve("status"));
    return new Run(millis, cpu, kilobytes(status, "VmRSS:"), kilobytes(status, "RssAnon:"));
  }

  private static long kilobytes(List<String> status, String key) {
    return status.stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(-1);
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
