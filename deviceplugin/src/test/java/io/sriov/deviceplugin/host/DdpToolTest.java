package io.sriov.deviceplugin.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.netlink.DevlinkSocket;
import io.sriov.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tool that prints what the test wants, as a process. */
class DdpToolTest {

  private static final String GTP =
      """
      {"DDPInventory":{"device":"1572","address":"0000:03:10.0","name":"x",
       "DDPpackage":{"track_id":"80000008","version":"1.0.3.0","name":"GTPv1-C/U IPv4/IPv6 payload"}}}\
      """;

  @TempDir Path folder;

  @Test
  @Spec("05:55")
  void readsTheNameThatTheToolPrints() throws Exception {
    assertThat(profile(GTP, "echo warning >&2; exit 0")).isEqualTo("GTPv1-C/U IPv4/IPv6 payload");
    assertThat(folder.resolve("arguments")).hasContent("-l -a -j -s 0000:03:10.0");
  }

  @Test
  @Spec("05:55")
  void doesNotBelieveAToolThatFails() throws Exception {
    assertThat(profile(GTP, "exit 127")).isEmpty();
    assertThat(new DdpTool(folder.resolve("missing").toString()).profile("0000:03:10.0")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"DDPInventory\":{\"device\":\"1572\",\"name\":\"x\"}}",
        "{\"DDPInventory\":{\"error\":\"1\",\"message\":\"no adapter\"}}",
        "{\"DDPInventory\":{\"DDPpackage\":{\"name\":\"\"}}}",
        "{\"DDPInventory\":{\"DDPpackage\":{\"name\":5}}}",
        "{\"DDPInventory\":{\"DDPpackage\":{\"name\":\"GTP\"}}",
        "junk",
        ""
      })
  @Spec("05:56")
  void findsNoProfileInWhatNamesNone(String output) throws Exception {
    assertThat(profile(output, "exit 0")).isEmpty();
  }

  /** A kernel without the device has no answer, so the tool is asked. */
  @Test
  @Spec("05:55")
  void asksTheToolWhenDevlinkDoesNotKnow() throws Exception {
    try (var devlink = DevlinkSocket.open()) {
      var facts = new DevlinkFacts(devlink, new DdpTool(tool(GTP, "exit 0").toString()));
      assertThat(facts.ddpProfile("0000:03:10.0", Optional.of("0000:03:00.0"))).startsWith("GTPv1");
      assertThat(facts.rdmaEnabled("pci", "0000:ff:1f.7")).isFalse();
    }
  }

  private String profile(String output, String end) throws Exception {
    return new DdpTool(tool(output, end).toString()).profile("0000:03:10.0");
  }

  private Path tool(String output, String end) throws Exception {
    Files.writeString(folder.resolve("output"), output);
    var script = folder.resolve("ddptool");
    Files.writeString(
        script,
        "#!/bin/sh\necho \"$*\" >%1$s/arguments\ncat %1$s/output\n%2$s\n".formatted(folder, end));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return script;
  }
}
