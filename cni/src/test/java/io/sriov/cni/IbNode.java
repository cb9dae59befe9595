package io.sriov.cni;

import io.sriov.cni.ib.IbHardware;
import io.sriov.cni.ib.IbSriovPlugin;
import io.sriov.cni.plugin.PfPort;
import io.sriov.cni.plugin.RdmaHardware;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.cni.rdma.RdmaPlugin;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.FileId;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.RdmaSocket;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netlink.VfLinkState;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A node with an InfiniBand card. Netdevs are veth ends in real namespaces; the rest behaves as the
 * kernel does with mlx5: a VF takes its GUID when it is bound; being bound, and its RDMA device
 * being moved, make its netdev anew in the host's namespace under the kernel's next name; RDMA
 * devices move only in exclusive mode.
 */
public final class IbNode implements AutoCloseable, VfHardware, IbHardware, RdmaHardware {

  public static final String PF = "ibp3s0";
  private static final String PF_ADDRESS = "0000:03:00.0";
  private static final long FIRMWARE_GUID = 0x0c42a10300aa0000L;

  public final Path folder;
  public final NetNamespace host = NetNamespace.create();
  public final NetNamespace wire = NetNamespace.create();
  public final RouteSocket hostLinks = RouteSocket.openIn(host);
  private final RouteSocket peers = RouteSocket.openIn(wire);
  private final List<Vf> vfs = new ArrayList<>();
  private final List<VethNode.PodNetns> pods = new ArrayList<>();
  private int nextNetdev;

  /** What was done with the hardware, in order. */
  public final List<String> calls = new ArrayList<>();

  /** Number of the call that fails, from 1; 0 for none. */
  public int failAt;

  /** Whether the thread dies at that call, as of a killed server, instead of an error. */
  public boolean dieThere;

  public Optional<RdmaSocket.NetnsMode> mode = Optional.of(RdmaSocket.NetnsMode.EXCLUSIVE);

  /** What the PF's driver refuses. */
  public Predicate<VfChange> refuses = change -> false;

  /** What asking for the mode fails with. */
  public Optional<Errno> modeFails = Optional.empty();

  /** What moving an RDMA device fails with. */
  public Optional<Errno> moveFails = Optional.empty();

  /** Whether the VF's driver does not come up again after it was taken away. */
  public boolean bindFails;

  /** Whether the driver reports GUIDs (Linux 5.5). */
  public boolean reportsGuids = true;

  /** Whether netdevs are Ethernet's. */
  public boolean ethernet;

  /** One VF. */
  private static final class Vf {
    final int number;
    long nodeGuid = -1;
    long portGuid = -1;
    long shownGuid;
    VfLinkState linkState = VfLinkState.AUTO;
    int peer;
    final List<String> rdmaNames = new ArrayList<>();
    boolean rdmaPresent = true;
    FileId rdmaPlace;

    Vf(int number, FileId host) {
      this.number = number;
      this.rdmaNames.add("mlx5_" + number);
      this.rdmaPlace = host;
    }

    List<String> rdma() {
      return rdmaPresent ? rdmaNames : List.of();
    }
  }

  public IbNode(Path folder, int count) throws IOException {
    this.folder = folder;
    Path pf = device(PF_ADDRESS);
    Files.createDirectories(pf.resolve("net").resolve(PF));
    Files.writeString(pf.resolve("sriov_numvfs"), count + "\n");
    link(pf.resolve("driver"), Files.createDirectories(driver("mlx5_core")));
    Files.createDirectories(driver("vfio-pci"));
    for (int i = 0; i < count; i++) {
      Vf vf = new Vf(i, host.id());
      vfs.add(vf);
      Path own = device(address(i));
      link(pf.resolve("virtfn" + i), own);
      link(own.resolve("physfn"), pf);
      link(own.resolve("driver"), driver("mlx5_core"));
      vf.shownGuid = FIRMWARE_GUID + i;
      newNetdev(vf, hostName(i));
    }
    nextNetdev = 7;
    refresh();
  }

  public static String address(int vf) {
    return "0000:03:00.%d".formatted(vf + 1);
  }

  public static String hostName(int vf) {
    return "ibp3s0v" + vf;
  }

