package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server sends to the kernel in an ADD and its DEL, by strace. */
class HotPathTest {

  @TempDir Path folder;

  /** A list of all links costs the more the more VFs and pods a node has. */
  @Test
  void asksForSingleLinksOnly() throws Exception {
    Path trace = folder.resolve("trace");
    try (VethNode node = new VethNode(folder, 2);
        VethNode.PodNetns pod = node.pod()) {
      try (ServerProcess server = ServerProcess.start(node)) {
        server.trace("-e", "trace=sendmsg", "-o", trace.toString());
        for (String command : List.of("ADD", "DEL")) {
          node.refreshSysfs();
          Forwarder.Answer answer =
              Forwarder.command(command)
                  .with("CNI_NETNS", pod.path())
                  .with("SRIOV_CNI_SOCKET", node.socket().toString())
                  .with("SRIOV_CNI_WAIT_MS", "30000")
                  .stdin(
                      "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"%s\",\"vlan\":5}"
                          .formatted(VethNode.address(0)))
                  .run();
          assertThat(answer.exit()).as(answer.stdout()).isZero();
        }
      }
    }
    List<String> requests =
        Files.readAllLines(trace).stream().filter(line -> line.contains("nlmsg_flags=")).toList();
    assertThat(requests)
        .hasSizeBetween(8, 20)
        // Of sockets in another namespace strace knows only the number of NLM_F_DUMP.
        .noneMatch(line -> line.contains("NLM_F_DUMP") || line.contains("0x300"));
  }
}
