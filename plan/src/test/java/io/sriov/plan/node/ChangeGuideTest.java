package io.sriov.plan.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.api.SriovNetworkNodePolicySpec;
import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.plan.selection.Facts;
import io.sriov.plan.selection.NodeFacts;
import io.sriov.plan.selection.Policy;
import io.sriov.plan.selection.PolicyOutcome;
import io.sriov.plan.selection.Selection;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of the guide "What happens when I change a policy": each field is changed on a
 * simulated node, and what the table says is what the planner decides. Run with {@code
 * -Dguide.write=true} to bring the guide up to date.
 */
class ChangeGuideTest {

  private static final String BEGIN = "<!-- made by ChangeGuideTest: begin -->\n";
  private static final String END = "<!-- made by ChangeGuideTest: end -->\n";
  private static final String PCI = "0000:04:00.0";

  /** VFs 0 to 3 of six belong to the policy that is changed, 4 and 5 to another. */
  private static final String BASE =
      "resourceName: a, nodeSelector: {}, priority: 50, mtu: 1500, numVfs: 6,"
          + " nicSelector: {pfNames: ['p000004000#0-3']}";

  private static final Policy OTHER =
      Facts.policy(
          "b",
          "{resourceName: b, nodeSelector: {}, priority: 50, mtu: 1500, numVfs: 6,"
              + " nicSelector: {pfNames: ['p000004000#4-5']}}");

  /**
   * A change of one field.
   *
   * @param field of the policy, as in its JSON
   * @param from what {@link #BASE} has, null to add
   * @param iommu whether the kernel was started with an IOMMU
   */
  private record Change(
      String field, String label, String chinese, String from, String to, boolean iommu) {
    Change(String field, String label, String chinese, String from, String to) {
      this(field, label, chinese, from, to, true);
    }
  }

  private static final List<Change> CHANGES =
      List.of(
          new Change("resourceName", "another name", "改名", "resourceName: a", "resourceName: c"),
          new Change(
              "nodeSelector",
              "the node is not selected any more",
              "不再选中该节点",
              "nodeSelector: {}",
              "nodeSelector: {other: node}"),
          new Change("priority", "another number", "改为其他数值", "priority: 50", "priority: 10"),
          new Change("mtu", "larger", "调大", "mtu: 1500", "mtu: 9000"),
          new Change("mtu", "smaller", "调小", "mtu: 1500", "mtu: 1400"),
          new Change("numVfs", "more", "增加", "numVfs: 6", "numVfs: 7"),
          new Change(
              "nicSelector",
              "fewer VFs of the PF (`#0-3` to `#0-2`)",
              "缩小 VF 范围（`#0-3` 改为 `#0-2`）",
              "#0-3",
              "#0-2"),
          new Change(
              "nicSelector",
              "another PF, which has no VFs yet",
              "改选另一个还没有 VF 的 PF",
              "p000004000#0-3",
              "p000005000#0-3"),
          new Change("deviceType", "`vfio-pci`", "`vfio-pci`", null, "deviceType: vfio-pci"),
          new Change(
              "deviceType",
              "`vfio-pci`, and the kernel runs without IOMMU",
              "`vfio-pci`，且内核未启用 IOMMU",
              null,
              "deviceType: vfio-pci",
              false),
          new Change("isRdma", "`true`", "`true`", null, "isRdma: true"),
          new Change("needVhostNet", "`true`", "`true`", null, "needVhostNet: true"),
          new Change("linkType", "`eth`", "`eth`", null, "linkType: eth"),
          new Change("eSwitchMode", "`switchdev`", "`switchdev`", null, "eSwitchMode: switchdev"),
          new Change("vdpaType", "`virtio`", "`virtio`", null, "vdpaType: virtio"),
          new Change("excludeTopology", "`true`", "`true`", null, "excludeTopology: true"),
          new Change("externallyManaged", "`true`", "`true`", null, "externallyManaged: true"),
          new Change("bridge", "`ovs`", "`ovs`", null, "bridge: {ovs: {}}"));

