package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Software bridges of a node. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Bridges(List<Ovs> ovs) {

  public Bridges {
    ovs = Absent.toEmpty(ovs);
  }

  /**
   * One Open vSwitch bridge.
   *
   * @param name {@code br-} and the uplink's PCI address with {@code :} as {@code _}
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Ovs(@Required String name, @Nullable OvsBridge bridge, List<Uplink> uplinks) {

    public Ovs {
      name = Absent.toEmpty(name);
      uplinks = Absent.toEmpty(uplinks);
    }
  }

  /** A PF as port of the bridge. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Uplink(
      @Required String pciAddress,
      @Nullable String name,
      @JsonProperty("interface") @Nullable OvsInterface iface) {

    public Uplink {
      pciAddress = Absent.toEmpty(pciAddress);
    }
  }
}
