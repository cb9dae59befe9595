package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Misspelling;
import io.sriov.cni.plugin.Plugin;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Caller;
import io.sriov.cni.wire.ConnectionLost;
import io.sriov.cni.wire.Frame;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever comes on stdin, in the environment, from an IPAM plugin or stands in a state file: a
 * result or an error with a CNI code, and the VFs stay where they are. {@code -Dfuzz.seconds=600}
 * for a long run, {@code -Dfuzz.seed=N} for another one.
 */
class CorruptInputTest implements Caller {

  private static final long SEED = Long.getLong("fuzz.seed", 42L);
  private static final int SECONDS = Integer.getInteger("fuzz.seconds", 2);

  private static final List<String> COMMANDS =
      List.of("ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION", "FOO", "");
  private static final String ARGS = "IgnoreUnknown=1;K8S_POD_NAME=p1;MAC=02:00:00:00:00:01";

  /** Every key that is read somewhere. */
  private static final List<String> SEEDS =
      List.of(
          """
          {"cniVersion":"1.1.0","name":"n1","type":"sriov","deviceID":"0000:01:10.0","vlan":100,
          "vlanQoS":3,"vlanProto":"802.1q","mac":"02:00:00:00:00:77","min_tx_rate":0,
          "max_tx_rate":10,"spoofchk":"off","trust":"on","link_state":"auto","logLevel":"debug",
          "ipam":{"type":"ipam"},"dns":{"nameservers":["1.1.1.1"],"search":["x"]},
          "capabilities":{"mac":true},"runtimeConfig":{"mac":"02:00:00:00:00:78"},
          "cni.dev/valid-attachments":[{"containerID":"c1","ifname":"net1"}]}\
          """,
          """
          {"cniVersion":"0.3.1","name":"n1","type":"ib-sriov","deviceID":"0000:01:10.1","pkey":"0x1",
          "link_state":"enable","rdmaIsolation":false,"ibKubernetesEnabled":true,
          "vfioPciMode":false,"args":{"cni":{"guid":"02:00:00:00:00:00:00:01",
          "mellanox.infiniband.app":"configured"}},
          "runtimeConfig":{"infinibandGUID":"02:00:00:00:00:00:00:02"}}\
          """,
          """
          {"cniVersion":"1.0.0","name":"n1","type":"rdma","deviceID":"mlx5_core.sf.4","args":{"cni":
          {"debug":true}},"prevResult":{"cniVersion":"1.0.0","interfaces":[{"name":"net1",
          "mac":"02:00:00:00:00:01","sandbox":"/x"}],"ips":[{"interface":0,
          "address":"192.0.2.5/24","gateway":"192.0.2.1"}],"routes":[{"dst":"0.0.0.0/0"}]}}\
          """,
          """
          {"MAC":"02:00:00:00:00:77","MTU":1500,"Master":"pf0","OrigVfState":{"AdminMAC":
          "00:00:00:00:00:00","EffectiveMAC":"82:70:d3:66:38:8b","HostIFName":"ens1f0v0",
          "LinkState":0,"MTU":1500,"Vlan":0,"VlanProto":33024},"VFID":0,"attachment":{"phase":
          "attached","requestID":"x","containerID":"c1","ifname":"net1","netns":"/x","podIndex":2,
          "userspace":false,"wasUp":true,"droppedAltNames":["a"],"ipamAsked":true,"result":{}},
          "cniVersion":"1.1.0","deviceID":"0000:01:10.0","ipam":{"type":"ipam"},"name":"n1"}\
          """,
          """
          {"cniVersion":"1.0.0","ips":[{"address":"192.0.2.5/24"},{"address":"2001:db8::5/64",
          "gateway":"2001:db8::1"}],"routes":[{"dst":"10.0.0.0/8","gw":"192.0.2.1","mtu":1400,
          "priority":1,"table":2,"scope":0}],"dns":{"domain":"x"},"code":11,"msg":"m"}\
          """,
          "[".repeat(100_000),
          "{\"name\":" + "{\"a\":".repeat(50_000),
          "{\"name\":\"n1\",\"vlan\":" + "9".repeat(5_000) + "}",
          "null");

  private static final List<String> WORDS =
      List.of(
          "null",
          "true",
          "-1",
          "1e99",
          "4095",
          "99999999999999999999",
          "\"\"",
          "\"on\"",
          "[]",
          "{}",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "\"../../x\"",
          "\"0000:01:10.0\"",
          "[{}]",
          "\"802.1AD\"");

  @TempDir Path folder;
  VethNode node;
  private RandomGenerator random;
  private byte[] fromIpam = {};

