package io.sriov.cni.sriov;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sriov.cni.CniSettings;
import io.sriov.cni.VethNode;
import io.sriov.cni.json.Fields;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Caller;
import io.sriov.cni.wire.Frame;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Calls the plugin as a runtime does, with an IPAM plugin that says what a test wants. */
final class Kubelet implements Caller {

  /** What an IPAM plugin does. */
  interface FakeIpam {
    Frame.Ran run(String command) throws IOException;
  }

  final VethNode node;
  final SriovPlugin plugin;

  /** Commands of the IPAM plugin, in order. */
  final List<String> told = new ArrayList<>();

  FakeIpam ipam = command -> ran(1, "");
  Map<String, String> more = new HashMap<>();

  /** What opening a path of the host fails with. */
  Optional<Errno> openError = Optional.empty();

  /** What the last call told. */
  String log = "";

  /** Paths of the host that the plugin had opened, in order. */
  final List<String> opened = new ArrayList<>();

  String id = UUID.randomUUID().toString();

  Kubelet(VethNode node) throws LinuxException {
    this(node, node.settings());
  }

  Kubelet(VethNode node, CniSettings settings) {
    this.node = node;
    this.plugin =
        SriovPlugin.on(
            settings.netns(),
            settings.sysfs(),
            settings.hardware(),
            settings.stateFolder(),
            settings.lockTimeout(),
            settings.settleTimeout());
  }

  /** A configuration of VF 0, with more members. */
  static String conf(String... members) {
    return confOf(0, members);
  }

  static String confOf(int vf, String... members) {
    StringBuilder text =
        new StringBuilder(
            "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\""
                .formatted(VethNode.address(vf)));
    for (String member : members) {
      text.append(',').append(member.replace('\'', '"'));
    }
    return text.append('}').toString();
  }

  static Frame.Ran ran(int status, String stdout) {
    return new Frame.Ran(
        Frame.Outcome.RAN,
        0,
        status,
        false,
        stdout.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
        new byte[0]);
  }

  /** An IPAM plugin that gives these addresses. */
  Kubelet giving(String result) {
    ipam = command -> ran(0, command.equals("ADD") ? result : "");
    return this;
  }

  Kubelet with(String name, String value) {
    more.put(name, value);
    return this;
  }

  String call(String command, String container, VethNode.PodNetns pod, String conf)
      throws Exception {
    node.refreshSysfs();
    return callWith(command, container, pod.path(), PodNamespace.of(pod.descriptor()), conf);
  }

  /** A call without going through a namespace that is there. */
  String callGone(String command, String container, String path, String conf) throws Exception {
    node.refreshSysfs();
    PodNamespace netns =
        path.isEmpty() ? new PodNamespace.None() : new PodNamespace.Unusable("ENOENT");
    return callWith(command, container, path, netns, conf);
  }

  /** A call whose namespace is whatever a path leads to, as the forwarder opens it. */
  String callAt(String command, String container, Path path, String conf) throws Exception {
    PodNamespace netns;
    try {
      netns = PodNamespace.of(Fd.open(path, Fd.READ_ONLY));
    } catch (LinuxException e) {
      netns = PodNamespace.failed(e.errno());
    }
    node.refreshSysfs();
    return callWith(command, container, path.toString(), netns, conf);
  }

  /** A call whose namespace cannot be opened. */
  String callFailed(String command, String container, String path, Errno errno, String conf)
      throws Exception {
    node.refreshSysfs();
    return callWith(command, container, path, PodNamespace.failed(errno.number()), conf);
  }

  private String callWith(
      String command, String container, String path, PodNamespace netns, String conf)
      throws Exception {
    Map<String, String> variables = new HashMap<>();
    variables.put("CNI_COMMAND", command);
    variables.put("CNI_CONTAINERID", container);
    variables.put("CNI_IFNAME", "net1");
    variables.put("CNI_NETNS", path);
    variables.put("CNI_PATH", "/opt/cni/bin");
    variables.putAll(more);
    try (netns) {
      Request request = Request.of(variables, conf.getBytes(StandardCharsets.UTF_8));
      CallLog calls = CallLog.of(SriovPlugin.NAME, request, node.folder);
      try {
        return onThreadOfItsOwn(() -> plugin.run(id, request, netns, this, calls));
      } finally {
        log = calls.close();
      }
    }
  }

  /** The plugin may leave its thread in the pod's namespace. */
  static <T> T onThreadOfItsOwn(Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().start(task);
    try {
      return task.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Exception cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw e;
      }
    }
  }

  Fields add(VethNode.PodNetns pod, String conf) throws Exception {
    id = UUID.randomUUID().toString();
    String printed = call("ADD", "c1", pod, conf);
    return Fields.of(JsonReader.read(printed.getBytes(StandardCharsets.UTF_8)));
  }

  CniException addFails(VethNode.PodNetns pod, String conf) {
    return catchThrowableOfType(CniException.class, () -> add(pod, conf));
  }

  void del(VethNode.PodNetns pod, String conf) throws Exception {
    String unused = call("DEL", "c1", pod, conf);
  }

  @Override
  public Frame.Ran run(String name, String command, Optional<byte[]> stdin) throws IOException {
    told.add(command);
    return ipam.run(command);
  }

  @Override
  public void requirePresent() {}

  @Override
  public Fd open(String path) throws IOException {
    opened.add(path);
    if (openError.isPresent()) {
      throw new LinuxException(openError.get(), "open " + path + " on the host");
    }
    return Fd.open(Path.of(path), Fd.READ_ONLY);
  }
}
