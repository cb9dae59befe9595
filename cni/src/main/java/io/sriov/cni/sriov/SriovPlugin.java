package io.sriov.cni.sriov;

import io.sriov.cni.json.JsonWriter;
import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Moves;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Plugin;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Command;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Caller;
import io.sriov.cni.wire.ConnectionLost;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The sriov plugin. Calls on different VFs run at the same time, calls on one VF one by one. */
public final class SriovPlugin implements Plugin {

  /** The executable's name, and the {@code type} of a configuration. */
  public static final String NAME = "sriov";

  /** Keys of a configuration that make a difference, rightly spelt (spec 04 §2.1). */
  public static final Set<String> SETTINGS =
      Set.of(
          "deviceID",
          "vlan",
          "vlanQoS",
          "vlanProto",
          "mac",
          "min_tx_rate",
          "max_tx_rate",
          "spoofchk",
          "trust",
          "link_state",
          "ipam",
          "capabilities",
          "runtimeConfig",
          "logLevel",
          "logFile");

  private final Host host;

  private SriovPlugin(Host host) {
    this.host = host;
  }

  /**
   * The plugin on a host.
   *
   * @param netns where VFs are while no pod has them
   * @param sysfs of that namespace
   * @param stateFolder {@code /var/lib/cni/sriov} of the host
   * @param lockTimeout longest wait for another call on the same VF
   * @param settleTimeout longest wait for a VF to take an address, or to come back from a namespace
   *     that is gone
   */
  public static SriovPlugin on(
      NetNamespace netns,
      Sysfs sysfs,
      VfHardware hardware,
      Path stateFolder,
      Duration lockTimeout,
      Duration settleTimeout) {
    return new SriovPlugin(
        new Host(
            netns,
            sysfs,
            hardware,
            new StateFiles(stateFolder),
            new Moves(),
            lockTimeout,
            settleTimeout));
  }

  @Override
  public Set<String> settings() {
    return SETTINGS;
  }

  @Override
  public void removeLeftovers() throws IOException {
    host.files().removeLeftovers();
  }

  @Override
  public void sweep() {
    new Sweep(host).run(_ -> true);
  }

  @Override
  public void restore(String vf) {
    new Sweep(host).run(vf::equals);
  }

  @Override
  public Map<String, String> attachments() throws IOException {
    Map<String, String> containers = new HashMap<>();
    for (StateFiles.Named named : host.files().all()) {
      Attachment attachment = named.attachment();
      if (!attachment.isIn(Phase.RELEASED)) {
        // A file of the Go plugin tells the container only by its name: ID-INTERFACE.
        containers.put(
            attachment.deviceId(), attachment.own().map(Journal::containerId).orElse(named.file()));
      }
    }
    return Map.copyOf(containers);
  }

  @Override
  public String run(String id, Request request, PodNamespace netns, Caller caller, CallLog log)
      throws CniException, ConnectionLost {
    Command command = request.environment().command();
    try (RouteSocket links = host.links()) {
      Call call = new Call(id, request, netns, caller, host, links, log);
      switch (command) {
        case ADD -> {
          return JsonWriter.indented(new Add(call).run());
        }
        case DEL -> new Del(call).run();
        case CHECK -> new Check(call).run();
        case GC -> new Gc(call).run();
        case STATUS -> status(call);
        case VERSION ->
            throw new CniException(
                CniException.INVALID_ENVIRONMENT, "VERSION is answered by the forwarder");
      }
      return "";
    } catch (ConnectionLost e) {
      throw e;
    } catch (LinuxException e) {
      throw CniException.internal(command + " failed", e);
    } catch (IOException e) {
      throw CniException.internal(command + " failed on a file", e);
    }
  }

  @Override
  public void takeBack(String id, Request request, PodNamespace netns, Caller caller, CallLog log) {
    try (RouteSocket links = host.links()) {
      new Repair(new Call(id, request, netns, caller, host, links, log)).takeBack();
    } catch (IOException e) {
      log.error("the ADD is not taken back, a DEL will do it: {}", e.getMessage());
    }
  }

  /** Ready if the plugin runs and its IPAM plugin says so. */
  private static void status(Call call) throws CniException, IOException {
    NetConf conf = Add.decoded(call.request().config());
    if (!conf.ipamType().isEmpty()) {
      new Ipam(call.caller(), conf.ipamType()).tell("STATUS");
    }
  }
}
