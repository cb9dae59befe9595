package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the node shall look like; written by the operator (spec 01 §1.3). */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovNetworkNodeStateSpec(
    List<Interface> interfaces, @Nullable Bridges bridges, @Nullable NodeSystem system) {

  /** A node of which nothing is wanted. */
  public static final SriovNetworkNodeStateSpec EMPTY =
      new SriovNetworkNodeStateSpec(List.of(), null, null);

  public SriovNetworkNodeStateSpec {
    interfaces = Absent.toEmpty(interfaces);
  }

  /**
   * Desired configuration of one PF.
   *
   * @param pciAddress PCI address, the identity
   * @param numVfs VFs to create
   * @param mtu bytes; 0 leaves the MTU alone
   * @param name PF netdev name when the operator computed the state
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Interface(
      @Required String pciAddress,
      @OmitZero int numVfs,
      @OmitZero int mtu,
      @Nullable String name,
      @Nullable String linkType,
      @Nullable String eSwitchMode,
      @OmitZero boolean externallyManaged,
      List<VfGroup> vfGroups) {

    public Interface {
      pciAddress = Absent.toEmpty(pciAddress);
      vfGroups = Absent.toEmpty(vfGroups);
    }
  }

  /**
   * A partition of a PF's VFs.
   *
   * @param vfRange {@code <first>-<last>}, decimal, inclusive
   * @param mtu bytes; 0 leaves the MTU alone
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record VfGroup(
      @Nullable String resourceName,
      @Nullable String deviceType,
      @Nullable String vfRange,
      @Nullable String policyName,
      @OmitZero int mtu,
      @OmitZero boolean isRdma,
      @Nullable String vdpaType) {}
}
