package io.sriov.cni;

import io.sriov.cni.plugin.VfHardware;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.file.FileLock;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.LinkChange;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netns.NetNamespace;
import io.sriov.linux.sysfs.Sysfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A node whose VFs are veth ends: a namespace as the host's, one for the other ends, a sysfs tree
 * in a folder, and a {@link FakePf}.
 */
public final class VethNode implements AutoCloseable {

  public final Path folder;
  public final NetNamespace host;
  public final NetNamespace wire;
  public final RouteSocket hostLinks;
  public final FakePf pf;
  private final int count;
  private boolean frozen;
  private final List<AutoCloseable> owned = new ArrayList<>();

  public VethNode(Path folder, int vfs) throws IOException {
    this(folder, vfs, NetNamespace.create());
  }

  VethNode(Path folder, int vfs, NetNamespace host) throws IOException {
    this.folder = folder;
    this.count = vfs;
    this.host = host;
    this.wire = NetNamespace.create();
    this.hostLinks = RouteSocket.openIn(host);
    this.pf = new FakePf(Files.createDirectories(folder.resolve("pf")));
    Path pfDevice = device("0000:01:00.0");
    Files.createDirectories(pfDevice.resolve("net").resolve(FakePf.NAME));
    Files.writeString(pfDevice.resolve("sriov_numvfs"), vfs + "\n");
    Files.writeString(pfDevice.resolve("sriov_totalvfs"), "16\n");
    try (RouteSocket peers = RouteSocket.openIn(wire)) {
      for (int i = 0; i < vfs; i++) {
        hostLinks.add(new NewLink.Veth(hostName(i), "peer" + i, Optional.of(wire)));
        Link peer = peers.link("peer" + i);
        peers.change(peer, LinkChange.none().up(true));
        Path vf = device(address(i));
        Files.createSymbolicLink(pfDevice.resolve("virtfn" + i), vf);
        Files.createSymbolicLink(vf.resolve("physfn"), pfDevice);
        bind(i, "igbvf");
        pf.wire(address(i), peer.index());
        pf.addVf(i);
      }
    }
    refreshSysfs();
    pf.onUse =
        () -> {
          try {
            refreshSysfs();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
  }

  public static String address(int vf) {
    return "0000:01:%02x.%d".formatted(0x10 + vf / 8, vf % 8);
  }

  public static String hostName(int vf) {
    return "ens1f0v" + vf;
  }

  public Path sysfs() {
    return folder.resolve("sys");
  }

  public Path state() {
    return folder.resolve("state");
  }

  public Path socket() {
    return folder.resolve("cni.sock");
  }

  /** Binds a VF to a driver; with a userspace driver its netdev is no longer listed. */
  public void bind(int vf, String driver) throws IOException {
    Path target = Files.createDirectories(sysfs().resolve("bus/pci/drivers").resolve(driver));
    Path link = device(address(vf)).resolve("driver");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, target);
  }

  /** Takes the driver from a VF; that its netdev goes, too, is the test's matter. */
  public void unbind(int vf) throws IOException {
    Files.delete(device(address(vf)).resolve("driver"));
  }

  /** Shows in the tree which netdevs are on the host now, as the kernel would. */
  public synchronized void refreshSysfs() throws IOException {
    if (frozen) {
      return;
    }
    List<Link> links = hostLinks.links();
    for (int i = 0; i < count; i++) {
      String vf = address(i);
      Path net = sysfs().resolve("bus/pci/devices").resolve(vf).resolve("net");
      List<String> now =
          links.stream()
              .filter(link -> pf.belongs(vf, link) == VfHardware.Belongs.YES)
              .map(Link::name)
              .toList();
      String[] shown = net.toFile().list();
      if (shown == null || !List.of(shown).equals(now)) {
        deleteTree(net);
        for (String name : now) {
          Files.createDirectories(net.resolve(name));
        }
      }
    }
  }

  /** Leaves the tree as it is from now on, right or wrong. */
  public synchronized void freeze() {
    frozen = true;
  }

  /** Removes a VF, as writing 0 to sriov_numvfs does. */
  public void removeVf(int vf) throws IOException {
    deleteTree(device(address(vf)));
    Files.delete(device("0000:01:00.0").resolve("virtfn" + vf));
  }

  private Path device(String address) throws IOException {
    return Files.createDirectories(sysfs().resolve("bus/pci/devices").resolve(address));
  }

  /** A namespace as a pod's. */
  public PodNetns pod() throws IOException {
    PodNetns pod = new PodNetns(folder);
    owned.add(pod);
    return pod;
  }

  public CniSettings settings() throws LinuxException {
    return settings(Duration.ofSeconds(5), Duration.ofMillis(300));
  }

  /** With a descriptor of the host's namespace of its own, which a server closes at its end. */
  public CniSettings settings(Duration lockTimeout, Duration settleTimeout) throws LinuxException {
    return new CniSettings(
        socket(),
        state(),
        folder.resolve("root"),
        new Sysfs(sysfs()),
        NetNamespace.open(Path.of("/proc/self/fd/" + host.fd().number())),
        pf,
        lockTimeout,
        settleTimeout,
        Duration.ofSeconds(5),
        CniSettings.InfiniBand.in(folder.resolve("root"), new Sysfs(sysfs())));
  }

  /** Everything that an attachment may change, as text. */
  public String snapshot() throws IOException {
    return vfs() + files();
  }

  /** Settings and netdevs of the VFs that are on the host, as text. */
  public String vfs() throws IOException {
    StringBuilder text = new StringBuilder(pf.snapshot());
    for (Link link : hostLinks.links()) {
      text.append(
          "%s %s %s mtu %d %s%n"
              .formatted(
                  link.name(),
                  link.altNames(),
                  link.mac(),
                  link.mtu(),
                  link.isUp() ? "up" : "down"));
    }
    return text.toString();
  }

  /** Names and contents of the state files, without locks. */
  public String files() throws IOException {
    if (!Files.exists(state())) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    try (Stream<Path> all = Files.walk(state())) {
      for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
        if (!file.toString().endsWith(".lock")) {
          text.append(state().relativize(file)).append(": ").append(Files.readString(file));
          text.append('\n');
        }
      }
    }
    return text.toString();
  }

