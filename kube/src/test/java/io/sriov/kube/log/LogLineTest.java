package io.sriov.kube.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogLineTest {

  @AfterEach
  void quiet() {
    Logging.verbosity(0);
  }

  @Test
  void isOneJsonObjectOnOneLineWhateverTheText() throws Exception {
    var text = "a \"quoted\" \\ line\nwith\ttab, \u0001 and 中文";
    var line =
        new LogLine(Level.INFO, "x")
            .message(text)
            .pair("pf", "0000:04:00.0")
            .pair("vfs", 7)
            .pair("none", null)
            .thrown(new IllegalStateException("why"))
            .toString();

    assertThat(line).doesNotContain("\n");
    @SuppressWarnings("unchecked")
    Map<String, Object> parsed = new ObjectMapper().readValue(line, Map.class);
    assertThat(parsed)
        .containsEntry("msg", text)
        .containsEntry("level", "info")
        .containsEntry("pf", "0000:04:00.0")
        .containsEntry("vfs", 7)
        .containsEntry("none", null);
    assertThat(parsed.get("error").toString()).contains("IllegalStateException: why");
  }

  @Test
  void keepsLibrariesQuiet() {
    assertThat(Logging.writes("io.sriov.node.Main", Level.INFO)).isTrue();
    assertThat(Logging.writes("io.sriov.node.Main", Level.DEBUG)).isFalse();
    assertThat(Logging.writes("io.fabric8.x", Level.INFO)).isFalse();
    assertThat(Logging.writes("io.fabric8.x", Level.WARN)).isTrue();
  }

  @Test
  void neverWritesTheDebugLinesOfLibraries() {
    Logging.verbosity(2);
    assertThat(Logging.writes("io.sriov.node.Main", Level.TRACE)).isTrue();
    assertThat(LoggerFactory.getLogger("io.fabric8.kubernetes.client.http.Http").isDebugEnabled())
        .isFalse();
    assertThat(Logging.writes("io.grpc.netty.NettyServer", Level.DEBUG)).isFalse();
    assertThat(Logging.writes("io.fabric8.x", Level.INFO)).isTrue();
    assertThat(
            java.util.logging.Logger.getLogger("io.grpc").isLoggable(java.util.logging.Level.FINE))
        .isFalse();
  }

  @Test
  void leavesOutTheWarningsOfEveryWatchWhileTheApiServerIsAway() {
    var name = "io.fabric8.kubernetes.client.jdkhttp.JdkWebSocketImpl";
    assertThat(LoggerFactory.getLogger(name).isWarnEnabled()).isFalse();
    assertThat(LoggerFactory.getLogger(name).isErrorEnabled()).isTrue();
  }

  @Test
  void changesTheLevelOfExistingLoggersAtOnce() {
    var log = LoggerFactory.getLogger("io.sriov.some.Thing");
    assertThat(log.isDebugEnabled()).isFalse();
    Logging.verbosity(1);
    assertThat(log.isDebugEnabled()).isTrue();
    assertThat(log.isTraceEnabled()).isFalse();
    Logging.verbosity(2);
    assertThat(log.isTraceEnabled()).isTrue();
  }

  @Test
  void refusesLevelsThatDoNotExist() {
    assertThatThrownBy(() -> Logging.verbosity(3)).hasMessage("log level 3 is not 0, 1 or 2");
  }
}
