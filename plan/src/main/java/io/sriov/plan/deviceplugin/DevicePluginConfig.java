package io.sriov.plan.deviceplugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sriov.api.DeviceType;
import io.sriov.api.SriovNetworkNodePolicySpec;
import io.sriov.api.SriovNetworkNodePolicySpec.NicSelector;
import io.sriov.api.SriovNetworkNodeStateStatus.InterfaceExt;
import io.sriov.plan.deviceplugin.ResourceConfig.ResourceList;
import io.sriov.plan.deviceplugin.ResourceConfig.Selectors;
import io.sriov.plan.selection.NodeFacts;
import io.sriov.plan.selection.NodeSelection;
import io.sriov.plan.selection.PfName;
import io.sriov.plan.selection.Policy;
import io.sriov.plan.selection.PolicyOutcome;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node's value in ConfigMap {@code device-plugin-config}.
 *
 * @param json one line, byte for byte as upstream writes it
 */
public record DevicePluginConfig(String json) {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String NOTHING = write(new ResourceList(null));

  /** Whether the plugin has something to do on the node. */
  public boolean offersResources() {
    return !json.equals(NOTHING);
  }

  /**
   * The configuration that follows from {@code policies} for {@code node}, of which {@code
   * selection} is the outcome. Whether a PF matches plays no part: a policy that selects the node
   * makes a resource, perhaps an empty one (spec 01 §5.4).
   */
  public static DevicePluginConfig of(
      NodeFacts node, Collection<Policy> policies, NodeSelection selection, SupportedNics nics) {
    Map<String, PolicyOutcome> outcomes =
        selection.outcomes().stream()
            .collect(Collectors.toMap(PolicyOutcome::policy, Function.identity()));
    Map<String, ResourceConfig> resources = new LinkedHashMap<>();
    for (Policy policy : Policy.inOrder(policies)) {
      PolicyOutcome outcome = outcomes.get(policy.name());
      if (outcome != null && outcome.selectsNode()) {
        resource(policy, outcome, node, nics)
            .ifPresent(r -> resources.merge(r.resourceName(), r, DevicePluginConfig::united));
      }
    }
    List<ResourceConfig> list = List.copyOf(resources.values());
    return new DevicePluginConfig(write(new ResourceList(list.isEmpty() ? null : list)));
  }

  private static Optional<ResourceConfig> resource(
      Policy policy, PolicyOutcome outcome, NodeFacts node, SupportedNics nics) {
    if (!outcome.refused()) {
      return Optional.of(fromPolicy(policy, node, nics));
    }
    if (outcome.pfs().isEmpty() && outcome.held().isEmpty()) {
      return Optional.empty();
    }
    // Where nothing new is applied the selectors must not be new either: a wider range would take
    // other policies' VFs, a new name would move VFs that pods hold.
    return Optional.of(
        outcome.refusedAsAWhole() || outcome.pfs().isEmpty()
            ? held(policy, outcome)
            : fromPolicy(policy, node, nics));
  }

  /** What a refused policy had before: its own selectors may be the mistake, so PFs by name. */
  private static ResourceConfig held(Policy policy, PolicyOutcome outcome) {
    SequencedSet<String> pfNames =
        outcome.held().stream()
            .map(share -> share.pf() + "#" + share.vfs())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    SriovNetworkNodePolicySpec spec = policy.spec();
    return new ResourceConfig(
        outcome.held().getFirst().resourceName(),
        spec.excludeTopology(),
        new Selectors(
            set(Stream.empty()),
            set(Stream.empty()),
            pfNames,
            set(Stream.empty()),
            set(Stream.empty()),
            spec.rdma(),
            spec.needVhostNet(),
            null));
  }

  private static ResourceConfig fromPolicy(Policy policy, NodeFacts node, SupportedNics nics) {
    SriovNetworkNodePolicySpec spec = policy.spec();
    NicSelector nic = spec.nicSelector();
    Optional<String> vendor = given(nic.vendor());
    Selectors selectors =
        new Selectors(
            set(vendor.stream()),
            set(given(nic.deviceID()).flatMap(id -> device(id, vendor, spec, nics)).stream()),
            set(nic.pfNames().stream().map(name -> primary(name, node.interfaces()))),
            set(nic.rootDevices().stream()),
            set(linkType(spec).stream()),
            spec.rdma(),
            spec.needVhostNet(),
            spec.vdpaType() == null ? null : spec.vdpaType().value());
    return new ResourceConfig(spec.resourceName(), spec.excludeTopology(), selectors);
  }

  /**
   * A further policy of the same pool widens the lists and decides the topology; the flags stay
   * those of the first, weakest policy (spec 01 §5.4, Q21).
   */
  private static ResourceConfig united(ResourceConfig first, ResourceConfig further) {
    Selectors a = first.selectors();
    Selectors b = further.selectors();
    return new ResourceConfig(
        first.resourceName(),
        further.excludeTopology(),
        new Selectors(
            union(a.vendors(), b.vendors()),
            union(a.devices(), b.devices()),
            union(a.pfNames(), b.pfNames()),
            union(a.rootDevices(), b.rootDevices()),
            union(a.linkTypes(), b.linkTypes()),
            a.isRdma(),
            a.needVhostNet(),
            a.vdpaType()));
  }

  private static Optional<String> device(
      String pfDevice,
      Optional<String> vendor,
      SriovNetworkNodePolicySpec spec,
      SupportedNics nics) {
    return spec.numVfs() == 0 ? Optional.of(pfDevice) : nics.vfDevice(vendor, pfDevice);
  }

  private static String primary(String pfName, List<InterfaceExt> interfaces) {
    PfName element = PfName.parse(pfName);
    String range = pfName.substring(element.name().length());
    return interfaces.stream()
        .filter(pf -> element.names(pf) && pf.name() != null)
        .findFirst()
        .map(pf -> pf.name() + range)
        .orElse(pfName);
  }

  private static Optional<String> linkType(SriovNetworkNodePolicySpec spec) {
    if (spec.linkType() == null || spec.deviceType() == DeviceType.VFIO_PCI) {
      return Optional.empty();
    }
    return Optional.of(spec.linkType().value().equalsIgnoreCase("ib") ? "infiniband" : "ether");
  }

  private static Optional<String> given(@Nullable String value) {
    return Optional.ofNullable(value).filter(text -> !text.isEmpty());
  }

  private static SequencedSet<String> set(Stream<String> values) {
    return values.collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static SequencedSet<String> union(SequencedSet<String> a, SequencedSet<String> b) {
    return set(Stream.concat(a.stream(), b.stream()));
  }

  private static String write(ResourceList list) {
    try {
      // Go's encoder escapes these three inside strings, the only place where they can be.
      return MAPPER
          .writeValueAsString(list)
          .replace("<", "\\u003c")
          .replace(">", "\\u003e")
          .replace("&", "\\u0026");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write the device plugin configuration", e);
    }
  }
}
