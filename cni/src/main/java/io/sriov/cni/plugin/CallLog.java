package io.sriov.cni.plugin;

import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonWriter;
import io.sriov.cni.protocol.Environment;
import io.sriov.cni.protocol.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.MessageFormatter;

/**
 * What happens in one call: in the daemon's log, and where the network's {@code logFile} and {@code
 * logLevel} say, in the format of the Go plugin sriov (spec 04 §9.2). Without a file the lines go
 * to the forwarder's stderr.
 */
public final class CallLog {

  private static final Logger LOG = LoggerFactory.getLogger(CallLog.class);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX");

  /** From the most severe on. */
  enum Level {
    PANIC,
    ERROR,
    WARNING,
    INFO,
    DEBUG;

    static Level of(String word) {
      for (Level level : values()) {
        if (level.name().equals(word.toUpperCase(Locale.ROOT))) {
          return level;
        }
      }
      return INFO;
    }
  }

  private Level most;
  private final String file;
  private final Path hostRoot;
  private final String suffix;
  private final StringBuilder lines = new StringBuilder();

  private CallLog(Level most, String file, Path hostRoot, String suffix) {
    this.most = most;
    this.file = file;
    this.hostRoot = hostRoot;
    this.suffix = suffix;
  }

  /**
   * The log of a call; a {@code logLevel} or {@code logFile} of another type is an error elsewhere.
   *
   * @param plugin its name in {@code CNI_PATH}
   */
  public static CallLog of(String plugin, Request request, Path hostRoot) {
    String level = "";
    String file = "";
    try {
      Fields fields = Fields.of(request.config());
      level = fields.text("logLevel");
      file = fields.text("logFile");
    } catch (JsonException e) {
      LOG.debug("the call's log is as if nothing were said of it: {}", e.getMessage());
    }
    Environment environment = request.environment();
    String suffix =
        " cniName="
            + quoted(plugin + "-cni")
            + pair("containerID", environment.containerId())
            + pair("netns", environment.netns())
            + pair("ifname", environment.ifname());
    return new CallLog(Level.of(level), file, hostRoot, suffix);
  }

  /** The log of what is done without a call: the daemon's only. */
  public static CallLog ofDaemon() {
    return new CallLog(Level.PANIC, "", Path.of("/"), "");
  }

  /** Logs more than {@code logLevel} says. */
  public void debugToo() {
    most = Level.DEBUG;
  }

  private static String pair(String key, String value) {
    return value.isEmpty() ? "" : " " + key + "=" + quoted(value);
  }

  private static String quoted(String text) {
    return JsonWriter.compact(Json.of(text));
  }

  public void debug(String format, @Nullable Object... arguments) {
    String text = text(format, arguments);
    LOG.debug("{}{}", text, suffix);
    add(Level.DEBUG, text);
  }

  public void info(String format, @Nullable Object... arguments) {
    String text = text(format, arguments);
    LOG.info("{}{}", text, suffix);
    add(Level.INFO, text);
  }

  public void warn(String format, @Nullable Object... arguments) {
    String text = text(format, arguments);
    LOG.warn("{}{}", text, suffix);
    add(Level.WARNING, text);
  }

  public void error(String format, @Nullable Object... arguments) {
    String text = text(format, arguments);
    LOG.error("{}{}", text, suffix);
    add(Level.ERROR, text);
  }

  private static String text(String format, @Nullable Object[] arguments) {
    return MessageFormatter.basicArrayFormat(format, arguments);
  }

  private void add(Level level, String text) {
    if (level.compareTo(most) <= 0) {
      lines
          .append("time=\"")
          .append(TIME.format(OffsetDateTime.now()))
          .append("\" level=\"")
          .append(level.name().toLowerCase(Locale.ROOT))
          .append("\" msg=")
          .append(quoted(text))
          .append(suffix)
          .append('\n');
    }
  }

  /**
   * Writes the lines to the network's file.
   *
   * @return what belongs on stderr: the lines if there is no file, a complaint if it cannot be used
   */
  public String close() {
    if (file.isEmpty()) {
      return lines.toString();
    }
    try {
      new LogFile(hostRoot, file).append(lines.toString());
      return "";
    } catch (IOException e) {
      LOG.warn("logFile {} cannot be written: {}", file, e.getMessage());
      return "logFile " + file + " cannot be written: " + e.getMessage() + "\n";
    }
  }
}