  /** What a step means for somebody who reads the guide. */
  private enum Effect {
    REFUSED("refused by name in the policy's status; nothing changes", "在策略状态中指明拒绝；不做任何改动"),
    VFS_MADE_ANEW("all VFs of the PF are made anew", "该 PF 的全部 VF 重建"),
    VFS_MADE("VFs are made", "创建 VF"),
    REBOUND("the policy's VFs change their driver", "该策略的 VF 更换驱动"),
    SWITCHED("the PF's switch changes its mode", "PF 的交换机切换模式"),
    PF_MTU("the PF's MTU is set", "设置 PF 的 MTU"),
    VF_MTU("the MTU of the policy's VFs is set", "设置该策略 VF 的 MTU"),
    PROBED_ANEW("the policy's VFs are bound to their driver anew", "该策略的 VF 重新绑定驱动"),
    KERNEL_ARGUMENTS("kernel arguments are set", "设置内核参数"),
    NOTHING("nothing on the card; pools follow", "网卡不变；资源池随之更新");

    private final String english;
    private final String chinese;

    Effect(String english, String chinese) {
      this.english = english;
      this.chinese = chinese;
    }
  }

  private record Row(
      Set<Effect> effects, boolean drainsOwn, boolean drainsOthers, boolean reboots) {}

  @Test
  void knowsEveryFieldOfAPolicy() {
    assertThat(CHANGES.stream().map(Change::field).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(SriovNetworkNodePolicySpec.class.getRecordComponents())
                .map(RecordComponent::getName)
                .toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"en", "zh"})
  void theGuideSaysWhatThePlannerDecides(String language) throws IOException {
    Path guide = guide(language);
    String text = Files.readString(guide);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    String table = table(language.equals("zh"));
    if (Boolean.getBoolean("guide.write")) {
      Files.writeString(guide, text.substring(0, begin) + table + text.substring(end));
      return;
    }
    assertThat(text.substring(begin, end))
        .as("the guide is out of date: run this test with -Dguide.write=true")
        .isEqualTo(table);
  }

