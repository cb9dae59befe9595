package io.sriov.cni.plugin;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.IpamResult;
import io.sriov.cni.wire.Caller;
import io.sriov.cni.wire.ConnectionLost;
import io.sriov.cni.wire.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The IPAM plugin of a network, run by the forwarder as the runtime would run it (spec 04 §1.10).
 */
public final class Ipam {

  private final Caller caller;
  private final String type;
  private boolean ran;
  private boolean gave;

  public Ipam(Caller caller, String type) {
    this.caller = caller;
    this.type = type;
  }

  /** Whether the plugin was, or may have been, started. */
  public boolean ran() {
    return ran;
  }

  /** Whether it gave, or may have given, addresses. */
  public boolean gave() {
    return gave;
  }

  /** Asks for addresses; every error becomes one of ours, with the plugin's words. */
  public IpamResult add(String cniVersion) throws CniException, IOException {
    byte[] stdout;
    gave = true;
    try {
      stdout = run("ADD");
    } catch (CniException e) {
      gave = false;
      throw CniException.internal("IPAM plugin " + type + ": " + described(e));
    }
    IpamResult result;
    try {
      result = IpamResult.parse(JsonReader.read(stdout), cniVersion);
    } catch (JsonException | CniException e) {
      throw CniException.internal("IPAM plugin " + type + " printed no usable result", e);
    }
    if (result.ips().isEmpty()) {
      throw CniException.internal("IPAM plugin " + type + " returned no IP address");
    }
    return result;
  }

  /**
   * Gives the addresses back.
   *
   * @param cutOff the ADD was, so that this plugin may never have run
   * @param file the attachment, for the log
   * @return what kept them from being given back
   */
  public Optional<CniException> giveBack(boolean cutOff, String file, CallLog log)
      throws IOException {
    try {
      tell("DEL");
    } catch (CniException e) {
      if (ran || !cutOff) {
        return Optional.of(e);
      }
      log.warn("addresses of {} are not released: {}", file, e.getMessage());
    } catch (ConnectionLost e) {
      return Optional.of(CniException.internal("the IPAM plugin cannot be run", e));
    }
    return Optional.empty();
  }

  /** Gives the addresses back, or checks them; the plugin's own error reaches the runtime. */
  public void tell(String command) throws CniException, IOException {
    byte[] unused = run(command);
  }

  private byte[] run(String command) throws CniException, IOException {
    ran = true;
    Frame.Ran ended = caller.run(type, command, Optional.empty());
    ran = ended.outcome() == Frame.Outcome.RAN;
    switch (ended.outcome()) {
      case NOT_FOUND ->
          throw CniException.internal("IPAM plugin " + type + " is in no folder of CNI_PATH");
      case NOT_STARTED ->
          throw CniException.internal(
              "IPAM plugin " + type + " cannot be started: errno " + ended.errno());
      case RAN -> {}
    }
    if (ended.status() != 0) {
      throw failure(ended);
    }
    if (ended.cut()) {
      throw CniException.internal("IPAM plugin " + type + " printed more than 1 MiB");
    }
    return ended.stdout();
  }

  private CniException failure(Frame.Ran ended) {
    if (ended.stdout().length == 0) {
      String words = new String(ended.stderr(), StandardCharsets.UTF_8).strip();
      return new CniException(
          0, "IPAM plugin " + type + " failed with status " + ended.status() + ": " + words);
    }
    try {
      Fields error = Fields.of(JsonReader.read(ended.stdout()));
      return new CniException(
          error.optionalInteger("code").orElse(0L).intValue(),
          error.text("msg"),
          error.text("details"));
    } catch (JsonException e) {
      return CniException.internal(
          "IPAM plugin " + type + " failed with status " + ended.status() + " and no error", e);
    }
  }

  private static String described(CniException e) {
    return e.details().isEmpty() ? e.getMessage() + "" : e.getMessage() + "; " + e.details();
  }
}
