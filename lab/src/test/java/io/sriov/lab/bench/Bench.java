package io.sriov.lab.bench;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.sriov.lab.Lab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Measures, on one node of the lab with the chart installed: policy to VFs against the bare kernel,
 * CNI calls against a C program that makes the same moves, and memory of the processes. Called by
 * {@code ./bench}.
 */
public final class Bench {

  private static final String NODE = "worker1";
  private static final Pattern RAW =
      Pattern.compile(
          "\\{\"pfs\":\\[([^]]*)],\"vfs\":7,\"run\":(\\d+),\"milliseconds\":(\\d+),\"removal\":(\\d+)}");

  /** How many VFs are attached at the same time. */
  private static final int[] CALLERS = {1, 7, 14};

  /** Of the device plugin. */
  private static final int RESTARTS = 20;

  private final Path root;
  private final int runs;
  private final Lab lab;

  private Bench(Path root, int runs, Lab lab) {
    this.root = root;
    this.runs = runs;
    this.lab = lab;
  }

  /**
   * Arguments: {@code daemon}, {@code deviceplugin}, {@code cni} or {@code all}; counted runs after
   * one warm-up; attach cycles; minutes for which the idle daemon is watched.
   */
  public static void main(String[] args) throws Exception {
    Bench bench =
        new Bench(
            Path.of(System.getProperty("sriov.root")), Integer.parseInt(args[1]), Lab.withNodes(1));
    boolean all = args[0].equals("all");
    if (all || args[0].equals("daemon")) {
      bench.policies();
      bench.idle(Integer.parseInt(args[3]));
    }
    if (all || args[0].equals("deviceplugin")) {
      bench.devicePlugin();
    }
    if (all || args[0].equals("cni")) {
      bench.attachments(Integer.parseInt(args[2]));
      bench.images();
    }
  }

  /** Processor time of our processes on a node on which nothing happens. */
  private void idle(int minutes) {
    if (minutes == 0) {
      return;
    }
    System.out.println("\nIdle for " + minutes + " minutes\n");
    System.out.println(
        lab.onNode(
            Duration.ofMinutes(minutes + 1),
            NODE,
            """
            ticks() { awk '{ print $14 + $15 }' /proc/$1/stat; }
            for p in /proc/[0-9]*; do
              [ "$(readlink $p/exe)" = /opt/sriov/runtime/bin/java ] || continue
              name=$(tr '\\0' ' ' <$p/cmdline | grep -o '[a-z-]*\\.options') || continue
              echo ${p#/proc/} ${name%%.options} $(ticks ${p#/proc/})
            done >/tmp/idle
            sleep %d
            while read -r pid name before; do
              awk -v name=$name -v used=$(($(ticks $pid) - before)) -v hz=$(getconf CLK_TCK) \\
                'BEGIN { printf "%%-34s %%6.2f %%%% of a core\\n", name, used / hz / %d * 100 }'
            done </tmp/idle
            """
                .formatted(minutes * 60, minutes * 60)));
  }