  /** The GUID a VF has that was never given one, as text. */
  public static String firmwareGuid(int vf) {
    return "0c:42:a1:03:00:aa:00:0" + vf;
  }

  private Path sysfs() {
    return folder.resolve("sys");
  }

  private Path driver(String name) {
    return sysfs().resolve("bus/pci/drivers").resolve(name);
  }

  private Path device(String address) throws IOException {
    return Files.createDirectories(sysfs().resolve("bus/pci/devices").resolve(address));
  }

  private static void link(Path path, Path target) throws IOException {
    Files.deleteIfExists(path);
    Path unused = Files.createSymbolicLink(path, target);
  }

  /** The state folder of ib-sriov. */
  public Path state() {
    return folder.resolve("state-ib");
  }

  /** The state folder of rdma. */
  public Path rdmaState() {
    return folder.resolve("state-rdma");
  }

  public Path locks() {
    return folder.resolve("run/ib-sriov");
  }

  public IbSriovPlugin ibSriov(Duration lockTimeout) {
    return IbSriovPlugin.on(
        host,
        new Sysfs(sysfs()),
        this,
        this,
        this,
        state(),
        locks(),
        lockTimeout,
        Duration.ofMillis(200),
        Duration.ofMillis(500));
  }

  public Containerd ibSriov() {
    return new Containerd(IbSriovPlugin.NAME, ibSriov(Duration.ofSeconds(5)), folder);
  }

  public RdmaPlugin rdmaPlugin() {
    return new RdmaPlugin(
        host,
        new Sysfs(sysfs()),
        this,
        this,
        rdmaState(),
        folder.resolve("run/rdma"),
        Duration.ofSeconds(5));
  }

  public Containerd rdma() {
    return new Containerd(RdmaPlugin.NAME, rdmaPlugin(), folder);
  }

  public Path socket() {
    return folder.resolve("cni.sock");
  }

  public CniSettings settings() {
    return new CniSettings(
        socket(),
        folder.resolve("state-sriov"),
        folder.resolve("root"),
        new Sysfs(sysfs()),
        host,
        this,
        Duration.ofSeconds(5),
        Duration.ofMillis(200),
        Duration.ofSeconds(5),
        new CniSettings.InfiniBand(
            state(),
            locks(),
            rdmaState(),
            folder.resolve("run/rdma"),
            this,
            this,
            Duration.ofMillis(500)));
  }

