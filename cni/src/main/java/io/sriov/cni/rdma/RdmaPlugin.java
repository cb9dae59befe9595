package io.sriov.cni.rdma;

import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonWriter;
import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Journal;
import io.sriov.cni.plugin.Phase;
import io.sriov.cni.plugin.Plugin;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.plugin.RdmaHardware;
import io.sriov.cni.plugin.StateFolder;
import io.sriov.cni.plugin.ValidAttachments;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Command;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.Caller;
import io.sriov.cni.wire.ConnectionLost;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rdma plugin. */
public final class RdmaPlugin implements Plugin {

  /** The executable's name, and the {@code type} of a configuration. */
  public static final String NAME = "rdma";

  /** Keys of a configuration that make a difference, rightly spelt (spec 04 §5.5). */
  public static final Set<String> SETTINGS =
      Set.of("deviceID", "prevResult", "args", "logLevel", "logFile");

  private static final Logger LOG = LoggerFactory.getLogger(RdmaPlugin.class);

  private final RdmaHost host;

  /**
   * The plugin on a host.
   *
   * @param netns where RDMA devices are while no pod has them
   * @param sysfs of that namespace
   * @param vfs asked for the addresses of VFs
   * @param stateFolder {@code /var/lib/cni/rdma} of the host
   * @param lockFolder {@code /run/cni/rdma} of the host
   * @param lockTimeout longest wait for another call on the same device
   */
  public RdmaPlugin(
      NetNamespace netns,
      Sysfs sysfs,
      VfHardware vfs,
      RdmaHardware rdma,
      Path stateFolder,
      Path lockFolder,
      Duration lockTimeout) {
    this.host =
        new RdmaHost(
            netns,
            sysfs,
            vfs,
            rdma,
            new StateFolder(stateFolder),
            new StateFolder(lockFolder),
            lockTimeout);
  }

  @Override
  public Set<String> settings() {
    return SETTINGS;
  }

  @Override
  public void removeLeftovers() throws IOException {
    host.states().removeLeftovers();
  }

  /** Forgets pods that went while nobody served: the kernel gave their devices back. */
  @Override
  public void sweep() {
    try {
      if (!host.rdma().isExclusive()) {
        return;
      }
      for (String file : host.states().names()) {
        forgetIfBack(file);
      }
    } catch (IOException e) {
      LOG.warn("state files of rdma are left as they are", e);
    }
  }

  private void forgetIfBack(String file) throws IOException {
    if (!(host.read(file) instanceof RdmaHost.Stored.Present(RdmaState seen))) {
      return;
    }
    try (var lock = host.lock(seen.moved().deviceId(), Duration.ZERO)) {
      assert lock != null;
      if (host.read(file) instanceof RdmaHost.Stored.Present(RdmaState state)
          && state.isIn(Phase.ATTACHED)
          && host.rdma().isIn(host.netns(), state.moved().inPod())) {
        LOG.info("the pod of {} went while nobody served", file);
        host.states().remove(file);
      }
    } catch (LinuxException e) {
      // Locked by a call, which then knows better.
      LOG.info("state file {} of rdma is left as it is: {}", file, e.getMessage());
    }
  }

  /** None: the VF is that of the plugin before. */
  @Override
  public Map<String, String> attachments() {
    return Map.of();
  }

