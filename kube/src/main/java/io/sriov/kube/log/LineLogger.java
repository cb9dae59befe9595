package io.sriov.kube.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/** Writes each enabled call as a {@link LogLine}. */
final class LineLogger extends LegacyAbstractLogger implements LoggingEventAware {
  private static final long serialVersionUID = 1L;

  LineLogger(String name) {
    this.name = name;
  }

  @Override
  public void log(LoggingEvent event) {
    var line = new LogLine(event.getLevel(), name);
    line.message(formatted(event.getMessage(), event.getArgumentArray()));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        line.pair(pair.key, pair.value);
      }
    }
    line.thrown(event.getThrowable()).write();
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    new LogLine(level, name).message(formatted(message, arguments)).thrown(thrown).write();
  }

  private static String formatted(@Nullable String message, Object @Nullable [] arguments) {
    return String.valueOf(MessageFormatter.basicArrayFormat(message, arguments));
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  public boolean isTraceEnabled() {
    return Logging.writes(name, Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return Logging.writes(name, Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return Logging.writes(name, Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return Logging.writes(name, Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return true;
  }
}
