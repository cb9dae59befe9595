package io.sriov.plan.node;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.api.SriovNetworkNodeStateSpec.Interface;
import io.sriov.api.SriovNetworkNodeStateSpec.VfGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Seeded random hosts and desired states. */
final class RandomNode {

  private final RandomGenerator random;

  RandomNode(RandomGenerator random) {
    this.random = random;
  }

  /** A host on which somebody already did something, the operator or an admin. */
  SimulatedHost host() {
    var host = new SimulatedHost(random);
    int pfs = random.nextInt(1, 5);
    for (int i = 0; i < pfs; i++) {
      var pf = host.addPf("0000:%02x:00.%d".formatted(4 + i / 2, i % 2));
      pf.totalVfs = oneIn(8) ? 0 : random.nextInt(1, 17);
      pf.mtu = oneIn(4) ? 9000 : 1500;
      pf.up = random.nextBoolean();
      pf.iommu = !oneIn(6);
      pf.autoprobe = !oneIn(6);
      pf.adminMacs = !oneIn(4);
      pf.rdma = oneIn(3);
      pf.linkType = oneIn(12) ? "IB" : "ETH";
      pf.vfDriver = pf.adminMacs ? "igbvf" : "virtio-pci";
      pf.devlink = oneIn(3);
      pf.eswitchMode = pf.devlink && oneIn(3) ? "switchdev" : "legacy";
      if (pf.devlink) {
        pf.driver = oneIn(3) ? "ice" : "mlx5_core";
        pf.vfDriver = pf.driver.equals("ice") ? "iavf" : "mlx5_core";
        pf.tcOffload = oneIn(3) ? null : Boolean.valueOf(random.nextBoolean());
        pf.tcOffloadStuck = oneIn(4);
        pf.flowSteering = List.of("smfs", "dmfs", "").get(random.nextInt(3));
        pf.flowSteering = pf.flowSteering.isEmpty() ? null : pf.flowSteering;
        pf.namesPort = !oneIn(6);
      }
      if (oneIn(2)) {
        host.loadModule("vfio_pci");
      }
      if (oneIn(2) && pf.totalVfs > 0) {
        host.writeNumVfs(pf.pci, random.nextInt(1, pf.totalVfs + 1));
        pf.vfs.forEach(vf -> disturb(host, pf, vf));
      }
      if (oneIn(2)) {
        host.saveRecord(pf.pci, wantedOn(pf));
      } else if (oneIn(8)) {
        host.corruptRecord(pf.pci.value());
      }
      if (oneIn(3)) {
        host.writeRule("10-nm-disable-" + pf.pci + ".rules", "old");
        host.writeRule("20-switchdev-" + pf.pci + ".rules", "old");
        host.writeRule("10-pf-name-" + pf.pci + ".rules", "old");
      }
      if (oneIn(4)) {
        host.initially(pf.pci.value(), oneIn(3) ? 0 : 4000, oneIn(3) ? "switchdev" : "legacy");
      }
    }
    return host;
  }

  private void disturb(SimulatedHost host, SimulatedHost.SimPf pf, SimulatedHost.SimVf vf) {
    if (pf.adminMacs && oneIn(2) && vf.mac != null) {
      host.setAdminMac(pf.pci, vf.id, vf.mac);
    }
    if (vf.driver != null && oneIn(3)) {
      host.unbind(pf.pci, vf.id);
      if (pf.iommu && oneIn(2)) {
        host.loadModule("vfio_pci");
        host.setOverride(pf.pci, vf.id, "vfio-pci");
        host.bind(pf.pci, vf.id, "vfio-pci");
        if (oneIn(2)) {
          host.setOverride(pf.pci, vf.id, "");
        }
      }
    } else if (vf.mac != null && oneIn(4)) {
      vf.mtu = 1400;
    }
    if (oneIn(12)) {
      host.use(vf.pci, "default/pod-" + vf.id);
    }
  }

  /** Mostly possible, sometimes not. */
  SriovNetworkNodeStateSpec desired(SimulatedHost host) {
    var interfaces = new ArrayList<Interface>();
    for (var pf : host.inventory().pfs()) {
      if (!oneIn(4)) {
        interfaces.add(wantedOn(host.pf(pf.pci().value())));
      }
    }
    if (oneIn(20)) {
      interfaces.add(new Interface("0000:ff:00.0", 1, 0, null, null, null, false, List.of()));
    }
    return new SriovNetworkNodeStateSpec(interfaces, null, null);
  }

  private Interface wantedOn(SimulatedHost.SimPf pf) {
    int numVfs = oneIn(12) ? pf.totalVfs + 1 : random.nextInt(0, pf.totalVfs + 1);
    if (oneIn(3)) {
      numVfs = pf.vfs.size();
    }
    var groups = new ArrayList<VfGroup>();
    int first = oneIn(4) ? 1 : 0;
    while (first < numVfs && groups.size() < 3) {
      int last = oneIn(3) ? numVfs - 1 : random.nextInt(first, numVfs);
      groups.add(
          new VfGroup(
              "resource" + groups.size(),
              oneIn(15) ? "nonsense" : List.of("netdevice", "vfio-pci", "").get(random.nextInt(3)),
              first + "-" + (oneIn(30) ? numVfs : last),
              "policy" + groups.size(),
              List.of(0, 0, 1500, 1400, 9000).get(random.nextInt(5)),
              oneIn(4),
              oneIn(40) ? "vhost" : null));
      first = last + 1;
    }
    return new Interface(
        pf.pci.value(),
        numVfs,
        List.of(0, 0, 9000, 1500, 20000).get(random.nextInt(oneIn(8) ? 5 : 4)),
        pf.name(),
        oneIn(8) ? "eth" : null,
        oneIn(pf.devlink ? 2 : 40) ? "switchdev" : null,
        oneIn(8),
        groups);
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }
}
