package io.sriov.deviceplugin.pool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Facts for tests: an 82576 VF bound to igbvf unless said otherwise. */
public final class Functions {

  public String address;
  public String vendor = "8086";
  public String device = "10ca";
  public int baseClass = 2;
  public Optional<String> driver = Optional.of("igbvf");
  public String acpiIndex = "";
  public Optional<String> physfn = Optional.empty();
  public OptionalInt numaNode = OptionalInt.empty();
  public Map<String, Integer> vfIndexes = new HashMap<>();
  public boolean switchdev;
  public List<Netdev> netdevs = new ArrayList<>();
  public boolean linkDown;
  public List<String> rdmaDevices = new ArrayList<>();
  public boolean rdmaEnabled;
  public String pKey = "";
  public String ddpProfile = "";
  public Optional<VdpaDevice> vdpa = Optional.empty();
  public List<AuxDevice> auxiliary = new ArrayList<>();
  public boolean silent;
  public Optional<String> fault = Optional.empty();

  public static PciFunction function(String address, Consumer<Functions> with) {
    var functions = new Functions();
    functions.address = address;
    with.accept(functions);
    return functions.build();
  }

  /** A PF at {@code bus:00.0} with {@code vfs} VFs at {@code bus:10.N}, all with netdevs. */
  public static List<PciFunction> pfWithVfs(String bus, String netdev, int vfs) {
    var all = new ArrayList<PciFunction>();
    var pfAddress = "0000:" + bus + ":00.0";
    all.add(
        function(
            pfAddress,
            f -> {
              f.device = "10c9";
              f.driver = Optional.of("igb");
              f.netdevs.add(ether(netdev));
              for (int i = 0; i < vfs; i++) {
                f.vfIndexes.put(vf(bus, i), i);
              }
            }));
    for (int i = 0; i < vfs; i++) {
      int index = i;
      all.add(
          function(
              vf(bus, i),
              f -> {
                f.physfn = Optional.of(pfAddress);
                f.netdevs.add(ether(netdev + "v" + index));
              }));
    }
    return all;
  }

  public static String vf(String bus, int index) {
    return "0000:%s:1%d.%d".formatted(bus, index / 8, index % 8);
  }

  public static Netdev ether(String name) {
    return new Netdev(name, OptionalInt.of(1), "", "", false);
  }

  private PciFunction build() {
    return new PciFunction(
        address,
        vendor,
        device,
        baseClass,
        driver,
        acpiIndex,
        physfn,
        numaNode,
        vfIndexes,
        switchdev,
        netdevs,
        linkDown,
        rdmaDevices,
        rdmaEnabled,
        pKey,
        ddpProfile,
        vdpa,
        auxiliary,
        silent,
        fault);
  }
}
