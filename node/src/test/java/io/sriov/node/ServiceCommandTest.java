package io.sriov.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.testkit.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceCommandTest {

  @TempDir Path host;

  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

  @ParameterizedTest
  @ValueSource(strings = {"--phase=foo", "-p=PRE", "--phase="})
  @Spec("03:Y13")
  void anUnknownPhaseIsAnErrorBeforeAnythingIsTouched(String phase) throws IOException {
    assertThat(run("service", phase)).isOne();

    assertThat(errors.toString(StandardCharsets.UTF_8)).contains("is neither pre nor post");
    try (Stream<Path> files = Files.list(host)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void anArgumentThatNobodyKnowsIsRefused() {
    assertThat(run("service", "--phase", "pre", "--fast")).isOne();

    assertThat(errors.toString(StandardCharsets.UTF_8)).contains("--fast");
  }

  private int run(String... arguments) {
    var out = new PrintStream(errors, true, StandardCharsets.UTF_8);
    return Main.run(Map.of("HOST_ROOT", host.toString()), arguments, out, out);
  }
}
