package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.testkit.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the node image runs to bring the forwarder to the host. */
class InstallTest {

  private static final Path SCRIPT =
      Path.of(System.getProperty("sriov.root", ".."), "images/files/install-sriov-cni");

  @TempDir Path folder;
  private Path bin;
  private Path forwarder;

  @BeforeEach
  void prepare() throws IOException {
    bin = Files.createDirectories(folder.resolve("bin"));
    forwarder = Files.writeString(folder.resolve("forwarder"), "new");
    permit("rwxr-x--x");
  }

  private void permit(String permissions) throws IOException {
    Path unused =
        Files.setPosixFilePermissions(forwarder, PosixFilePermissions.fromString(permissions));
  }

  /** How it ended, and what it said. */
  private record Ended(int status, String said) {}

  private Ended install(String... names) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString()));
    command.addAll(List.of(names));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CNI_BIN_DIR", bin.toString());
    builder.environment().put("CNI_FORWARDER", forwarder.toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said);
  }

  private String permissions(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(bin.resolve(name)));
  }

  @Test
  @Spec("04:137")
  void installsTheForwarderUnderEveryNameWithItsPermissions() throws Exception {
    Files.writeString(bin.resolve("sriov"), "old");

    assertThat(install().status()).isZero();

    assertThat(bin.toFile().list()).containsExactlyInAnyOrder("sriov", "ib-sriov", "rdma");
    for (String name : List.of("sriov", "ib-sriov", "rdma")) {
      assertThat(bin.resolve(name)).hasContent("new");
      assertThat(permissions(name)).isEqualTo("rwxr-x--x");
    }
  }

  @Test
  @Spec("04:137")
  void installsTheNamesItIsGiven() throws Exception {
    permit("rw-r--r--");

    assertThat(install("sriov", "rdma").status()).isZero();

    assertThat(bin.toFile().list()).containsExactlyInAnyOrder("sriov", "rdma");
    assertThat(permissions("rdma")).isEqualTo("rw-r--r--");
  }

  @Test
  @Spec("04:137")
  void copiesAlsoAnEmptyFile() throws Exception {
    Files.writeString(forwarder, "");

    assertThat(install("sriov").status()).isZero();

    assertThat(bin.resolve("sriov")).isEmptyFile();
  }

  @Test
  @Spec("04:137")
  void namesWhatIsMissing() throws Exception {
    Files.delete(forwarder);
    assertThat(install())
        .isEqualTo(
            new Ended(1, "install-sriov-cni: the forwarder " + forwarder + " does not exist\n"));

    Files.createDirectory(forwarder);
    assertThat(install())
        .isEqualTo(
            new Ended(
                1, "install-sriov-cni: the forwarder " + forwarder + " is not a regular file\n"));

    Files.delete(bin);
    assertThat(install())
        .returns(1, Ended::status)
        .extracting(Ended::said)
        .asString()
        .contains("the plugin folder " + bin + " does not exist");
  }
}
