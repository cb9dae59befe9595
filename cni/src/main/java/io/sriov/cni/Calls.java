package io.sriov.cni;

import io.sriov.cni.plugin.CallLog;
import io.sriov.cni.plugin.Misspelling;
import io.sriov.cni.plugin.Plugin;
import io.sriov.cni.plugin.PodNamespace;
import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Command;
import io.sriov.cni.protocol.Request;
import io.sriov.cni.wire.ConnectionLost;
import io.sriov.cni.wire.Conversation;
import io.sriov.cni.wire.Frame;
import io.sriov.linux.LinuxException;
import io.sriov.linux.unix.UnixConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls: checks one, hands it to its plugin, tells what came of it. */
final class Calls {

  /** Variable of a forwarder that tells when it has printed the answer. */
  private static final String TELLS_PRINTED = "SRIOV_CNI_TELLS_PRINTED";

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

  private final CniSettings settings;
  private final Plugins plugins;
  private final CniServer.CallListener listener;

  Calls(CniSettings settings, Plugins plugins, CniServer.CallListener listener) {
    this.settings = settings;
    this.plugins = plugins;
    this.listener = listener;
  }

  /** Answers the call that a connection is about, and closes it. */
  void serve(UnixConnection connection) {
    try (Conversation conversation = new Conversation(connection)) {
      int uid = connection.peer().uid();
      if (uid != 0) {
        LOG.warn("a CNI call by user {} is refused: only root attaches VFs", uid);
        return;
      }
      answer(conversation);
    } catch (IOException e) {
      LOG.info("a CNI call was cut off: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("a CNI call failed", e);
    }
  }

  private void answer(Conversation conversation) throws IOException {
    Frame.Call call = conversation.call();
    try (PodNamespace netns = netnsOf(call, conversation)) {
      conversation.accept();
      long began = System.nanoTime();
      Answer answer = answer(call, netns, conversation);
      listener.ended(
          call.variables().getOrDefault("CNI_COMMAND", ""),
          answer.code,
          Duration.ofNanos(System.nanoTime() - began));
      if (!isPrinted(answer, call, conversation) && answer.attached != null) {
        takeBack(answer.attached, call, netns, conversation);
      }
    }
  }

  /**
   * What to print.
   *
   * @param code CNI error code, −1 for success
   * @param attached the ADD that succeeded, if it is one
   */
  private record Answer(int code, String stdout, String stderr, @Nullable Attached attached) {}

  private record Attached(Plugins.Named plugin, Request request) {}

  private Answer answer(Frame.Call call, PodNamespace netns, Conversation conversation)
      throws ConnectionLost {
    String command = call.variables().getOrDefault("CNI_COMMAND", "");
    Plugins.Named plugin;
    Request request;
    try {
      request = Request.of(call.variables(), call.stdin());
      plugin = plugins.of(call.variables(), request.config());
    } catch (CniException e) {
      LOG.info("{} is refused: {}", command, described(e));
      return new Answer(e.code(), e.document(""), "", null);
    }
    CallLog log = CallLog.of(plugin.name(), request, settings.hostRoot());
    boolean adds = request.environment().command() == Command.ADD;
    try {
      if (adds) {
        tellMisspelt(plugin.plugin(), request, log);
      }
      String stdout = carryOut(plugin.plugin(), call, request, netns, conversation, log);
      return new Answer(-1, stdout, log.close(), adds ? new Attached(plugin, request) : null);
    } catch (CniException e) {
      log.error("{} failed: {}", command, described(e));
      return new Answer(e.code(), e.document(request.cniVersion()), log.close(), null);
    } catch (ConnectionLost e) {
      log.warn("{} is given up: {}", command, e.getMessage());
      String unused = log.close();
      throw e;
    }
  }

  private static boolean isPrinted(Answer answer, Frame.Call call, Conversation conversation)
      throws IOException {
    try {
      conversation.done(answer.code < 0 ? 0 : 1, bytes(answer.stdout), bytes(answer.stderr));
    } catch (LinuxException e) {
      LOG.info("the answer to a CNI call reached nobody: {}", e.getMessage());
      return false;
    }
    return answer.attached == null
        || conversation.awaitPrinted(call.variables().containsKey(TELLS_PRINTED));
  }

  private void takeBack(
      Attached attached, Frame.Call call, PodNamespace netns, Conversation conversation) {
    CallLog log = CallLog.of(attached.plugin.name(), attached.request, settings.hostRoot());
    log.warn("the forwarder was killed before it printed the result: the ADD is taken back");
    attached.plugin.plugin().takeBack(call.id(), attached.request, netns, conversation, log);
    String unused = log.close();
  }

  private String carryOut(
      Plugin plugin,
      Frame.Call call,
      Request request,
      PodNamespace netns,
      Conversation caller,
      CallLog log)
      throws CniException, ConnectionLost {
    try {
      long began = System.nanoTime();
      String stdout = plugin.run(call.id(), request, netns, caller, log);
      log.info(
          "{} took {} µs", request.environment().command(), (System.nanoTime() - began) / 1000);
      return stdout;
    } catch (RuntimeException e) {
      LOG.error("a CNI call failed in a way nobody foresaw", e);
      throw CniException.internal(
          "the CNI server failed in a way nobody foresaw; see the log of"
              + " sriov-network-config-daemon",
          e);
    }
  }

  /** When a pod is attached, so that a network is told of once for each of its pods. */
  private void tellMisspelt(Plugin plugin, Request request, CallLog log) {
    for (Misspelling key : Misspelling.in(request.config(), plugin.settings())) {
      log.warn("network {}: {}", request.name(), key.advice());
      listener.misspelt(request.name(), request.environment().pod(), key);
    }
  }

  private static PodNamespace netnsOf(Frame.Call call, Conversation conversation) {
    return switch (call.netns()) {
      case NONE -> new PodNamespace.None();
      case FAILED -> PodNamespace.failed(call.errno());
      case OPEN ->
          conversation
              .takeDescriptor()
              .<PodNamespace>map(PodNamespace::of)
              .orElseGet(() -> new PodNamespace.Unusable("the forwarder sent no descriptor"));
    };
  }

  private static String described(CniException e) {
    return "code "
        + e.code()
        + ", "
        + e.getMessage()
        + (e.details().isEmpty() ? "" : ", " + e.details());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
