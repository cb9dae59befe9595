package io.sriov.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One forwarder under the names of three plugins, and the server behind it. */
class PluginsTest {

  private static final String GUID = "'runtimeConfig':{'infinibandGUID':'02:00:00:00:00:00:00:aa'}";

  @TempDir Path folder;
  private IbNode node;
  private CniServer server;
  private VethNode.PodNetns pod;

  @BeforeEach
  void start() throws Exception {
    node = new IbNode(folder, 1);
    pod = node.pod();
    server = CniServer.start(node.settings(), (command, code, took) -> {});
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    node.close();
  }

  private Forwarder.Answer call(String name, String command, String type, String members)
      throws Exception {
    Path program = folder.resolve(name);
    if (!Files.exists(program)) {
      Files.createSymbolicLink(program, Forwarder.BINARY.toAbsolutePath());
    }
    node.refresh();
    return Forwarder.command(command)
        .startedAs(program)
        .with("CNI_NETNS", pod.path())
        .with("CNI_PATH", folder.toString())
        .with("SRIOV_CNI_SOCKET", node.socket().toString())
        .with("SRIOV_CNI_NAME", "sriov")
        .stdin(
            "{'cniVersion':'1.0.0','name':'n1','type':'%s','deviceID':'%s',%s}"
                .formatted(type, IbNode.address(0), members)
                .replace('\'', '"'))
        .run();
  }

  @Test
  void theNameOfTheExecutableChoosesThePlugin() throws Exception {
    Forwarder.Answer added = call("ib-sriov", "ADD", "anything", GUID);

    assertThat(added.exit()).as(added.stdout()).isZero();
    assertThat(added.stderr()).contains("cniName=\"ib-sriov-cni\"");
    assertThat(node.guids(0)).startsWith("02000000000000aa");
    assertThat(server.attachments()).containsEntry(IbNode.address(0), "c1");
    assertThat(call("ib-sriov", "CHECK", "anything", GUID).exit()).isZero();
    assertThat(call("ib-sriov", "DEL", "anything", GUID).exit()).isZero();
    assertThat(server.attachments()).isEmpty();
  }

  @Test
  void rdmaStandsBehindAnother() throws Exception {
    node.ethernet = true;

    Forwarder.Answer added = call("rdma", "ADD", "rdma", "'prevResult':{'interfaces':[]}");

    assertThat(added.exit()).as(added.stdout()).isZero();
    assertThat(added.stdout()).contains("\"interfaces\": []");
    assertThat(node.hasRdma(0, pod.netns)).isTrue();
    assertThat(call("rdma", "DEL", "rdma", "'x':1").exit()).isZero();
    assertThat(node.hasRdma(0, node.host)).isTrue();
  }

  @Test
  void theTypeOfTheNetworkChoosesWhereTheNameIsAnother() throws Exception {
    assertThat(call("my-cni", "ADD", "rdma", "'x':1").stdout()).contains("prevResult is missing");

    Forwarder.Answer unknown = call("my-cni", "ADD", "bridge", "'x':1");

    assertThat(unknown.code()).isEqualTo(7);
    assertThat(unknown.stdout()).contains("[ib-sriov, rdma, sriov]").contains("my-cni");
  }
}