  /** A path of the host's namespace. */
  public Path hostPath() {
    return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + host.fd().number());
  }

  public VethNode.PodNetns pod() throws IOException {
    VethNode.PodNetns pod = new VethNode.PodNetns(folder);
    pods.add(pod);
    return pod;
  }

  /** Gives a VF to vfio-pci: no netdev, no RDMA device. */
  public void bindToVfio(int vf) throws IOException {
    link(device(address(vf)).resolve("driver"), driver("vfio-pci"));
    deleteNetdev(vfs.get(vf));
    vfs.get(vf).rdmaPresent = false;
    refresh();
  }

  /** Gives the PF to vfio-pci. */
  public void bindPfToVfio() throws IOException {
    link(device(PF_ADDRESS).resolve("driver"), driver("vfio-pci"));
  }

  public static String pfAddress() {
    return PF_ADDRESS;
  }

  /** A second RDMA device on a VF. */
  public void addRdmaDevice(int vf, String name) throws IOException {
    vfs.get(vf).rdmaNames.add(name);
    refresh();
  }

  /** Lets a VF show a GUID, as one that was set up elsewhere. */
  public void show(int vf, long guid) {
    vfs.get(vf).shownGuid = guid;
  }

  /** What the PF has set. */
  public String guids(int vf) {
    return "%016x %016x".formatted(vfs.get(vf).nodeGuid, vfs.get(vf).portGuid);
  }

  public VfLinkState linkState(int vf) {
    return vfs.get(vf).linkState;
  }

  /** Whether the RDMA device of a VF is in a namespace. */
  public boolean hasRdma(int vf, NetNamespace namespace) throws LinuxException {
    return vfs.get(vf).rdmaPlace.equals(namespace.id());
  }

  /** Removes the VFs, as writing 0 to sriov_numvfs does. */
  public void removeVf(int vf) throws IOException {
    deleteNetdev(vfs.get(vf));
    deleteTree(device(address(vf)));
    Files.delete(device(PF_ADDRESS).resolve("virtfn" + vf));
  }

  /** The pod's namespace ends, and the kernel gives back what was in it, under the pod's names. */
  public void vanish(VethNode.PodNetns pod) throws IOException {
    for (Link link : pod.links.links()) {
      if (link.kind().isPresent() && link.kind().get().equals("veth")) {
        pod.links.change(link, LinkChange.none().moveTo(host));
      }
    }
    for (Vf vf : vfs) {
      if (vf.rdmaPlace.equals(pod.netns.id())) {
        vf.rdmaPlace = host.id();
        newNetdev(vf);
      }
    }
    pod.close();
    pods.remove(pod);
    refresh();
  }

  /** Everything that an attachment may change, as text. */
  public String snapshot() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Vf vf : vfs) {
      text.append(
          "vf %d set %s shown %016x link %s rdma %s on host %s%n"
              .formatted(
                  vf.number,
                  guids(vf.number),
                  vf.shownGuid,
                  vf.linkState,
                  vf.rdma(),
                  vf.rdmaPlace.equals(host.id())));
    }
    // A netdev that came anew has another number, so their order tells nothing.
    for (Link link : hostLinks.links().stream().sorted(Comparator.comparing(Link::name)).toList()) {
      text.append("%s %s %s%n".formatted(link.name(), link.altNames(), link.isUp()));
    }
    return text + files(state()) + files(rdmaState());
  }

  private static String files(Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
          text.append(folder.relativize(file)).append(": ").append(Files.readString(file));
          text.append('\n');
        }
      }
    }
    return text.toString();
  }

  // --- what the kernel does

  /** Nobody catches it, so nothing is undone. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private void called(String what) throws LinuxException {
    calls.add(what);
    if (calls.size() == failAt) {
      if (dieThere) {
        throw new Killed();
      }
      throw new LinuxException(Errno.EIO, what, "injected");
    }
  }

  private void newNetdev(Vf vf) throws IOException {
    deleteNetdev(vf);
    newNetdev(vf, "ib" + nextNetdev++);
  }

  private void newNetdev(Vf vf, String name) throws IOException {
    String peer = "peer" + vf.number;
    hostLinks.add(new NewLink.Veth(name, peer, Optional.of(wire)));
    Link other = peers.link(peer);
    peers.change(other, LinkChange.none().up(true));
    vf.peer = other.index();
  }

  /** Wherever it is: a veth goes with its peer. */
  private void deleteNetdev(Vf vf) throws IOException {
    Optional<Link> peer = peers.findLink("peer" + vf.number);
    if (peer.isPresent()) {
      peers.delete(peer.get());
    }
  }

  private Vf vf(String address) {
    return vfs.get(Integer.parseInt(address.substring(address.length() - 1)) - 1);
  }

  /** Shows in sysfs what is on the host now. */
  public void refresh() throws IOException {
    List<Link> links = hostLinks.links();
    for (Vf vf : vfs) {
      Path own = sysfs().resolve("bus/pci/devices").resolve(address(vf.number));
      if (!Files.exists(own)) {
        continue;
      }
      List<String> netdevs =
          links.stream()
              .filter(link -> belongs(address(vf.number), link) == Belongs.YES)
              .map(Link::name)
              .toList();
      show(own.resolve("net"), netdevs);
      show(own.resolve("infiniband"), vf.rdmaPlace.equals(host.id()) ? vf.rdma() : List.of());
    }
  }

  private static void show(Path folder, List<String> names) throws IOException {
    deleteTree(folder);
    for (String name : names) {
      Files.createDirectories(folder.resolve(name));
    }
  }

  @Override
  public Belongs belongs(String vf, Link link) {
    boolean same = link.parentNamespaceId().isPresent() && link.parent().orElse(0) == vf(vf).peer;
    return same ? Belongs.YES : Belongs.NO;
  }

  @Override
  public HardwareAddress address(Link netdev) {
    for (Vf vf : vfs) {
      if (belongs(address(vf.number), netdev) == Belongs.YES && !ethernet) {
        byte[] address = ByteBuffer.allocate(20).putLong(12, vf.shownGuid).array();
        return HardwareAddress.of(address);
      }
    }
    return netdev.mac();
  }

  @Override
  public void rebind(String address) throws LinuxException {
    called("rebind " + address);
    Vf vf = vf(address);
    try {
      Path driver = device(address).resolve("driver");
      Files.deleteIfExists(driver);
      deleteNetdev(vf);
      vf.rdmaPlace = host.id();
      vf.rdmaPresent = false;
      refresh();
      if (bindFails) {
        throw new LinuxException(Errno.EIO, "write " + address + " to …/bind");
      }
      link(driver, driver("mlx5_core"));
      vf.rdmaPresent = true;
      vf.shownGuid = vf.portGuid == -1 ? FIRMWARE_GUID + vf.number : vf.portGuid;
      newNetdev(vf);
      refresh();
    } catch (LinuxException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<RdmaSocket.NetnsMode> mode() throws LinuxException {
    if (modeFails.isPresent()) {
      throw new LinuxException(modeFails.get(), "RDMA_NLDEV_CMD_SYS_GET");
    }
    return mode;
  }

  @Override
  public boolean isIn(NetNamespace namespace, String device) throws LinuxException {
    FileId place = namespace.id();
    boolean shared = mode.equals(Optional.of(RdmaSocket.NetnsMode.SHARED));
    return vfs.stream()
        .anyMatch(vf -> vf.rdma().contains(device) && (shared || vf.rdmaPlace.equals(place)));
  }

  @Override
  public void move(String device, NetNamespace from, NetNamespace to) throws LinuxException {
    if (!isExclusive()) {
      throw new LinuxException(Errno.EOPNOTSUPP, "RDMA_NLDEV_CMD_SET " + device);
    }
    if (!isIn(from, device)) {
      throw new LinuxException(Errno.ENODEV, "move RDMA device " + device);
    }
    if (moveFails.isPresent()) {
      throw new LinuxException(moveFails.get(), "RDMA_NLDEV_CMD_SET " + device);
    }
    called("move " + device + (to.sameAs(host) ? " to the host" : " to the pod"));
    Vf vf = vfs.stream().filter(one -> one.rdma().contains(device)).findFirst().orElseThrow();
    vf.rdmaPlace = to.id();
    try {
      if (!ethernet) {
        newNetdev(vf);
      }
      refresh();
    } catch (LinuxException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public PfPort pf(RouteSocket links, String netdev) throws LinuxException {
    if (!netdev.equals(PF)) {
      throw new LinuxException(Errno.ENODEV, "RTM_GETLINK " + netdev);
    }
    try {
      refresh();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Port();
  }

  /** The PF's side. */
  private final class Port implements PfPort {

    @Override
    public Optional<VfInfo> vf(int number) {
      if (number >= vfs.size()) {
        return Optional.empty();
      }
      Vf vf = vfs.get(number);
      return Optional.of(
          new VfInfo(
              number,
              HardwareAddress.of((byte) 2, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) number),
              0,
              0,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              vf.linkState,
              0,
              0,
              Optional.empty(),
              reportsGuids ? OptionalLong.of(vf.nodeGuid) : OptionalLong.empty(),
              reportsGuids ? OptionalLong.of(vf.portGuid) : OptionalLong.empty()));
    }

    @Override
    public int mtu() {
      return 2044;
    }

    @Override
    public void set(int number, VfChange change) throws LinuxException {
      called(change.toString());
      if (refuses.test(change)) {
        throw new LinuxException(Errno.EIO, "RTM_SETLINK vf " + number + " " + change);
      }
      Vf vf = vfs.get(number);
      switch (change) {
        case VfChange.LinkState(VfLinkState state) -> vf.linkState = state;
        case VfChange.NodeGuid(long guid) -> vf.nodeGuid = guid;
        case VfChange.PortGuid(long guid) -> vf.portGuid = guid;
        default -> throw new LinuxException(Errno.EOPNOTSUPP, "RTM_SETLINK " + change);
      }
    }
  }

  @Override
  public void close() throws Exception {
    hostLinks.close();
    peers.close();
    for (VethNode.PodNetns pod : pods) {
      pod.close();
    }
    host.close();
    wire.close();
  }

  private static void deleteTree(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