  /** Also sees to it that no call left a lock held, whichever way it ended. */
  @Override
  public void close() throws Exception {
    requireUnlocked();
    hostLinks.close();
    for (AutoCloseable one : owned) {
      one.close();
    }
    host.close();
    wire.close();
  }

  private void requireUnlocked() throws IOException {
    List<Path> locks;
    try (Stream<Path> all = Files.walk(folder)) {
      locks = all.filter(file -> file.toString().endsWith(".lock")).toList();
    }
    for (Path lock : locks) {
      FileLock.acquire(lock, 0600, Duration.ofSeconds(1)).close();
    }
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

  /** A pod's namespace with a path that ends with it. */
  public static final class PodNetns implements AutoCloseable {

    public final NetNamespace netns = NetNamespace.create();
    public final RouteSocket links = RouteSocket.openIn(netns);
    private final Path link;

    PodNetns(Path folder) throws IOException {
      link = folder.resolve("netns-" + UUID.randomUUID());
      Files.createSymbolicLink(
          link, Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + netns.fd().number()));
    }

    /** A path that any process may open while this is open, and that is never used again. */
    public String path() {
      return link.toString();
    }

    /** A second descriptor, to be handed on. */
    public Fd descriptor() throws LinuxException {
      return Fd.open(Path.of(path()), Fd.READ_ONLY);
    }

    @Override
    public void close() throws IOException {
      Files.deleteIfExists(link);
      links.close();
      netns.close();
    }
  }
}
