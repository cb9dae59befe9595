package io.sriov.deviceplugin.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.deviceplugin.allocation.DeviceFiles.Node;
import io.sriov.deviceplugin.allocation.DeviceFiles.RdmaNode;
import io.sriov.deviceplugin.config.DeviceKind;
import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.pool.Pool;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.deviceplugin.pool.VdpaDevice;
import io.sriov.testkit.Spec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ContainerAllocationTest {

  private static final String VF = "0000:03:02.0";
  private static final String VF2 = "0000:03:02.1";
  private static final DeviceFiles GROUP_169 = vfio("/dev/vfio/169", "/dev/vfio/169");

  @Test
  @Spec("05:71")
  @Spec("05:91")
  void givesAKernelNetdevItsIdAndADeviceInfoFile() throws Exception {
    var allocation = allocate(pool(device(VF, "igbvf")), DeviceFiles.NONE, VF);

    assertThat(allocation.nodes()).isEmpty();
    assertThat(allocation.environment())
        .isEqualTo(
            Map.of(
                "PCIDEVICE_OPENSHIFT_IO_NIC",
                VF,
                "PCIDEVICE_OPENSHIFT_IO_NIC_INFO",
                "{\"0000:03:02.0\":{\"generic\":{\"deviceID\":\"0000:03:02.0\"}}}"));
    assertThat(allocation.infoFiles())
        .containsExactly(
            Map.entry(
                VF,
                "{\"type\":\"pci\",\"version\":\"1.1.0\",\"pci\":{\"pci-address\":\"0000:03:02.0\"}}"));
    assertThat(DeviceInfo.fileName("openshift.io/nic", VF))
        .isEqualTo("openshift.io-nic-0000:03:02.0-device.json");
  }

  @Test
  @Spec("05:64")
  void givesAVfioDeviceItsGroup() throws Exception {
    var allocation = allocate(pool(device(VF, "vfio-pci")), GROUP_169, VF);

    assertThat(allocation.nodes())
        .containsExactly(Node.same("/dev/vfio/vfio"), Node.same("/dev/vfio/169"));
    assertThat(info(allocation))
        .isEqualTo(
            "{\"0000:03:02.0\":{\"generic\":{\"deviceID\":\"0000:03:02.0\"},"
                + "\"vfio\":{\"dev-mount\":\"/dev/vfio/169\",\"mount\":\"/dev/vfio/vfio\"}}}");
  }

  @Test
  @Spec("05:65")
  void showsTheContainersPathOfANoiommuGroup() throws Exception {
    var allocation =
        allocate(pool(device(VF, "vfio-pci")), vfio("/dev/vfio/noiommu-0", "/dev/vfio/0"), VF);
    assertThat(allocation.nodes()).contains(new Node("/dev/vfio/noiommu-0", "/dev/vfio/0"));
    assertThat(info(allocation)).contains("\"dev-mount\":\"/dev/vfio/0\"");
  }

  @Test
  @Spec("05:66")
  void givesTheVfioContainerAloneWhenTheGroupIsUnknown() throws Exception {
    var allocation = allocate(pool(device(VF, "vfio-pci")), DeviceFiles.NONE, VF);
    assertThat(allocation.nodes()).containsExactly(Node.same("/dev/vfio/vfio"));
    assertThat(info(allocation)).contains("\"mount\"").doesNotContain("dev-mount");
  }

  @Test
  @Spec("05:67")
  @Spec("05:79")
  void joinsSeveralDevicesInTheOrderOfTheRequest() throws Exception {
    var allocation =
        ContainerAllocation.of(
            pool(device(VF, "vfio-pci"), device(VF2, "vfio-pci")),
            List.of(VF2, VF),
            device -> device.id().equals(VF) ? GROUP_169 : vfio("/dev/vfio/170", "/dev/vfio/170"));
    assertThat(allocation.nodes())
        .containsExactly(
            Node.same("/dev/vfio/vfio"), Node.same("/dev/vfio/170"), Node.same("/dev/vfio/169"));
    assertThat(allocation.environment())
        .containsEntry("PCIDEVICE_OPENSHIFT_IO_NIC", VF2 + "," + VF);
  }

  @Test
  @Spec("05:68")
  @Spec("05:69")
  @Spec("05:70")
  void givesAUioDeviceItsNodeAtTheFirstAllocationAlready() throws Exception {
    var uio1 =
        new DeviceFiles(
            Optional.empty(),
            Optional.of("/dev/uio1"),
            List.of(),
            List.of(),
            false,
            Optional.empty());
    var allocation = allocate(pool(device(VF, "igb_uio")), uio1, VF);
    assertThat(allocation.nodes()).containsExactly(Node.same("/dev/uio1"));
    assertThat(info(allocation)).contains("\"uio\":{\"mount\":\"/dev/uio1\"}");

    var without = allocate(pool(device(VF, "igb_uio")), DeviceFiles.NONE, VF);
    assertThat(without.nodes()).isEmpty();
    assertThat(info(without)).contains("\"uio\":{}");

    var generic = allocate(pool(device(VF, "uio_pci_generic")), uio1, VF);
    assertThat(generic.nodes()).isEmpty();
    assertThat(info(generic)).doesNotContain("uio\"");
  }

  @Test
  @Spec("05:72")
  void givesVhostNetOnlyWhenBothNodesExist() throws Exception {
    var device =
        new PoolDevice(
            VF,
            VF,
            VF,
            "igbvf",
            OptionalInt.empty(),
            false,
            false,
            true,
            Optional.empty(),
            Optional.empty());
    var both =
        new DeviceFiles(
            Optional.empty(), Optional.empty(), List.of(), List.of(), true, Optional.empty());
    assertThat(allocate(pool(device), both, VF).nodes())
        .containsExactly(Node.same("/dev/vhost-net"), Node.same("/dev/net/tun"));
    var tunMissing = allocate(pool(device), DeviceFiles.NONE, VF);
    assertThat(tunMissing.nodes()).isEmpty();
    assertThat(info(tunMissing))
        .contains("\"vhost\":{\"net-mount\":\"/dev/vhost-net\",\"tun-mount\":\"/dev/net/tun\"}");
  }

  @Test
  @Spec("05:73")
  @Spec("05:92")
  void givesRdmaNodesInOrderAndTheManagerOnce() throws Exception {
    var pool = pool(rdma(VF), rdma(VF2));
    var allocation =
        ContainerAllocation.of(
            pool, List.of(VF, VF2), device -> rdmaFiles(device.id().equals(VF) ? 0 : 1));
    assertThat(allocation.nodes())
        .extracting(Node::hostPath)
        .containsExactly(
            "/dev/infiniband/issm0",
            "/dev/infiniband/umad0",
            "/dev/infiniband/uverbs0",
            "/dev/infiniband/rdma_cm",
            "/dev/infiniband/issm1",
            "/dev/infiniband/umad1",
            "/dev/infiniband/uverbs1");
    assertThat(info(allocation))
        .contains(
            "\"rdma\":{\"issm\":\"/dev/infiniband/issm0\",\"rdma_cm\":\"/dev/infiniband/rdma_cm\","
                + "\"rdma_dev\":\"mlx5_0\",\"umad\":\"/dev/infiniband/umad0\",\"uverbs\":\"/dev/infiniband/uverbs0\"}");
    assertThat(allocation.infoFiles().get(VF))
        .contains("\"pci\":{\"pci-address\":\"0000:03:02.0\",\"rdma-device\":\"mlx5_0\"}");
    // Hidden inside a pod in exclusive mode.
    assertThat(info(allocate(pool, DeviceFiles.NONE, VF))).contains("\"rdma\":{}");
    assertThat(allocate(pool, DeviceFiles.NONE, VF).infoFiles().get(VF))
        .doesNotContain("rdma-device");
    assertThat(allocate(pool(device(VF, "mlx5_core")), rdmaFiles(0), VF).infoFiles().get(VF))
        .doesNotContain("rdma-device");
  }

  @Test
  @Spec("05:93")
  void describesVdpaDevices() throws Exception {
    var files =
        new DeviceFiles(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            false,
            Optional.of("/dev/vhost-vdpa-0"));
    var vhost = allocate(pool(vdpa("vhost")), files, VF);
    assertThat(vhost.nodes()).containsExactly(Node.same("/dev/vhost-vdpa-0"));
    assertThat(info(vhost)).contains("\"vdpa\":{\"mount\":\"/dev/vhost-vdpa-0\"}");
    assertThat(vhost.infoFiles().get(VF))
        .isEqualTo(
            "{\"type\":\"vdpa\",\"version\":\"1.1.0\",\"vdpa\":{\"parent-device\":\"vdpa0\","
                + "\"driver\":\"vhost\",\"path\":\"/dev/vhost-vdpa-0\",\"pci-address\":\"0000:03:02.0\"}}");
    assertThat(allocate(pool(vdpa("vhost")), DeviceFiles.NONE, VF).infoFiles().get(VF))
        .doesNotContain("path");
    var virtio = allocate(pool(vdpa("virtio")), files, VF);
    assertThat(virtio.nodes()).isEmpty();
    assertThat(virtio.infoFiles().get(VF)).contains("\"driver\":\"virtio\"").doesNotContain("path");
  }

  @Test
  @Spec("05:75")
  @Spec("05:78")
  void overlaysAdditionalInfoOfTheAddressOverThatOfAll() throws Exception {
    var info =
        info(
            allocate(
                pool(
                    DeviceKind.NET_DEVICE,
                    Optional.of(
                        Map.of(
                            "*",
                            Map.of("a", "all", "b", "all"),
                            VF,
                            Map.of("b", "a<b&c", "c", "own"),
                            VF2,
                            Map.of("d", "other"))),
                    device(VF, "igbvf")),
                DeviceFiles.NONE,
                VF));
    assertThat(info)
        .contains("\"extra\":{\"a\":\"all\",\"b\":\"a\\u003cb\\u0026c\",\"c\":\"own\"}")
        .doesNotContain("other");
    assertThat(
            info(
                allocate(
                    pool(DeviceKind.NET_DEVICE, Optional.of(Map.of()), device(VF, "igbvf")),
                    DeviceFiles.NONE,
                    VF)))
        .contains("\"extra\":{}");
  }

  @Test
  @Spec("05:76")
  @Spec("05:94")
  void keysAdditionalInfoOfAScalableFunctionByItsParent() throws Exception {
    var sf =
        new PoolDevice(
            "mlx5_core.sf.4",
            VF,
            VF,
            "mlx5_core",
            OptionalInt.empty(),
            true,
            false,
            false,
            Optional.empty(),
            Optional.empty());
    var allocation =
        allocate(
            pool(
                DeviceKind.AUX_NET_DEVICE,
                Optional.of(
                    Map.of(VF, Map.of("k", "parent"), "mlx5_core.sf.4", Map.of("k", "aux"))),
                sf),
            DeviceFiles.NONE,
            "mlx5_core.sf.4");
    assertThat(info(allocation)).contains("\"k\":\"parent\"").doesNotContain("\"aux\"");
    assertThat(allocation.infoFiles()).isEmpty();
  }

  @Test
  @Spec("05:77")
  void replacesNothingButDotsInVariables() throws Exception {
    var pool =
        new Pool(
            new PoolConfig(
                "nvidia.com", "bf2-sf", DeviceKind.NET_DEVICE, List.of(), false, Optional.empty()),
            List.of(device(VF, "igbvf")));
    assertThat(allocate(pool, DeviceFiles.NONE, VF).environment())
        .containsOnlyKeys("PCIDEVICE_NVIDIA_COM_BF2-SF", "PCIDEVICE_NVIDIA_COM_BF2-SF_INFO");
  }

  @Test
  @Spec("05:80")
  void refusesAnUnknownIdOfNetDevicesAndIgnoresItElsewhere() throws Exception {
    assertThatThrownBy(() -> allocate(pool(device(VF, "igbvf")), DeviceFiles.NONE, VF2))
        .isInstanceOf(NotAllocatable.class)
        .hasMessage("device 0000:03:02.1 is not in pool openshift.io/nic");
    assertThat(
            allocate(pool(DeviceKind.ACCELERATOR, Optional.empty()), DeviceFiles.NONE, VF)
                .environment())
        .isEqualTo(
            Map.of("PCIDEVICE_OPENSHIFT_IO_NIC", "", "PCIDEVICE_OPENSHIFT_IO_NIC_INFO", "{}"));
  }

  @Test
  void refusesADeviceThatAPodHoldsUnderAnotherName() {
    var held =
        new PoolDevice(
            VF,
            VF,
            VF,
            "igbvf",
            OptionalInt.empty(),
            false,
            false,
            false,
            Optional.empty(),
            Optional.of("pod default/p holds it as openshift.io/old"));
    assertThatThrownBy(() -> allocate(pool(held), DeviceFiles.NONE, VF))
        .hasMessageContaining("default/p");
  }

  @Test
  @Spec("05:95")
  @Spec("05:97")
  void writesDevicesWithNodesIntoTheCdiFile() throws Exception {
    var pool = pool(device(VF, "vfio-pci"), device(VF2, "igbvf"));

    assertThat(Cdi.fileName(pool.config())).isEqualTo("sriov-dp-openshift.io-net-pci-nic.yaml");
    assertThat(Cdi.spec(pool, _ -> GROUP_169))
        .hasValue(
            """
            cdiVersion: "0.5.0"
            kind: "openshift.io/net-pci"
            containerEdits: {}
            devices:
            - name: "0000:03:02.0"
              containerEdits:
                deviceNodes:
                - path: "/dev/vfio/vfio"
                  hostPath: "/dev/vfio/vfio"
                  permissions: rw
                - path: "/dev/vfio/169"
                  hostPath: "/dev/vfio/169"
                  permissions: rw
            """);
    assertThat(Cdi.annotations(pool.config(), pool.devices(), _ -> GROUP_169))
        .isEqualTo(Map.of("cdi.k8s.io/openshift.io_net-pci", "openshift.io/net-pci=0000:03:02.0"));
    var kernel = pool(device(VF, "igbvf"));
    assertThat(Cdi.spec(kernel, _ -> DeviceFiles.NONE)).isEmpty();
    assertThat(Cdi.annotations(kernel.config(), kernel.devices(), _ -> DeviceFiles.NONE)).isEmpty();
  }

  @Test
  @Spec("05:98")
  void refusesACdiAnnotationThatIsTooLong() {
    var config =
        new PoolConfig(
            "x".repeat(60), "nic", DeviceKind.NET_DEVICE, List.of(), false, Optional.empty());
    assertThatThrownBy(
            () -> Cdi.annotations(config, List.of(device(VF, "vfio-pci")), _ -> GROUP_169))
        .isInstanceOf(NotAllocatable.class)
        .hasMessageContaining("at most 63");
  }

  private static ContainerAllocation allocate(Pool pool, DeviceFiles files, String... ids)
      throws NotAllocatable {
    return ContainerAllocation.of(pool, List.of(ids), _ -> files);
  }

  private static String info(ContainerAllocation allocation) {
    return allocation.environment().get("PCIDEVICE_OPENSHIFT_IO_NIC_INFO");
  }

  private static Pool pool(PoolDevice... devices) {
    return pool(DeviceKind.NET_DEVICE, Optional.empty(), devices);
  }

  private static Pool pool(
      DeviceKind kind,
      Optional<Map<String, Map<String, String>>> additionalInfo,
      PoolDevice... devices) {
    return new Pool(
        new PoolConfig("openshift.io", "nic", kind, List.of(), false, additionalInfo),
        Arrays.asList(devices));
  }

  private static PoolDevice device(String id, String driver) {
    return new PoolDevice(
        id,
        id,
        id,
        driver,
        OptionalInt.empty(),
        false,
        false,
        false,
        Optional.empty(),
        Optional.empty());
  }

  private static PoolDevice rdma(String id) {
    return new PoolDevice(
        id,
        id,
        id,
        "mlx5_core",
        OptionalInt.empty(),
        false,
        true,
        false,
        Optional.empty(),
        Optional.empty());
  }

  private static PoolDevice vdpa(String type) {
    return new PoolDevice(
        VF,
        VF,
        VF,
        "mlx5_core",
        OptionalInt.empty(),
        false,
        false,
        false,
        Optional.of(new VdpaDevice("vdpa0", type)),
        Optional.empty());
  }

  private static DeviceFiles vfio(String host, String container) {
    return new DeviceFiles(
        Optional.of(new Node(host, container)),
        Optional.empty(),
        List.of(),
        List.of(),
        false,
        Optional.empty());
  }

  private static DeviceFiles rdmaFiles(int n) {
    return new DeviceFiles(
        Optional.empty(),
        Optional.empty(),
        List.of(
            new RdmaNode("issm", "/dev/infiniband/issm" + n),
            new RdmaNode("umad", "/dev/infiniband/umad" + n),
            new RdmaNode("uverbs", "/dev/infiniband/uverbs" + n),
            new RdmaNode("rdma_cm", "/dev/infiniband/rdma_cm")),
        List.of("mlx5_" + n),
        false,
        Optional.empty());
  }
}
