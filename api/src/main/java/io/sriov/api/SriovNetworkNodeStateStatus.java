package io.sriov.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the node looks like; written by the config daemon (spec 01 §1.3).
 *
 * @param syncStatus {@code InProgress}, {@code Succeeded}, {@code Failed}, or empty before the
 *     first pass
 * @param conditions our addition to upstream, e.g. {@code VFsInUse}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SriovNetworkNodeStateStatus(
    List<InterfaceExt> interfaces,
    @Nullable Bridges bridges,
    @Nullable NodeSystem system,
    @Nullable String syncStatus,
    @Nullable String lastSyncError,
    List<Condition> conditions) {

  public SriovNetworkNodeStateStatus {
    interfaces = Absent.toEmpty(interfaces);
    conditions = Absent.toEmpty(conditions);
  }

  /**
   * A discovered PF.
   *
   * @param linkSpeed {@code <number> Mb/s}
   * @param linkType {@code ETH}, {@code IB} or absent
   * @param linkAdminState {@code up}, {@code down} or absent
   * @param totalvfs VFs the hardware can have; the JSON name is lower case
   * @param vfs existing VFs; the JSON name is {@code Vfs}
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record InterfaceExt(
      @Nullable String name,
      @Nullable String mac,
      @Nullable String driver,
      @Required String pciAddress,
      @Nullable String vendor,
      @Nullable String deviceID,
      @Nullable String netFilter,
      @OmitZero int mtu,
      @OmitZero int numVfs,
      @Nullable String linkSpeed,
      @Nullable String linkType,
      @Nullable String linkAdminState,
      @Nullable String eSwitchMode,
      @OmitZero boolean externallyManaged,
      @OmitZero int totalvfs,
      @JsonProperty("Vfs") List<VirtualFunction> vfs,
      List<String> altNames) {

    public InterfaceExt {
      pciAddress = Absent.toEmpty(pciAddress);
      vfs = Absent.toEmpty(vfs);
      altNames = Absent.toEmpty(altNames);
    }
  }

  /**
   * A discovered VF.
   *
   * @param vfID index on its PF, from 0
   * @param guid node GUID
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record VirtualFunction(
      @Nullable String name,
      @Nullable String mac,
      @Nullable String assigned,
      @Nullable String driver,
      @Required String pciAddress,
      @Nullable String vendor,
      @Nullable String deviceID,
      @JsonProperty("Vlan") @OmitZero int vlan,
      @OmitZero int mtu,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Required int vfID,
      @Nullable String vdpaType,
      @Nullable String representorName,
      @Nullable String guid) {

    public VirtualFunction {
      pciAddress = Absent.toEmpty(pciAddress);
    }
  }
}
