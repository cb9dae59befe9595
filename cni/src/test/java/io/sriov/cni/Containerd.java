package io.sriov.cni;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Plugin;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Caller;
import io.sriov.cni.wire.Frame;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls a plugin as a runtime does, with an IPAM plugin that says what a test wants. */
public final class Containerd implements Caller {

  private final String name;
  private final Plugin plugin;
  private final Path folder;

  /** Commands of the IPAM plugin, in order. */
  public final List<String> told = new ArrayList<>();

  /** What the IPAM plugin answers a command with. */
  public Function<String, Frame.Ran> ipam = command -> ran(1, "");

  /** Variables beside the usual ones. */
  public final Map<String, String> more = new HashMap<>();

  /** Of the next call; a new one for every {@link #add}. */
  public String id = UUID.randomUUID().toString();

  /**
   * A runtime that has one plugin.
   *
   * @param folder for log files
   */
  public Containerd(String name, Plugin plugin, Path folder) {
    this.name = name;
    this.plugin = plugin;
    this.folder = folder;
  }

  /** How a plugin ended. */
  public static Frame.Ran ran(int status, String stdout) {
    return new Frame.Ran(
        Frame.Outcome.RAN,
        0,
        status,
        false,
        stdout.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
        new byte[0]);
  }

  /** Lets the IPAM plugin give one address. */
  public Containerd givingAnAddress() {
    ipam =
        command ->
            ran(
                0,
                command.equals("ADD")
                    ? "{'cniVersion':'1.0.0','ips':[{'address':'192.0.2.5/24'}]}"
                    : "");
    return this;
  }

  /** A call with the namespace of a pod. */
  public String call(String command, String container, VethNode.PodNetns pod, String conf)
      throws Exception {
    return call(command, container, pod.path(), PodNamespace.of(pod.descriptor()), conf);
  }

  /** A call with the namespace at a path. */
  public String callAt(String command, String container, Path path, String conf) throws Exception {
    return call(
        command, container, path.toString(), PodNamespace.of(Fd.open(path, Fd.READ_ONLY)), conf);
  }

  /** A call whose namespace is gone, or not told. */
  public String callGone(String command, String container, String path, String conf)
      throws Exception {
    PodNamespace netns =
        path.isEmpty() ? new PodNamespace.None() : new PodNamespace.Unusable("ENOENT");
    return call(command, container, path, netns, conf);
  }

  private String call(
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
      Request request =
          Request.of(variables, conf.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
      FutureTask<String> task =
          new FutureTask<>(
              () -> plugin.run(id, request, netns, this, CallLog.of(name, request, folder)));
      // The plugin may leave its thread in the pod's namespace.
      Thread.ofPlatform().daemon().start(task);
      return task.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Exception cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw e;
      }
    }
  }

  /** A new ADD. */
  public Fields add(VethNode.PodNetns pod, String conf) throws Exception {
    id = UUID.randomUUID().toString();
    String printed = call("ADD", "c1", pod, conf);
    return Fields.of(JsonReader.read(printed.getBytes(StandardCharsets.UTF_8)));
  }

  /** A new ADD that fails. */
  public CniException addFails(VethNode.PodNetns pod, String conf) {
    return fails(() -> add(pod, conf));
  }

  /** What a call fails with. */
  public static CniException fails(ThrowingCallable call) {
    return catchThrowableOfType(CniException.class, call);
  }

  /** What the kernel refuses. */
  public static LinuxException failsInKernel(ThrowingCallable call) {
    return catchThrowableOfType(LinuxException.class, call);
  }

  public void del(VethNode.PodNetns pod, String conf) throws Exception {
    String unused = call("DEL", "c1", pod, conf);
  }

  @Override
  public Frame.Ran run(String ipamPlugin, String command, Optional<byte[]> stdin) {
    told.add(command);
    return ipam.apply(command);
  }

  @Override
  public void requirePresent() {}

  @Override
  public Fd open(String path) throws IOException {
    return Fd.open(Path.of(path), Fd.READ_ONLY);
  }
}