  @Override
  public String run(String id, Request request, PodNamespace netns, Caller caller, CallLog log)
      throws CniException, ConnectionLost {
    Command command = request.environment().command();
    RdmaCall call = new RdmaCall(id, request, netns, caller, host, log);
    try {
      if (wantsDebug(request.config())) {
        log.debugToo();
      }
      switch (command) {
        case ADD -> {
          return JsonWriter.indented(new RdmaAdd(call).run());
        }
        case DEL -> del(call);
        case CHECK -> check(call);
        case GC -> gc(call);
        case STATUS -> status();
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
    try {
      new RdmaAdd(new RdmaCall(id, request, netns, caller, host, log)).takeBack();
    } catch (IOException e) {
      log.error("the ADD is not taken back, a DEL will do it: {}", e.getMessage());
    }
  }

  /** Of a configuration that is wrong elsewhere, no: it must not keep a DEL from its work. */
  private static boolean wantsDebug(Json config) {
    try {
      return RdmaConf.of(config).debug();
    } catch (CniException e) {
      return false;
    }
  }

  /** Once it succeeded it succeeds again. */
  private void del(RdmaCall call) throws CniException, IOException {
    call.refuseHost();
    switch (host.read(call.file())) {
      case RdmaHost.Stored.Missing() ->
          call.log().info("DEL of {}, which has no RDMA device", call.file());
      case RdmaHost.Stored.Unreadable(String reason) ->
          call.log()
              .warn(
                  "state file {} cannot be read ({}): moved to {}; the kernel gives the RDMA device"
                      + " back when the pod's namespace ends",
                  call.file(),
                  reason,
                  host.states().quarantine(call.file()));
      case RdmaHost.Stored.Present(RdmaState seen) -> {
        try (var lock = host.lock(seen.moved().deviceId(), host.lockTimeout())) {
          assert lock != null;
          // Another DEL may have been here while this one waited.
          if (host.read(call.file()) instanceof RdmaHost.Stored.Present(RdmaState state)) {
            end(call, call.file(), state, call.netns());
          }
        }
      }
    }
  }

  /** Under the device's lock. */
  private void end(RdmaCall call, String file, RdmaState state, PodNamespace given)
      throws CniException, IOException {
    if (given instanceof PodNamespace.Open(NetNamespace pod)) {
      bringBack(state, pod);
    } else {
      // The runtime may have forgotten a namespace that is alive.
      String path = state.own().map(Journal::netns).orElse("");
      try (PodNamespace recorded = PodNamespace.at(path, call.caller())) {
        if (recorded instanceof PodNamespace.Open(NetNamespace pod)) {
          bringBack(state, pod);
        }
      }
    }
    host.states().remove(file);
  }

  private void bringBack(RdmaState state, NetNamespace pod) throws CniException {
    try {
      host.bringBack(state, pod);
    } catch (LinuxException e) {
      throw CniException.internal(
          "RDMA device " + state.moved().inPod() + " is not moved back to the host", e);
    }
  }

  private void check(RdmaCall call) throws CniException, IOException {
    if (!(host.read(call.file()) instanceof RdmaHost.Stored.Present(RdmaState state))) {
      return;
    }
    NetNamespace pod = call.netns().require(call.environment().netns());
    if (!state.isIn(Phase.ATTACHED)) {
      throw CniException.internal("the ADD of " + call.file() + " was not completed");
    }
    if (!host.rdma().isIn(pod, state.moved().inPod())) {
      throw CniException.internal("RDMA device " + state.moved().inPod() + " is not in the pod");
    }
  }

  /**
   * Ends attachments of this network that the runtime does not list. A file of the Go plugin does
   * not tell for certain whose it is, for a network's name may contain what separates it from the
   * container's; it is left to its DEL.
   */
  private void gc(RdmaCall call) throws CniException, IOException {
    Optional<ValidAttachments> valid = ValidAttachments.in(call.request().config());
    List<String> failures = new ArrayList<>();
    if (valid.isPresent()) {
      for (String file : host.states().names()) {
        try {
          endUnlessValid(call, file, valid.get());
        } catch (CniException | LinuxException e) {
          failures.add(file + ": " + e.getMessage());
        }
      }
    }
    if (!failures.isEmpty()) {
      throw CniException.internal(String.join("; ", failures));
    }
  }

  private void endUnlessValid(RdmaCall call, String file, ValidAttachments valid)
      throws CniException, IOException {
    if (!(host.read(file) instanceof RdmaHost.Stored.Present(RdmaState seen))
        || seen.own().isEmpty()) {
      return;
    }
    String attachment =
        ValidAttachments.id(seen.own().get().containerId(), seen.own().get().ifname());
    if (valid.contains(attachment)
        || !file.equals(RdmaCall.file(call.request().name(), attachment))) {
      return;
    }
    try (var lock = host.lock(seen.moved().deviceId(), host.lockTimeout())) {
      assert lock != null;
      if (host.read(file) instanceof RdmaHost.Stored.Present(RdmaState state)) {
        end(call, file, state, new PodNamespace.None());
      }
    }
  }

  private void status() throws CniException, LinuxException {
    if (!host.rdma().isExclusive()) {
      throw new CniException(
          CniException.NOT_AVAILABLE,
          "RDMA devices of this node cannot be moved into pods",
          host.rdma().mode().isEmpty()
              ? "the kernel tells no RDMA mode: is ib_core loaded?"
              : "set rdmaMode exclusive in a SriovNetworkPoolConfig");
    }
  }
}
