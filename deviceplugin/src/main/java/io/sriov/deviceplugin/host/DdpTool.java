package io.sriov.deviceplugin.host;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Intel's {@code ddptool}, which prints {@code {"DDPInventory":{"DDPpackage":{"name":"…"}}}} of a
 * function. Our image has none; an image made from ours may add it.
 */
public final class DdpTool {

  private static final Logger log = LoggerFactory.getLogger(DdpTool.class);
  private static final int MOST_SECONDS = 10;
  private static final String NAME = "/DDPInventory/DDPpackage/name";

  private final String program;

  /**
   * @param program path, or a name that is looked up in the search path
   */
  public DdpTool(String program) {
    this.program = program;
  }

  /** Profile of the function at {@code address}; empty when the tool tells none or is not there. */
  String profile(String address) {
    try {
      var process =
          new ProcessBuilder(program, "-l", "-a", "-j", "-s", address)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        process.getOutputStream().close();
        // A tool that hangs is ended, which closes its output.
        var unused =
            process
                .onExit()
                .orTimeout(MOST_SECONDS, TimeUnit.SECONDS)
                .exceptionally(_ -> process.destroyForcibly());
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? nameIn(output) : "";
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      log.debug("{}: no DDP profile: {}", address, e.getMessage());
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  static String nameIn(String json) throws IOException {
    var name = "";
    try (var parser = new JsonFactory().createParser(json)) {
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING
            && parser.getParsingContext().pathAsPointer().toString().equals(NAME)) {
          name = parser.getText();
        }
      }
    }
    return name;
  }
}
