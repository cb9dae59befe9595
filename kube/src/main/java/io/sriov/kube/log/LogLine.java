package io.sriov.kube.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * One JSON object a line: {@code time} (UTC, ms), {@code level}, {@code logger}, {@code msg}, then
 * the pairs given by the caller, then {@code error} with the stack trace.
 */
final class LogLine {

  private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

  private static volatile @Nullable OutputStream copy;

  private final StringBuilder json = new StringBuilder(160);

  LogLine(Level level, String logger) {
    json.append("{\"time\":\"").append(Instant.now().truncatedTo(ChronoUnit.MILLIS)).append('"');
    pair("level", level.name().toLowerCase(Locale.ROOT));
    pair("logger", logger);
  }

  static void copyTo(OutputStream stream) {
    copy = stream;
  }

  LogLine message(String message) {
    return pair("msg", message);
  }

  LogLine pair(String key, @Nullable Object value) {
    json.append(',');
    quote(key);
    json.append(':');
    switch (value) {
      case null -> json.append("null");
      case Integer number -> json.append(number.intValue());
      case Long number -> json.append(number.longValue());
      case Boolean bool -> json.append(bool.booleanValue());
      default -> quote(value.toString());
    }
    return this;
  }

  LogLine thrown(@Nullable Throwable thrown) {
    if (thrown == null) {
      return this;
    }
    var trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    return pair("error", trace.toString().strip());
  }

  void write() {
    var bytes = (this + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (ERR) {
      write(ERR, bytes);
      var second = copy;
      if (second != null) {
        write(second, bytes);
      }
    }
  }

  private static void write(OutputStream stream, byte[] bytes) {
    try {
      stream.write(bytes);
    } catch (IOException e) {
      // Nowhere left to say it: standard error is closed, or the copy's disk is full.
      return;
    }
  }

  @Override
  public String toString() {
    return json + "}";
  }

  private void quote(String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append("\\u00").append(Character.forDigit(c >> 4, 16));
            json.append(Character.forDigit(c & 15, 16));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