  @BeforeEach
  void start() throws Exception {
    node = new VethNode(folder, 2);
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void isAnsweredByAResultOrACniError() throws Exception {
    List<Plugin> plugins = List.copyOf(Plugins.on(node.settings()).byName().values());
    long ends = System.nanoTime() + SECONDS * 1_000_000_000L;
    int answered = 0;
    int refused = 0;
    for (long run = 0; run < 200 || System.nanoTime() < ends; run++) {
      byte[] stdin = mutated();
      fromIpam = mutated();
      if (random.nextInt(20) == 0) {
        stateFile(mutated());
      }
      Map<String, String> variables = variables();
      try {
        Request request = Request.of(variables, stdin);
        Plugin plugin = plugins.get(random.nextInt(plugins.size()));
        assertThat(Misspelling.in(request.config(), plugin.settings()))
            .allSatisfy(key -> assertThat(plugin.settings()).containsAll(key.meant()));
        CallLog log = CallLog.of("fuzz", request, folder.resolve("root"));
        // Without a namespace nothing is moved: all but the move itself is gone through.
        String printed = plugin.run("id", request, new PodNamespace.Unusable("gone"), this, log);
        if (!printed.isEmpty()) {
          Json _ = JsonReader.read(printed.getBytes(StandardCharsets.UTF_8));
        }
        String _ = log.close();
        answered++;
      } catch (CniException e) {
        assertThat(e.document("1.0.0")).contains("\"code\"");
        refused++;
      } catch (RuntimeException | StackOverflowError e) {
        fail(
            "seed %d, run %d, %s: %s"
                .formatted(SEED, run, variables, new String(stdin, StandardCharsets.UTF_8)),
            e);
      }
    }
    assertThat(answered).as("calls that were carried out").isPositive();
    assertThat(refused).isPositive();
    for (int vf = 0; vf < 2; vf++) {
      String address = VethNode.address(vf);
      // What a state file says of names and addresses is believed.
      assertThat(node.hostLinks.links())
          .as("VF %s is on the host", address)
          .anyMatch(link -> node.pf.belongs(address, link) == VfHardware.Belongs.YES);
    }
  }

  private void stateFile(byte[] content) throws Exception {
    for (Path state : List.of(node.state(), folder.resolve("root/var/lib/cni/ib-sriov"))) {
      Files.createDirectories(state);
      Files.write(state.resolve("c1-net1"), content);
    }
    Path rdma = Files.createDirectories(folder.resolve("root/var/lib/cni/rdma"));
    Files.write(rdma.resolve("n1-c1-net1"), content);
  }

  private Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>();
    variables.put("CNI_COMMAND", COMMANDS.get(random.nextInt(COMMANDS.size())));
    variables.put("CNI_CONTAINERID", "c1");
    variables.put("CNI_NETNS", "/run/netns/x");
    variables.put("CNI_IFNAME", "net1");
    variables.put("CNI_PATH", "/opt/cni/bin");
    variables.put("CNI_ARGS", random.nextInt(4) == 0 ? text(ARGS) : ARGS);
    if (random.nextInt(10) == 0) {
      List<String> names = List.copyOf(variables.keySet());
      variables.compute(names.get(random.nextInt(names.size())), (_, value) -> text(value));
    }
    return variables;
  }

  private String text(String original) {
    return new String(mutated(original.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  private byte[] mutated() {
    String seed = SEEDS.get(random.nextInt(random.nextInt(8) == 0 ? SEEDS.size() : 5));
    // Half of them stay JSON: another value for a key, or a key twice.
    while (random.nextInt(3) > 0) {
      int at = seed.indexOf(':', random.nextInt(Math.max(1, seed.length())));
      if (at < 0) {
        break;
      }
      int end = at + 1;
      while (end < seed.length() && ",}]".indexOf(seed.charAt(end)) < 0) {
        end++;
      }
      seed =
          seed.substring(0, at + 1)
              + WORDS.get(random.nextInt(WORDS.size()))
              + seed.substring(Math.min(end, seed.length()));
    }
    byte[] bytes = seed.getBytes(StandardCharsets.UTF_8);
    return random.nextBoolean() ? bytes : mutated(bytes);
  }

  private byte[] mutated(byte[] original) {
    byte[] bytes = original.clone();
    if (random.nextInt(4) == 0) {
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }
    for (int i = random.nextInt(6); i > 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] =
          (byte) (random.nextBoolean() ? random.nextInt() : "\"{}[]:,\\".charAt(random.nextInt(8)));
    }
    return bytes;
  }

  @Override
  public Frame.Ran run(String plugin, String command, Optional<byte[]> stdin) {
    return new Frame.Ran(
        Frame.Outcome.values()[random.nextInt(3)],
        0,
        random.nextInt(3),
        random.nextInt(10) == 0,
        fromIpam,
        new byte[0]);
  }

  @Override
  public void requirePresent() throws ConnectionLost {}

  @Override
  public Fd open(String path) throws LinuxException {
    throw new LinuxException(Errno.ENOENT, "open " + path);
  }
}
