package io.sriov.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class MessagesTest {

  private static final int RUNS = 500;

  /** struct nlmsghdr, struct ifinfomsg, IFLA_EXT_MASK: RTEXT_FILTER_VF and SKIP_STATS. */
  @Test
  void asksForOneLinkWithItsVfsAndWithoutTheirCounters() {
    byte[] request = RouteSocket.getLink(5).pack(1, 2);

    assertThat(HexFormat.of().formatHex(request))
        .isEqualTo(
            "28000000"
                + "1200"
                + "0500"
                + "01000000"
                + "02000000"
                + "00000000"
                + "05000000"
                + "00000000"
                + "00000000"
                + "0800"
                + "1d00"
                + "09000000");
  }

  @Test
  void readsALink() throws Exception {
    Fixture.Message message = Fixture.messages(Fixture.bytes("link-veth.hex")).getFirst();

    Link link = Link.parse(message.payload());

    assertThat(message.header().type()).isEqualTo(RouteMessage.NEWLINK);
    assertThat(link.index()).isEqualTo(3);
    assertThat(link.name()).isEqualTo("v0");
    assertThat(link.altNames()).containsExactly("keepsake");
    assertThat(link.type()).isEqualTo(Link.ETHERNET);
    assertThat(link.isUp()).isTrue();
    assertThat(link.isRunning()).isTrue();
    assertThat(link.carrier()).isTrue();
    assertThat(link.operState()).isEqualTo(OperState.UP);
    assertThat(link.mtu()).isEqualTo(1400);
    assertThat(link.minMtu()).isEqualTo(68);
    assertThat(link.maxMtu()).isEqualTo(65535);
    assertThat(link.mac()).hasToString("02:00:00:00:00:0a");
    assertThat(link.permanentAddress()).isEmpty();
    assertThat(link.kind()).contains("veth");
    assertThat(link.parent()).hasValue(2);
    assertThat(link.master()).hasValue(4);
    assertThat(link.physSwitchId()).isEmpty();
    assertThat(link.parentDevName()).isEmpty();
    assertThat(link.numVfs()).isZero();
  }

  @Test
  void readsAVfByTheNumberInside() throws Exception {
    ByteBuffer in = Fixture.buffer(Fixture.bytes("vf-info.hex"));

    VfInfo vf = VfInfo.parse(Attribute.next(in).nest(), 6);

    assertThat(vf)
        .isEqualTo(
            new VfInfo(
                3,
                HardwareAddress.parse("02:00:00:00:00:03").orElseThrow(),
                100,
                5,
                Optional.of(VlanProtocol.DOT1AD),
                Optional.of(true),
                Optional.of(false),
                VfLinkState.DISABLE,
                50,
                200,
                Optional.empty()));
  }

  @Test
  void readsTheVfsOfAPfBesideItsOtherAttributes() throws Exception {
    byte[] vfInfo = Fixture.bytes("vf-info.hex");
    MessageWriter pf = new MessageWriter(RouteMessage.NEWLINK, 0);
    new LinkHeader(Link.ETHERNET, 7, 0x1003, 0).pack(pf.room(LinkHeader.SIZE));
    int list = pf.startNest(LinkAttribute.VFINFO_LIST);
    pf.room(vfInfo.length).put(vfInfo);
    pf.endNest(list).u32(LinkAttribute.NUM_VF, 1);
    pf.bytes(LinkAttribute.ADDRESS, new byte[] {2, 0, 0, 0, 0, 9});
    pf.bytes(LinkAttribute.PHYS_SWITCH_ID, new byte[] {(byte) 0xab, 1});
    pf.text(LinkAttribute.PHYS_PORT_NAME, "p0");
    pf.text(LinkAttribute.PARENT_DEV_NAME, "0000:3b:00.0");
    pf.text(LinkAttribute.PARENT_DEV_BUS_NAME, "pci");

    Link link = Link.parse(Fixture.messages(pf.pack(1, 0)).getFirst().payload());

    assertThat(link.numVfs()).isEqualTo(1);
    assertThat(link.vf(3)).get().extracting(VfInfo::vlan).isEqualTo(100);
    assertThat(link.vf(0)).isEmpty();
    assertThat(link.physSwitchId()).contains("ab01");
    assertThat(link.physPortName()).contains("p0");
    assertThat(link.parentDevName()).contains("0000:3b:00.0");
    assertThat(link.parentDevBus()).contains("pci");
  }

  @Test
  void readsTheKernelsExplanationOfAnError() throws Exception {
    Fixture.Message message = Fixture.messages(Fixture.bytes("error-mtu.hex")).getFirst();

    assertThat(ErrorMessage.parse(message.header(), message.payload()))
        .isEqualTo(new ErrorMessage(22, "mtu greater than device maximum"));
  }

  @Test
  void readsAddresses() throws Exception {
    List<LinkAddress> addresses = new ArrayList<>();
    for (Fixture.Message message : Fixture.messages(Fixture.bytes("addresses.hex"))) {
      addresses.add(LinkAddress.parse(message.payload()));
    }

    assertThat(addresses)
        .extracting(LinkAddress::toString)
        .contains("127.0.0.1/8", "192.0.2.9/24", "0:0:0:0:0:0:0:1/128", "2001:db8:0:0:0:0:0:9/64");
    assertThat(addresses)
        .filteredOn(a -> a.toString().equals("192.0.2.9/24"))
        .containsExactly(
            new LinkAddress(
                4,
                InetAddress.getByName("192.0.2.9"),
                24,
                Optional.empty(),
                0,
                LinkAddress.PERMANENT));
  }

  @Test
  void readsRoutesOfUnicastOnly() throws Exception {
    List<Route> routes = new ArrayList<>();
    for (Fixture.Message message : Fixture.messages(Fixture.bytes("routes.hex"))) {
      Route.parse(message.payload()).ifPresent(routes::add);
    }

    assertThat(routes)
        .hasSize(2)
        .contains(
            Route.to(InetAddress.getByName("10.0.0.0"), 8, 4)
                .via(InetAddress.getByName("192.0.2.1"))
                .withPriority(50)
                .withTable(1000)
                .withMetrics(1300, 0));
  }

  @Test
  void writesVfVlanWithTheFullLengthTheKernelDemands() {
    byte[] message =
        VfMessage.pack(7, 3, List.of(new VfChange.Vlan(100, 5, VlanProtocol.DOT1AD))).pack(1, 0);

    assertThat(HexFormat.of().formatHex(message, 16, message.length))
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    Fixture.hex(
                        """
                        00000000 07000000 00000000 00000000 # struct ifinfomsg, index 7
                        20001600 # IFLA_VFINFO_LIST
                        1c000100 # IFLA_VF_INFO
                        18000c00 # IFLA_VF_VLAN_LIST
                        14000100 # IFLA_VF_VLAN_INFO, 16 bytes with padding
                        03000000 64000000 05000000 88a8 0000 # vf, vlan, qos, be16 proto
                        """)));
  }

  @Test
  void writesOneSettingOfSeveralVfsOfANamedPf() {
    var changes = new TreeMap<Integer, VfChange>();
    changes.put(9, new VfChange.Trust(true));
    changes.put(2, new VfChange.Mac(HardwareAddress.parse("02:00:00:00:00:05").orElseThrow()));

    byte[] message = VfMessage.pack("ens1", changes).pack(3, 0);

    assertThat(HexFormat.of().formatHex(message))
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    Fixture.hex(
                        """
                        6c000000 1300 0500 03000000 00000000 # RTM_SETLINK, NLM_F_REQUEST|ACK
                        00 00 0000 00000000 00000000 00000000 # struct ifinfomsg, no index
                        09000300 656e7331 00 000000 # IFLA_IFNAME
                        40001600 # IFLA_VFINFO_LIST
                        2c000100 # IFLA_VF_INFO
                        28000100 02000000 020000000005 # IFLA_VF_MAC, 32 bytes of address
                        0000 000000000000000000000000 000000000000000000000000
                        10000100 # IFLA_VF_INFO
                        0c000900 09000000 01000000 # IFLA_VF_TRUST
                        """)));
  }

  @Test
  void writesVfGuidsInHostOrder() {
    byte[] message =
        VfMessage.pack(7, 3, List.of(new VfChange.NodeGuid(0x0011223344556677L))).pack(1, 0);

    assertThat(HexFormat.of().formatHex(message))
        .endsWith("14000a00" + "03000000" + "00000000" + "7766554433221100");
  }

  @Test
  void writesTheGuidsOfAnInfiniBandVf() {
    byte[] message =
        VfMessage.pack(
                7,
                3,
                List.of(
                    new VfChange.NodeGuid(0x0011223344556677L),
                    new VfChange.PortGuid(0x0011223344556678L)))
            .pack(9, 0);

    assertThat(HexFormat.of().formatHex(message))
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    Fixture.hex(
                        """
                        54000000 1300 0500 09000000 00000000 # RTM_SETLINK, NLM_F_REQUEST|ACK
                        00 00 0000 07000000 00000000 00000000 # struct ifinfomsg of the PF
                        34001600 # IFLA_VFINFO_LIST
                        18000100 # IFLA_VF_INFO
                        14000a00 03000000 00000000 7766554433221100 # IFLA_VF_IB_NODE_GUID
                        18000100 # IFLA_VF_INFO
                        14000b00 03000000 00000000 7866554433221100 # IFLA_VF_IB_PORT_GUID
                        """)));
  }

  @Test
  void readsTheGuidsThatAPfHasSet() throws Exception {
    ByteBuffer nest =
        Fixture.buffer(
            Fixture.hex(
                """
                28000100 03000000 # IFLA_VF_MAC: vf, 32 bytes
                0000000000000000 0000000000000000 0000000000000000 0000000000000000
                14000a00 03000000 00000000 7766554433221100 # IFLA_VF_IB_NODE_GUID
                14000b00 03000000 00000000 7866554433221100 # IFLA_VF_IB_PORT_GUID
                """));

    VfInfo vf = VfInfo.parse(nest, 20);

    assertThat(vf.index()).isEqualTo(3);
    assertThat(vf.nodeGuid()).hasValue(0x0011223344556677L);
    assertThat(vf.portGuid()).hasValue(0x0011223344556678L);
  }

  @Test
  void asksAndMovesRdmaDevices() {
    assertThat(HexFormat.of().formatHex(RdmaSocket.packMove(2, 17).pack(3, 0)))
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    Fixture.hex(
                        """
                        20000000 0214 0500 03000000 00000000 # NLDEV_CMD_SET, NLM_F_REQUEST|ACK
                        08000100 02000000 # RDMA_NLDEV_ATTR_DEV_INDEX
                        08004400 11000000 # RDMA_NLDEV_NET_NS_FD
                        """)));
    assertThat(HexFormat.of().formatHex(RdmaSocket.packDump().pack(1, 0)))
        .isEqualTo("10000000" + "0114" + "0103" + "01000000" + "00000000");
    assertThat(HexFormat.of().formatHex(RdmaSocket.packGetMode().pack(1, 0)))
        .isEqualTo("10000000" + "0614" + "0500" + "01000000" + "00000000");
    assertThat(
            HexFormat.of()
                .formatHex(RdmaSocket.packSetMode(RdmaSocket.NetnsMode.EXCLUSIVE).pack(1, 0)))
        .isEqualTo(
            "18000000" + "0714" + "0500" + "01000000" + "00000000" + "05004200" + "00000000");
  }

  @Test
  void everyVfSettingIsReadBackAsWritten() throws Exception {
    RandomGenerator random = seeded();
    for (int run = 0; run < RUNS; run++) {
      int vf = random.nextInt(256);
      byte[] mac = new byte[6];
      random.nextBytes(mac);
      VfInfo expected =
          new VfInfo(
              vf,
              HardwareAddress.of(mac),
              0,
              0,
              Optional.of(VlanProtocol.values()[random.nextInt(2)]),
              Optional.of(random.nextBoolean()),
              Optional.of(random.nextBoolean()),
              VfLinkState.values()[random.nextInt(3)],
              random.nextInt(1000),
              random.nextInt(1_000_000),
              Optional.of(random.nextBoolean()));
      byte[] message =
          VfMessage.pack(
                  1,
                  vf,
                  List.of(
                      new VfChange.Mac(expected.mac()),
                      new VfChange.Vlan(
                          random.nextInt(4096),
                          random.nextInt(8),
                          expected.vlanProto().orElseThrow()),
                      new VfChange.Rate(expected.minTxRate(), expected.maxTxRate()),
                      new VfChange.SpoofChk(expected.spoofChk().orElseThrow()),
                      new VfChange.Trust(expected.trust().orElseThrow()),
                      new VfChange.LinkState(expected.linkState()),
                      new VfChange.RssQuery(expected.rssQuery().orElseThrow())))
              .pack(1, 0);

      assertThat(VfInfo.parse(Fixture.buffer(settings(message)), 6)).isEqualTo(expected);
    }
  }

  /** The settings of all IFLA_VF_INFO nests in a row, as if they were one. */
  private static byte[] settings(byte[] message) throws Exception {
    ByteBuffer in = Fixture.buffer(message).position(MessageHeader.SIZE + LinkHeader.SIZE);
    ByteBuffer list = Attribute.next(in).nest();
    ByteBuffer all = ByteBuffer.allocate(message.length);
    while (list.hasRemaining()) {
      all.put(Attribute.next(list).bytes());
    }
    byte[] bytes = new byte[all.flip().remaining()];
    all.get(bytes);
    return bytes;
  }

  @Test
  void everyAddressAndRouteIsReadBackAsWritten() throws Exception {
    RandomGenerator random = seeded();
    for (int run = 0; run < RUNS; run++) {
      boolean six = random.nextBoolean();
      LinkAddress address =
          LinkAddress.of(1 + random.nextInt(99), ip(random, six), random.nextInt(six ? 129 : 33))
              .withFlags(random.nextInt(1 << 12));
      Route route =
          Route.to(ip(random, six), 1 + random.nextInt(32), 1 + random.nextInt(99))
              .via(ip(random, six))
              .withTable(1 + random.nextInt(5000))
              .withPriority(random.nextInt(5000))
              .withScope(random.nextInt(256))
              .withMetrics(random.nextInt(9000), random.nextInt(9000));
      if (random.nextBoolean()) {
        route = route.withOnLink();
      }

      byte[] addressMessage = address.pack(RouteMessage.NEWADDR, 0).pack(run, 0);
      byte[] routeMessage = route.pack(RouteMessage.NEWROUTE, 0).pack(run, 0);

      assertThat(LinkAddress.parse(Fixture.messages(addressMessage).getFirst().payload()))
          .isEqualTo(address);
      assertThat(Route.parse(Fixture.messages(routeMessage).getFirst().payload())).contains(route);
      assertThat(Fixture.messages(routeMessage).getFirst().header())
          .isEqualTo(
              new MessageHeader(
                  routeMessage.length,
                  RouteMessage.NEWROUTE,
                  MessageHeader.REQUEST | MessageHeader.ACK,
                  run,
                  0));
    }
  }

  @Test
  void asksDevlinkForThePortsFlavourAndMode() throws Exception {
    MessageWriter port =
        GenericSocket.pack(
            30,
            5,
            0,
            out -> {
              DevlinkSocket.handle(out, "pci", "0000:3b:00.0");
              out.u32(3, 196609).u16(4, 2).u32(6, 12).text(7, "ens1f0_3");
              out.u16(77, DevlinkPort.PCI_VF).u16(127, 0).u16(128, 3).u32(150, 0);
            });
    byte[] message = port.pack(1, 0);

    assertThat(HexFormat.of().formatHex(message, 16, 48))
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    Fixture.hex(
                        """
                        05010000 # struct genlmsghdr: DEVLINK_CMD_PORT_GET, version 1
                        08000100 70636900 # DEVLINK_ATTR_BUS_NAME "pci"
                        11000200 303030303a33623a30302e3000 000000 # DEVLINK_ATTR_DEV_NAME
                        """)));
    ByteBuffer attributes = Fixture.messages(message).getFirst().payload().position(4);
    assertThat(DevlinkPort.parse(attributes))
        .isEqualTo(
            new DevlinkPort(
                "pci",
                "0000:3b:00.0",
                196609,
                DevlinkPort.PCI_VF,
                0,
                OptionalInt.of(0),
                OptionalInt.of(3),
                Optional.of("ens1f0_3")));
    assertThat(DevlinkSocket.readMode(Fixture.buffer(Fixture.hex("06001900 0100 0000"))))
        .contains(EswitchMode.SWITCHDEV);
    assertThat(DevlinkSocket.readMode(Fixture.buffer(new byte[0]))).isEmpty();
  }

  @Test
  void readsAndSetsADevlinkParameterOfWords() throws Exception {
    DevlinkParam steering =
        DevlinkParam.parse(
                Fixture.buffer(
                    Fixture.hex(
                        """
                        08000100 70636900 # DEVLINK_ATTR_BUS_NAME "pci"
                        48005080 # DEVLINK_ATTR_PARAM
                          17005100 666c6f775f7374656572696e675f6d6f646500 00 # _NAME
                          05005300 05000000 # _TYPE NLA_STRING
                          24005480 # _VALUES_LIST
                            18005580 # _VALUE
                              09005600 736d667300 000000 # _DATA "smfs"
                              05005700 00000000 # _CMODE runtime
                            08005580 # a second one without data
                              04005600
                        """)))
            .orElseThrow();
    assertThat(steering).isEqualTo(new DevlinkParam("flow_steering_mode", 5, "smfs", 0));
    assertThat(DevlinkParam.parse(Fixture.buffer(new byte[0]))).isEmpty();

    MessageWriter out = new MessageWriter(30, 0);
    DevlinkSocket.packValue(out, steering, "dmfs");
    byte[] message = out.pack(1, 0);
    assertThat(HexFormat.of().formatHex(message, 16, message.length))
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    Fixture.hex(
                        """
                        17005100 666c6f775f7374656572696e675f6d6f646500 00
                        05005300 05000000
                        09005600 646d667300 000000
                        05005700 00000000
                        """)));
  }

  @Test
  void readsADevlinkParameterThatIsOnOrOff() throws Exception {
    String on =
        """
        08000100 70636900 # DEVLINK_ATTR_BUS_NAME "pci"
        30005080 # DEVLINK_ATTR_PARAM
          10005100 656e61626c655f72646d6100 # _NAME "enable_rdma"
          05005300 06000000 # _TYPE NLA_FLAG
          14005480 # _VALUES_LIST
            10005580 # _VALUE
              04005600 # _DATA: on
              05005700 01000000 # _CMODE driverinit
        """;
    assertThat(DevlinkParam.parseFlag(Fixture.buffer(Fixture.hex(on)))).contains(true);
    assertThat(
            DevlinkParam.parseFlag(
                Fixture.buffer(
                    Fixture.hex(
                        """
                        1c005080
                          05005300 06000000
                          10005480
                            0c005580
                              05005700 01000000
                        """))))
        .contains(false);
    assertThat(DevlinkParam.parseFlag(Fixture.buffer(Fixture.hex("0c005080 05005300 06000000"))))
        .isEmpty();
    assertThat(DevlinkParam.parseFlag(Fixture.buffer(new byte[0]))).isEmpty();
  }

  @Test
  void readsTheVersionsADeviceRuns() throws Exception {
    String info =
        """
        08000100 70636900 # DEVLINK_ATTR_BUS_NAME "pci"
        08006200 69636500 # DEVLINK_ATTR_INFO_DRIVER_NAME "ice"
        14006480 # DEVLINK_ATTR_INFO_VERSION_FIXED
          08006700 66777800 # _NAME "fwx"
          06006800 31000000 # _VALUE "1"
        14006580 # DEVLINK_ATTR_INFO_VERSION_RUNNING
          08006700 66777800
          06006800 32000000 # "2"
        20006580
          10006700 66772e6170702e6e616d6500 # "fw.app.name"
          0c006800 4943452047545000 # "ICE GTP"
        """;
    assertThat(DevlinkInfo.running(Fixture.buffer(Fixture.hex(info)), "fw.app.name"))
        .contains("ICE GTP");
    assertThat(DevlinkInfo.running(Fixture.buffer(Fixture.hex(info)), "fwx")).contains("2");
    assertThat(DevlinkInfo.running(Fixture.buffer(Fixture.hex(info)), "fw")).isEmpty();
  }

  @Test
  void readsVdpaAndRdmaDevices() throws Exception {
    MessageWriter vdpa =
        GenericSocket.pack(
            31,
            3,
            0,
            out ->
                VdpaSocket.packNew(
                    out, "vdpa:0000:3b:02.1", "pci", "0000:3b:02.1", OptionalInt.of(32)));
    ByteBuffer attributes = Fixture.messages(vdpa.pack(1, 0)).getFirst().payload().position(4);

    assertThat(VdpaSocket.Device.parse(attributes))
        .isEqualTo(new VdpaSocket.Device("vdpa:0000:3b:02.1", "pci", "0000:3b:02.1", 0, 0));
    assertThat(
            RdmaDevice.parse(
                Fixture.buffer(
                    Fixture.hex(
                        """
                        08000100 02000000 # RDMA_NLDEV_ATTR_DEV_INDEX
                        0b000200 6d6c78355f3000 00 # RDMA_NLDEV_ATTR_DEV_NAME "mlx5_0"
                        0c000600 7766554433221100 # RDMA_NLDEV_ATTR_NODE_GUID
                        """))))
        .isEqualTo(new RdmaDevice(2, "mlx5_0", 0x0011223344556677L));
    assertThat(RdmaSocket.readMode(Fixture.buffer(Fixture.hex("05004200 01000000"))))
        .contains(RdmaSocket.NetnsMode.SHARED);
  }

  @Test
  void refusesVlansAndRatesOutOfRange() {
    assertThatThrownBy(() -> new VfChange.Vlan(4096, 0, VlanProtocol.DOT1Q))
        .hasMessage("VLAN id 4096 is not in 0..4095");
    assertThatThrownBy(() -> new VfChange.Vlan(1, 8, VlanProtocol.DOT1Q))
        .hasMessage("VLAN priority 8 is not in 0..7");
    assertThatThrownBy(() -> new VfChange.Rate(-1, 0)).hasMessageContaining("minimum rate -1");
  }

  @Test
  void readsHardwareAddressesInAllNotations() {
    assertThat(HardwareAddress.parse("60:00:00:00:00:E1")).get().hasToString("60:00:00:00:00:e1");
    assertThat(HardwareAddress.parse("60-00-00-00-00-e1")).get().hasToString("60:00:00:00:00:e1");
    assertThat(HardwareAddress.parse("6000.0000.00e1")).get().hasToString("60:00:00:00:00:e1");
    assertThat(HardwareAddress.parse("zz")).isEmpty();
    assertThat(HardwareAddress.parse("60:00:00:00:00")).isEmpty();
    assertThat(HardwareAddress.parse("60:00-00:00:00:e1")).isEmpty();
    assertThat(HardwareAddress.parse("00:00:00:00:00:00").orElseThrow().isZero()).isTrue();
    assertThat(HardwareAddress.parse("01:00:5e:00:00:01").orElseThrow().isMulticast()).isTrue();
  }

  private static InetAddress ip(RandomGenerator random, boolean six) throws Exception {
    byte[] bytes = new byte[six ? 16 : 4];
    random.nextBytes(bytes);
    return InetAddress.getByAddress(bytes);
  }

  private static RandomGenerator seeded() {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(20260101);
  }
}
