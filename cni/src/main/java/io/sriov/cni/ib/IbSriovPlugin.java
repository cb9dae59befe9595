package io.sriov.cni.ib;

import io.sriov.cni.json.JsonWriter;
import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.HostLinks;
import io.sriov.cni.plugin.Ipam;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Plugin;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.RdmaHardware;
import io.sriov.cni.plugin.StateFolder;
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

/** The ib-sriov plugin. Calls on one VF are carried out one by one. */
public final class IbSriovPlugin implements Plugin {

  /** The executable's name, and the {@code type} of a configuration. */
  public static final String NAME = "ib-sriov";

  /** Keys of a configuration that make a difference, rightly spelt (spec 04 §5.1). */
  public static final Set<String> SETTINGS =
      Set.of(
          "deviceID",
          "pkey",
          "link_state",
          "rdmaIsolation",
          "ibKubernetesEnabled",
          "vfioPciMode",
          "ipam",
          "capabilities",
          "runtimeConfig",
          "args",
          "logLevel",
          "logFile");

  private final Host host;

  private IbSriovPlugin(Host host) {
    this.host = host;
  }

  /**
   * The plugin on a host.
   *
   * @param netns where VFs are while no pod has them
   * @param sysfs of that namespace
   * @param stateFolder {@code /var/lib/cni/ib-sriov} of the host
   * @param lockFolder {@code /run/cni/ib-sriov} of the host
   * @param lockTimeout longest wait for another call
   * @param settleTimeout longest wait for a VF to come back from a namespace that is gone
   * @param bindTimeout longest wait for a netdev that comes anew
   */
  public static IbSriovPlugin on(
      NetNamespace netns,
      Sysfs sysfs,
      VfHardware hardware,
      IbHardware infiniBand,
      RdmaHardware rdma,
      Path stateFolder,
      Path lockFolder,
      Duration lockTimeout,
      Duration settleTimeout,
      Duration bindTimeout) {
    return new IbSriovPlugin(
        new Host(
            netns,
            sysfs,
            hardware,
            infiniBand,
            rdma,
            new StateFiles(new StateFolder(stateFolder)),
            new StateFolder(lockFolder),
            lockTimeout,
            settleTimeout,
            bindTimeout));
  }

  @Override
  public Set<String> settings() {
    return SETTINGS;
  }

  @Override
  public void removeLeftovers() throws IOException {
    host.files().folder().removeLeftovers();
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
      if (!named.attachment().isIn(Phase.RELEASED)) {
        // A file of the Go plugin tells the container only by its name: ID-INTERFACE.
        containers.put(
            named.attachment().deviceId(),
            named.attachment().own().map(Journal::containerId).orElse(named.file()));
      }
    }
    return Map.copyOf(containers);
  }

  @Override
  public String run(String id, Request request, PodNamespace netns, Caller caller, CallLog log)
      throws CniException, ConnectionLost {
    Command command = request.environment().command();
    try (RouteSocket links = HostLinks.open(host.netns())) {
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
    try (RouteSocket links = HostLinks.open(host.netns())) {
      new Repair(new Call(id, request, netns, caller, host, links, log)).takeBack();
    } catch (IOException e) {
      log.error("the ADD is not taken back, a DEL will do it: {}", e.getMessage());
    }
  }

  /** Ready if the node can do what the network asks for, and its IPAM plugin says so. */
  private void status(Call call) throws CniException, IOException {
    Conf conf = Conf.decoded(call.request().config());
    if (conf.rdmaIsolation() && !host.rdma().isExclusive()) {
      throw new CniException(
          CniException.NOT_AVAILABLE,
          "rdmaIsolation is set, but RDMA devices are shared by all network namespaces of this"
              + " node");
    }
    if (!conf.ipamType().isEmpty()) {
      new Ipam(call.caller(), conf.ipamType()).tell("STATUS");
    }
  }
}
