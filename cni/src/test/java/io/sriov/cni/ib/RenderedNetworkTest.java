package io.sriov.cni.ib;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.cni.Containerd;
import io.sriov.cni.IbNode;
import io.sriov.cni.VethNode;
import io.sriov.cni.json.Fields;
import io.sriov.cni.json.Json;
import io.sriov.cni.json.JsonException;
import io.sriov.cni.json.JsonReader;
import io.sriov.cni.json.JsonWriter;
import io.sriov.linux.netlink.VfLinkState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator makes of a SriovIBNetwork, given to the plugin as Multus does. */
class RenderedNetworkTest {

  /** Module plan tests that a SriovIBNetwork with every field becomes this. */
  private static final Path RENDERED =
      Path.of(
          System.getProperty("sriov.root", ".."),
          "plan/src/test/resources/io/sriov/plan/network/infiniband.json");

  private static Json.Obj rendered;

  @BeforeAll
  static void read() throws Exception {
    rendered = (Json.Obj) JsonReader.read(Files.readAllBytes(RENDERED));
  }

  @Test
  void everyMemberIsAskedForByThePlugin() throws Exception {
    List<String> refused = new ArrayList<>();
    for (Json.Member member : rendered.members()) {
      try {
        Conf unused = Conf.of(new Json.Obj(List.of(new Json.Member(member.key(), Json.of(5)))));
      } catch (JsonException e) {
        refused.add(member.key());
      }
    }

    assertThat(refused)
        .containsExactlyElementsOf(rendered.members().stream().map(Json.Member::key).toList());
  }

  @Test
  void attachesAndReleases(@TempDir Path folder) throws Exception {
    List<Json.Member> members = new ArrayList<>(rendered.members());
    members.add(new Json.Member("deviceID", Json.of(IbNode.address(0))));
    members.add(new Json.Member("pciBusID", Json.of(IbNode.address(0))));
    members.add(
        new Json.Member(
            "runtimeConfig",
            new Json.Obj(
                List.of(new Json.Member("infinibandGUID", Json.of("02:00:00:00:00:00:00:aa"))))));
    String conf = JsonWriter.compact(new Json.Obj(members));
    try (IbNode node = new IbNode(folder, 1);
        VethNode.PodNetns pod = node.pod()) {
      Containerd runtime = node.ibSriov().givingAnAddress();
      String before = node.snapshot();

      Fields result = runtime.add(pod, conf);

      assertThat(Fields.of(result.array("ips").getFirst()).text("address"))
          .isEqualTo("192.0.2.5/24");
      assertThat(node.guids(0)).isEqualTo("02000000000000aa 02000000000000aa");
      assertThat(node.linkState(0)).isEqualTo(VfLinkState.ENABLE);
      assertThat(pod.links.addresses(pod.links.link("net1").index()))
          .anyMatch(address -> address.toString().contains("192.0.2.5"));
      runtime.del(pod, conf);
      node.refresh();
      assertThat(node.snapshot()).isEqualTo(before);
    }
  }
}
