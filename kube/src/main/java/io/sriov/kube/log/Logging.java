package io.sriov.kube.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** How much is logged; changes take effect at once. */
public final class Logging {

  private static final String OURS = "io.sriov.";

  /** Warns twice, with stack traces, of every watch that ends while the API server is away. */
  private static final String WEB_SOCKETS = "io.fabric8.kubernetes.client.jdkhttp.JdkWebSocketImpl";

  private static final Logger log = LoggerFactory.getLogger(Logging.class);

  private static volatile int verbosity;

  private Logging() {}

  /**
   * Sends what the JDK and gRPC log through java.util.logging the same way. Called once, first in
   * {@code main}.
   */
  public static void start() {
    LogManager.getLogManager().reset();
    java.util.logging.Logger.getLogger("").addHandler(new FromJavaLogging());
    adjustJavaLogging();
  }

  /**
   * Sets the verbosity of {@code SriovOperatorConfig.spec.logLevel}: 0 what happened, 1 also what
   * is looked at, 2 everything. Libraries write warnings, above 0 also what happened, never more:
   * the client alone would drown the rest with a line for every request.
   *
   * @throws IllegalArgumentException for other values
   */
  public static void verbosity(int level) {
    if (level < 0 || level > 2) {
      throw new IllegalArgumentException("log level " + level + " is not 0, 1 or 2");
    }
    int before = verbosity;
    if (before != level) {
      verbosity = level;
      adjustJavaLogging();
      log.atInfo()
          .addKeyValue("new-level", level)
          .addKeyValue("current-level", before)
          .log("Set log verbose level");
    }
  }

  /**
   * From now on also appends every line to {@code file}, whose folder is created if missing.
   *
   * @throws IOException if the file cannot be opened
   */
  public static void alsoInto(Path file) throws IOException {
    var folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    LogLine.copyTo(
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
  }

  /** Whether a line of {@code logger} at {@code level} is written now. */
  static boolean writes(String logger, Level level) {
    return level.toInt() >= least(logger, verbosity).toInt();
  }

  private static Level least(String logger, int verbosity) {
    if (logger.startsWith(OURS)) {
      return switch (verbosity) {
        case 0 -> Level.INFO;
        case 1 -> Level.DEBUG;
        default -> Level.TRACE;
      };
    }
    if (logger.equals(WEB_SOCKETS)) {
      return Level.ERROR;
    }
    return verbosity == 0 ? Level.WARN : Level.INFO;
  }

  /** java.util.logging filters before it formats, so it has to know the level itself. */
  private static void adjustJavaLogging() {
    java.util.logging.Logger.getLogger("")
        .setLevel(verbosity == 0 ? java.util.logging.Level.WARNING : java.util.logging.Level.INFO);
  }

  private static final class FromJavaLogging extends Handler {
    @Override
    public void publish(LogRecord entry) {
      var name = entry.getLoggerName() == null ? "" : entry.getLoggerName();
      var level = level(entry.getLevel().intValue());
      if (writes(name, level)) {
        var message =
            entry.getParameters() == null || entry.getParameters().length == 0
                ? String.valueOf(entry.getMessage())
                : formatted(String.valueOf(entry.getMessage()), entry.getParameters());
        new LogLine(level, name).message(message).thrown(entry.getThrown()).write();
      }
    }

    private static String formatted(String pattern, Object[] parameters) {
      try {
        return new java.text.MessageFormat(pattern, Locale.ROOT).format(parameters);
      } catch (IllegalArgumentException e) {
        return pattern;
      }
    }

    private static Level level(int value) {
      if (value >= java.util.logging.Level.SEVERE.intValue()) {
        return Level.ERROR;
      }
      if (value >= java.util.logging.Level.WARNING.intValue()) {
        return Level.WARN;
      }
      if (value >= java.util.logging.Level.INFO.intValue()) {
        return Level.INFO;
      }
      return value >= java.util.logging.Level.FINE.intValue() ? Level.DEBUG : Level.TRACE;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
