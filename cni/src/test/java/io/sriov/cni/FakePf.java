package io.sriov.cni;

import io.sriov.cni.plugin.PfPort;
import io.sriov.cni.plugin.VfHardware;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.HardwareAddress;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.RouteSocket;
import io.sriov.linux.netlink.VfChange;
import io.sriov.linux.netlink.VfInfo;
import io.sriov.linux.netlink.VfLinkState;
import io.sriov.linux.netlink.VlanProtocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * The PF of veth pairs that stand in for VFs. It behaves as an igb: it takes what that takes and
 * refuses what that refuses. Its state is a file, so that it outlives a server that is killed.
 */
public final class FakePf implements VfHardware {

  public static final String NAME = "pf0";
  private static final int MTU = 1500;

  private final Path folder;

  /** Settings in the order in which they were made, as text. */
  public final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  /** Hears the number of a call before it is carried out. */
  public IntConsumer onCall = number -> {};

  /** Settings that fail now for no lasting reason. */
  public Predicate<VfChange> fails = change -> false;

  /** Called when the PF is used, to let the world be as it would be by then. */
  public Runnable onUse = () -> {};

  /** How many reads after a change of a VF's address still show the old one. */
  public int lateReads;

  private int readsLeft;
  private String oldMac = "";

  /** Whether the driver refuses an administrative address of zeros. */
  public boolean refusesZeroMac;

  /** Whether the driver takes the state of a VF's link, as others than igb do. */
  public boolean takesLinkState;

  public FakePf(Path folder) {
    this.folder = folder;
  }

  /** Records which link at the other end of the wire tells that a veth is this VF. */
  public void wire(String vf, int peerIndex) throws IOException {
    Files.writeString(folder.resolve("peer-" + vf), Integer.toString(peerIndex));
  }

  @Override
  public Belongs belongs(String vf, Link link) {
    try {
      Path peer = folder.resolve("peer-" + vf);
      boolean same =
          Files.exists(peer)
              && link.parentNamespaceId().isPresent()
              && link.parent().orElse(0) == Integer.parseInt(Files.readString(peer));
      return same ? Belongs.YES : Belongs.NO;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public PfPort pf(RouteSocket links, String netdev) throws LinuxException {
    if (!netdev.equals(NAME)) {
      throw new LinuxException(Errno.ENODEV, "RTM_GETLINK " + netdev);
    }
    onUse.run();
    return new Port();
  }

  /** All settings as text, to compare before and after. */
  public String snapshot() throws IOException {
    List<Path> files;
    try (var entries = Files.list(folder)) {
      files =
          entries
              .filter(file -> file.getFileName().toString().startsWith("vf-"))
              .sorted(Comparator.naturalOrder())
              .toList();
    }
    StringBuilder text = new StringBuilder();
    for (Path file : files) {
      Properties state = load(file);
      text.append(file.getFileName()).append(new TreeMap<>(state)).append('\n');
    }
    return text.toString();
  }

  /** Gives a VF a state that differs from a fresh one's. */
  public void preset(int vf, VfChange... changes) throws LinuxException {
    for (VfChange change : changes) {
      new Port().set(vf, change);
    }
    calls.clear();
  }

  public Properties state(int vf) throws IOException {
    return load(folder.resolve("vf-" + vf));
  }

  void addVf(int vf) throws IOException {
    Properties state = new Properties();
    state.setProperty("mac", "00:00:00:00:00:00");
    state.setProperty("vlan", "0");
    state.setProperty("qos", "0");
    state.setProperty("spoofchk", "true");
    state.setProperty("trust", "false");
    state.setProperty("max", "0");
    save(vf, state);
  }

  private static Properties load(Path file) throws IOException {
    Properties state = new Properties();
    try (var in = Files.newInputStream(file)) {
      state.load(in);
    }
    return state;
  }

  private void save(int vf, Properties state) throws IOException {
    Path file = folder.resolve("vf-" + vf);
    Path temporary = folder.resolve(".vf-" + vf);
    try (var out = Files.newOutputStream(temporary)) {
      state.store(out, null);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private final class Port implements PfPort {

    @Override
    public Optional<VfInfo> vf(int number) {
      try {
        Path file = folder.resolve("vf-" + number);
        if (!Files.exists(file)) {
          return Optional.empty();
        }
        Properties state = load(file);
        boolean late = readsLeft > 0;
        if (late) {
          readsLeft--;
        }
        String mac = late ? oldMac : state.getProperty("mac");
        return Optional.of(
            new VfInfo(
                number,
                HardwareAddress.parse(mac).orElseThrow(),
                Integer.parseInt(state.getProperty("vlan")),
                Integer.parseInt(state.getProperty("qos")),
                Optional.of(VlanProtocol.DOT1Q),
                Optional.of(Boolean.valueOf(state.getProperty("spoofchk"))),
                Optional.of(Boolean.valueOf(state.getProperty("trust"))),
                VfLinkState.valueOf(state.getProperty("linkState", "AUTO")),
                0,
                Integer.parseInt(state.getProperty("max")),
                Optional.empty()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public int mtu() {
      return MTU;
    }

    @Override
    public void set(int number, VfChange change) throws LinuxException {
      calls.add(number + " " + change);
      onCall.accept(calls.size());
      if (fails.test(change)) {
        throw new LinuxException(Errno.EIO, "RTM_SETLINK vf " + number + " " + change, "injected");
      }
      try {
        Properties state = load(folder.resolve("vf-" + number));
        switch (change) {
          case VfChange.Vlan(int id, int qos, VlanProtocol protocol) -> {
            if (protocol == VlanProtocol.DOT1AD) {
              throw refused(Errno.EPROTONOSUPPORT, change);
            }
            state.setProperty("vlan", Integer.toString(id));
            state.setProperty("qos", Integer.toString(qos));
          }
          case VfChange.Mac(HardwareAddress address) -> {
            if (address.isZero() && refusesZeroMac) {
              throw refused(Errno.EINVAL, change);
            }
            if (readsLeft == 0 && lateReads > 0) {
              oldMac = state.getProperty("mac");
              readsLeft = lateReads;
            }
            state.setProperty("mac", address.toString());
          }
          case VfChange.Rate(int min, int max) -> {
            if (min != 0) {
              throw refused(Errno.EINVAL, change);
            }
            state.setProperty("max", Integer.toString(max));
          }
          case VfChange.SpoofChk(boolean on) -> state.setProperty("spoofchk", Boolean.toString(on));
          case VfChange.Trust(boolean on) -> state.setProperty("trust", Boolean.toString(on));
          case VfChange.LinkState(VfLinkState link) when takesLinkState ->
              state.setProperty("linkState", link.toString());
          case VfChange.LinkState _,
              VfChange.RssQuery _,
              VfChange.NodeGuid _,
              VfChange.PortGuid _ ->
              throw refused(Errno.EOPNOTSUPP, change);
        }
        save(number, state);
      } catch (IOException e) {
        throw e instanceof LinuxException refused
            ? refused
            : new LinuxException(Errno.EIO, "fake PF", String.valueOf(e.getMessage()));
      }
    }

    private LinuxException refused(Errno errno, VfChange change) {
      return new LinuxException(errno, "RTM_SETLINK vf " + change + " on " + NAME);
    }
  }
}