  /** Kernel and operator in turns, so that they meet the same machine: it slows down as it ages. */
  private void policies() throws Exception {
    Config config = Config.fromKubeconfig(lab.kubeconfig().toFile());
    // The client takes a PKCS #8 key for an RSA key unless it is told; the lab's are EC.
    config.setClientKeyAlgo("EC");
    var rawOne = new Kernel();
    var rawTwo = new Kernel();
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      PolicyRuns one = new PolicyRuns(client, NODE);
      PolicyRuns two = new PolicyRuns(client, NODE);
      for (int run = 0; run <= runs; run++) {
        settle();
        raw(rawOne, rawTwo);
        settle();
        one.run(List.of("enp1s0"), 7);
        settle();
        two.run(List.of("enp1s0", "enp2s0"), 7);
      }
      System.out.println(
          "\nFrom policy to VFs and back, 7 on each PF; the floor is `echo 7 > sriov_numvfs` until all netdevs exist,"
              + " and `echo 0`\n");
      System.out.println(Figures.header());
      table("one PF", rawOne, one);
      table("two PFs", rawTwo, two);
    }
  }

  /** Each begins on a node where nothing of the one before goes on; links come up after 5 s. */
  private void settle() {
    String unused = lab.onNode(NODE, "udevadm settle; sleep 8; udevadm settle");
  }

  private static void table(String pfs, Kernel kernel, PolicyRuns ours) {
    Figures made = new Figures("kernel alone, " + pfs, kernel.made);
    System.out.println(made.row(made));
    System.out.println(new Figures("policy -> Succeeded, " + pfs, ours.succeeded).row(made));
    System.out.println(
        new Figures(
                "policy -> allocatable, " + pfs + " (+ kubelet's period, 4 s)", ours.allocatable)
            .row(made));
    Figures removed = new Figures("kernel alone, removal, " + pfs, kernel.removed);
    System.out.println(removed.row(removed));
    System.out.println(
        new Figures("policy deleted -> Succeeded, " + pfs, ours.deleted).row(removed));
  }

  /** Milliseconds that the bare kernel needs, one value a run. */
  private static final class Kernel {
    final List<Double> made = new ArrayList<>();
    final List<Double> removed = new ArrayList<>();
  }

  /** One run of the bare kernel: each PF alone, then both started together. */
  private void raw(Kernel one, Kernel two) throws Exception {
    Process process =
        new ProcessBuilder(root.resolve("lab/bench-raw").toString(), "--runs", "0", NODE)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (Stream<String> lines = process.inputReader().lines()) {
      for (String line : lines.toList()) {
        Matcher m = RAW.matcher(line);
        if (!m.matches()) {
          throw new IllegalStateException("lab/bench-raw printed: " + line);
        }
        Kernel kernel =
            switch (m.group(1)) {
              case "\"0000:01:00.0\"" -> one;
              case "\"0000:01:00.0\",\"0000:02:00.0\"" -> two;
              default -> new Kernel();
            };
        kernel.made.add(Double.valueOf(m.group(3)));
        kernel.removed.add(Double.valueOf(m.group(4)));
      }
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("lab/bench-raw failed");
    }
  }

  /** Manifest of a policy that is carried out: that many VFs on each of the PFs. */
  private Path applied(List<String> pfs, int vfs) throws Exception {
    String policy =
        """
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkNodePolicy
        metadata: {name: bench-vfs, namespace: sriov-network-operator}
        spec:
          resourceName: bench
          nodeSelector: {kubernetes.io/hostname: %s}
          numVfs: %d
          nicSelector: {pfNames: %s}
        """
            .formatted(NODE, vfs, pfs);
    Path manifest = Files.createTempFile("bench", ".yaml");
    Files.writeString(manifest, policy);
    lab.kubectl("apply", "-f", manifest.toString());
    for (String pf : pfs) {
      lab.kubectl(
          "-n",
          "sriov-network-operator",
          "wait",
          "sriovnetworknodestates/" + NODE,
          "--for=jsonpath={.status.interfaces[?(@.name==\"%s\")].numVfs}=%d".formatted(pf, vfs),
          "--timeout=60s");
    }
    return manifest;
  }

  /** From the kernel's event to the kubelet's list, and restarts while a pod holds a VF. */
  private void devicePlugin() throws Exception {
    String pod =
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: bench-holder, namespace: default}
        spec:
          nodeName: %s
          terminationGracePeriodSeconds: 1
          containers:
          - name: main
            image: localhost/lab-tools:dev
            imagePullPolicy: Never
            command: [sleep, infinity]
            resources: {limits: {openshift.io/bench: "1"}, requests: {openshift.io/bench: "1"}}
        """
            .formatted(NODE);
    Path policy = applied(List.of("enp1s0"), 7);
    Path holder = Files.createTempFile("holder", ".yaml");
    Files.writeString(holder, pod);
    var plugin = new PluginRuns(lab, NODE);
    try {
      lab.kubectl(
          "wait",
          "node/" + NODE,
          "--for=jsonpath={.status.allocatable.openshift\\.io/bench}=7",
          "--timeout=120s");
      for (int run = 0; run <= runs; run++) {
        plugin.vfsComeBack();
      }
      lab.kubectl("apply", "-f", holder.toString());
      lab.kubectl("wait", "pod/bench-holder", "--for=condition=Ready", "--timeout=120s");
      String before = holderState();
      for (int run = 0; run <= RESTARTS; run++) {
        plugin.restart("7");
      }
      System.out.println("\nDevice plugin\n");
      System.out.println(Figures.header());
      for (Figures figures :
          List.of(
              new Figures("uevent of the last VF -> list sent to the kubelet", plugin.offered),
              new Figures("plugin's pod deleted -> the next has registered", plugin.registered),
              new Figures("plugin's pod deleted -> all VFs allocatable", plugin.allocatable))) {
        System.out.println(figures.row(figures));
      }
      System.out.println(
          holderState().equals(before)
              ? "\nThe pod with a VF ran through all " + RESTARTS + " restarts."
              : "\nTHE POD WITH A VF DID NOT OUTLIVE THE RESTARTS: " + holderState());
    } finally {
      lab.kubectl("delete", "--ignore-not-found", "-f", holder.toString());
      lab.kubectl("delete", "-f", policy.toString());
    }
  }

  private String holderState() {
    return lab.kubectl(
        "get",
        "pod",
        "bench-holder",
        "-o",
        "jsonpath={.status.phase} {.status.containerStatuses[0].containerID}");
  }

  private void attachments(int cycles) throws Exception {
    Path manifest = applied(List.of("enp1s0", "enp2s0"), 7);
    try {
      Path share = lab.share(NODE);
      for (String program : List.of("floor", "clock")) {
        Files.copy(
            root.resolve("cni/target/bench").resolve(program),
            share.resolve(program),
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.COPY_ATTRIBUTES);
      }
      System.out.println("\nMemory before, in kB\n\n" + memory());
      System.out.println(
          "CNI calls in the node, without IPAM; the floor is a C program that makes the same moves\n");
      System.out.println(Figures.header());
      int attachments = 0;
      for (int callers : CALLERS) {
        List<Figures> calls = calls(callers, Math.ceilDiv(cycles, callers));
        for (int i = 0; i < calls.size(); i++) {
          System.out.println(calls.get(i).row(calls.get(i % 2)));
          attachments += calls.get(i).millis().size();
        }
      }
      System.out.println(
          "\nMemory after " + attachments / 4 + " attachments, in kB\n\n" + memory());
    } finally {
      lab.kubectl("delete", "-f", manifest.toString());
    }
  }

  /**
   * Floor ADD, floor DEL, ours ADD, ours DEL, taken in turns so that they meet the same machine;
   * each round attaches and releases as many VFs at the same time as there are callers. The first
   * round is the warm-up.
   */
  private List<Figures> calls(int callers, int rounds) {
    String measured =
        lab.onNode(
            Duration.ofMinutes(30),
            NODE,
            """
            set -e
            callers=%d rounds=%d
            cd "$(mktemp -d)"
            vfs=()
            for pf in enp1s0 enp2s0; do
              for n in 0 1 2 3 4 5 6; do
                vfs+=("$(basename "$(readlink /sys/class/net/$pf/device/virtfn$n)")")
              done
            done
            for ((i = 0; i < callers; i++)); do
              names[i]=$(ls /sys/bus/pci/devices/${vfs[i]}/net)
              echo '{"cniVersion":"1.0.0","name":"bench","type":"sriov","deviceID":"'${vfs[i]}'"}' >conf$i
            done
            measure() { # column, floor|ours, add|del
              local programs=() netns
              for ((i = 0; i < callers; i++)); do
                netns=/var/run/netns/bench$i
                if [ $2 = floor ]; then
                  programs+=(/mnt/lab/floor $3 $netns ${names[i]} net1 --)
                else
                  programs+=(CNI_COMMAND=${3^^} CNI_CONTAINERID=bench$round-$i CNI_IFNAME=net1 CNI_PATH=/opt/cni/bin
                    CNI_NETNS=$netns "<conf$i" /opt/cni/bin/sriov --)
                fi
              done
              /mnt/lab/clock times "${programs[@]}" >answers 2>&1 || { cat answers >&2; return 1; }
              sed "s/^/$1 $round /" times
            }
            for ((round = 0; round <= rounds; round++)); do
              for ((i = 0; i < callers; i++)); do ip netns add bench$i; done
              measure 0 floor add
              measure 1 floor del
              measure 2 ours add
              measure 3 ours del
              for ((i = 0; i < callers; i++)); do ip netns del bench$i; done
            done
            """
                .formatted(callers, rounds));
    List<String> names =
        List.of(
            "C program, ADD",
            "C program, DEL",
            "forwarder and server, ADD",
            "forwarder and server, DEL");
    List<List<Double>> columns = names.stream().<List<Double>>map(_ -> new ArrayList<>()).toList();
    for (String line : measured.lines().toList()) {
      String[] words = line.split(" ");
      List<Double> column = columns.get(Integer.parseInt(words[0]));
      if (column.isEmpty() || !words[1].equals("0")) {
        column.add(Double.parseDouble(words[2]) / 1000);
      }
    }
    List<Figures> figures = new ArrayList<>();
    for (int c = 0; c < names.size(); c++) {
      String callersText = callers == 1 ? "" : ", %d at the same time".formatted(callers);
      figures.add(new Figures(names.get(c) + callersText, columns.get(c)));
    }
    return figures;
  }

  private String memory() {
    return lab.onNode(
        NODE,
        """
        printf '%-34s %9s %9s %9s\\n' process RSS PSS anonymous
        for p in /proc/[0-9]*; do
          [ "$(readlink $p/exe)" = /opt/sriov/runtime/bin/java ] || continue
          line=$(tr '\\0' ' ' <$p/cmdline)
          case $line in
          */opt/sriov/daemon.options*) name=sriov-network-config-daemon ;;
          */opt/sriov/device-plugin.options*) name=sriov-device-plugin ;;
          */opt/sriov/operator.options*) name=sriov-network-operator ;;
          *) continue ;;
          esac
          awk -v name=$name '/^Rss:/ { r = $2 } /^Pss:/ { p = $2 } /^Anonymous:/ { a = $2 }
            END { printf "%-34s %9d %9d %9d\\n", name, r, p, a }' $p/smaps_rollup
        done
        """);
  }

  private void images() throws Exception {
    System.out.println("Images\n");
    for (String image : List.of("sriov-cluster.tar", "sriov-node.tar")) {
      System.out.printf(
          Locale.ROOT,
          "%-34s %6.1f MB%n",
          image,
          Files.size(root.resolve("images/target").resolve(image)) / 1e6);
    }
  }
}