  private static Path guide(String language) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve("docs/spec"))) {
      root = root.getParent();
    }
    return root.resolve(
        "docs/guides/what-happens-when-i-change-a-policy"
            + (language.equals("zh") ? ".zh" : "")
            + ".md");
  }

  private static String table(boolean chinese) {
    var text = new StringBuilder();
    text.append(
        chinese
            ? "| 字段 | 改动 | 节点上发生什么 | 该策略的 VF 在用：是否排空 | 仅该 PF 的其他 VF 在用：是否排空 | 重启 |\n"
            : "| field | change | on the node | drains if VFs of this policy are in use | drains if only other VFs of the PF are in use | reboots |\n");
    text.append("|---|---|---|---|---|---|\n");
    for (Change change : CHANGES) {
      Row row = rowOf(change);
      text.append(
          "| `%s` | %s | %s | %s | %s | %s |%n"
              .formatted(
                  change.field(),
                  chinese ? change.chinese() : change.label(),
                  row.effects().stream()
                      .map(effect -> chinese ? effect.chinese : effect.english)
                      .collect(Collectors.joining(chinese ? "；" : "; ")),
                  yes(row.drainsOwn(), chinese),
                  yes(row.drainsOthers(), chinese),
                  yes(row.reboots(), chinese)));
    }
    return text.toString();
  }

  private static String yes(boolean is, boolean chinese) {
    if (is) {
      return chinese ? "**是**" : "**yes**";
    }
    return chinese ? "否" : "no";
  }

  private static Row rowOf(Change change) {
    String spec = "{" + BASE + "}";
    Policy before = Facts.policy("a", spec);
    Policy after =
        Facts.policy(
            "a",
            change.from() == null
                ? "{" + BASE + ", " + change.to() + "}"
                : spec.replace(change.from(), change.to()));
    assertThat(after).isNotEqualTo(before);

    NodePlan idle = plan(change, before, after, List.of());
    boolean refused =
        select(node(SriovNetworkNodeStateSpec.EMPTY), after).stream()
            .anyMatch(PolicyOutcome::refusedAsAWhole);
    return new Row(
        refused ? new TreeSet<>(Set.of(Effect.REFUSED)) : effects(idle),
        drains(plan(change, before, after, List.of(0, 1, 2, 3))),
        drains(plan(change, before, after, List.of(4, 5))),
        reboots(idle));
  }

  private static boolean drains(NodePlan plan) {
    return !plan.blocked().isEmpty() || reboots(plan);
  }

  private static boolean reboots(NodePlan plan) {
    return !plan.rebootReasons().isEmpty()
        || plan.hostSteps().stream().anyMatch(HostStep.AddKernelArgument.class::isInstance);
  }

  private static List<PolicyOutcome> select(NodeFacts node, Policy policy) {
    return Selection.select(node, List.of(policy)).outcomes();
  }

  /** The plan of a node that was in sync before the change. */
  private static NodePlan plan(Change change, Policy before, Policy after, List<Integer> inUse) {
    var host = new SimulatedHost(new Random(1));
    var pf = host.addPf(PCI);
    pf.up = true;
    pf.rdma = true;
    pf.devlink = true;
    pf.iommu = change.iommu();
    host.addPf("0000:05:00.0").up = true;
    host.loadModule("vfio_pci");
    SriovNetworkNodeStateSpec was =
        Selection.select(node(SriovNetworkNodeStateSpec.EMPTY), List.of(before, OTHER))
            .spec()
            .orElseThrow();
    SimulatedApply.apply(host, Planner.plan(was, inventory(host, change)).steps());
    assertThat(Planner.plan(was, inventory(host, change)).steps()).isEmpty();
    inUse.forEach(vf -> host.use(host.vf(pf.pci, vf), "default/pod-" + vf));
    SriovNetworkNodeStateSpec wanted =
        Selection.select(node(was), List.of(after, OTHER)).spec().orElseThrow();
    return Planner.plan(wanted, inventory(host, change));
  }

  private static Inventory inventory(SimulatedHost host, Change change) {
    return host.inventory()
        .withBoot(
            new Boot(
                "boot",
                List.of(),
                Boot.Cpu.INTEL,
                change.iommu(),
                BootLoader.GRUB,
                List.of(),
                List.of(),
                null));
  }

  private static NodeFacts node(SriovNetworkNodeStateSpec current) {
    return Facts.having(
        Facts.node(
            """
            interfaces:
            - {name: p000004000, pciAddress: "0000:04:00.0", vendor: "8086", deviceID: 158b, totalvfs: 7, linkType: ETH}
            - {name: p000005000, pciAddress: "0000:05:00.0", vendor: "8086", deviceID: 158b, totalvfs: 7, linkType: ETH}
            """),
        current);
  }

  private static Set<Effect> effects(NodePlan plan) {
    var effects = new TreeSet<Effect>();
    for (Step step : plan.steps()) {
      switch (step) {
        case Step.ResizeVfs resize ->
            effects.add(resize.from() == 0 ? Effect.VFS_MADE : Effect.VFS_MADE_ANEW);
        case Step.SetEswitchMode _ -> effects.add(Effect.SWITCHED);
        case Step.BindDriver _ -> effects.add(Effect.REBOUND);
        case Step.RebindDriver _ -> effects.add(Effect.PROBED_ANEW);
        case Step.SetPfMtu _ -> effects.add(Effect.PF_MTU);
        case Step.SetVfMtu _ -> effects.add(Effect.VF_MTU);
        default -> {}
      }
    }
    if (effects.contains(Effect.VFS_MADE_ANEW)) {
      // They come with the driver and MTU that they shall have.
      effects.removeAll(Set.of(Effect.REBOUND, Effect.VF_MTU));
    }
    if (reboots(plan)) {
      effects.add(Effect.KERNEL_ARGUMENTS);
    }
    if (effects.isEmpty()) {
      effects.add(Effect.NOTHING);
    }
    return effects;
  }

  @Test
  void hasBothLanguages() {
    assertThat(Map.of("en", guide("en"), "zh", guide("zh")).values()).allMatch(Files::exists);
  }
}
