package io.sriov.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CrdsTest {

  private static final Path SHIPPED = Path.of(System.getProperty("sriov.root"), "chart", "crds");

  /**
   * With {@code -Dcrds.write=true} (see {@code scripts/generate-crds}) the shipped files are
   * written instead.
   */
  @Test
  void shippedCrdsAreTheOnesTheRecordsGenerate() throws Exception {
    Map<String, String> generated = Crds.generate();
    if (Boolean.getBoolean("crds.write")) {
      Files.createDirectories(SHIPPED);
      for (var crd : generated.entrySet()) {
        Files.writeString(SHIPPED.resolve(crd.getKey()), crd.getValue());
      }
    }

    assertThat(shipped()).containsExactlyEntriesOf(generated);
    assertThat(generated).hasSize(7);
  }

  private static Map<String, String> shipped() throws Exception {
    Map<String, String> shipped = new TreeMap<>();
    try (Stream<Path> files = Files.list(SHIPPED)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith(Names.GROUP)).toList()) {
        shipped.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return shipped;
  }
}
