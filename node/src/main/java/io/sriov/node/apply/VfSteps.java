package io.sriov.node.apply;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.node.host.Host;
import io.sriov.plan.node.Drivers;
import io.sriov.plan.node.PciAddress;
import io.sriov.plan.node.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Steps of one VF. Deadlines are upper bounds of upstream (spec 03 §8); waits end by events. */
final class VfSteps {

  /** For the VF's netdev to appear, after which its driver is bound once more. */
  private static final Duration NETDEV = Duration.ofSeconds(10);

  /** For a driver of which nobody knows whether there is one, e.g. a blacklisted one. */
  private static final Duration OPTIONAL_DRIVER = Duration.ofSeconds(1);

  private final Host host;
  private final PciAddress pf;
  private final int vf;

  VfSteps(Host host, PciAddress pf, int vf) {
    this.host = host;
    this.pf = pf;
    this.vf = vf;
  }

  void run(Step.OfVf step) throws IOException, InterruptedException {
    switch (step) {
      case Step.SetVfAdminMac mac -> setAdminMac(mac.required());
      case Step.BindDriver bind -> bind(bind.driver());
      case Step.BindDefaultDriver _ -> bindDefault();
      case Step.RebindDriver _ -> rebind();
      case Step.UnbindDriver _ -> unbind();
      case Step.ClearDriverOverride _ -> host.clearDriverOverride(pf, vf);
      case Step.SetVfMtu mtu -> setMtu(mtu.to());
    }
  }

  private void setAdminMac(boolean required) throws IOException, InterruptedException {
    String mac = host.mac(pf, vf).orElse(null);
    if (mac == null) {
      if (required) {
        awaitNetdev();
      } else if (!hasNetdevSoon()) {
        return;
      }
      mac = host.mac(pf, vf).orElse(null);
    }
    if (mac == null) {
      throw new LinuxException(Errno.ENODEV, "read the MAC address", "the netdev went away");
    }
    try {
      host.setAdminMac(pf, vf, mac);
    } catch (LinuxException e) {
      // Drivers without such addresses, e.g. virtio_net: there is nothing to keep then.
      if (!e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
    }
  }

  private boolean hasNetdevSoon() throws IOException, InterruptedException {
    return host.await(() -> host.driver(pf, vf).isPresent(), OPTIONAL_DRIVER)
        && host.await(() -> host.mac(pf, vf).isPresent(), NETDEV);
  }

  private void awaitNetdev() throws IOException, InterruptedException {
    if (host.await(() -> host.mac(pf, vf).isPresent(), NETDEV)) {
      return;
    }
    rebind();
    if (!host.await(() -> host.mac(pf, vf).isPresent(), NETDEV)) {
      throw new LinuxException(
          Errno.ETIMEDOUT,
          "wait for the VF's netdev",
          "none in twice " + NETDEV.toSeconds() + " s; driver " + driverText());
    }
  }

  private String driverText() throws IOException {
    return host.driver(pf, vf).orElse("absent, is its module missing or blacklisted?");
  }

  private void bind(String driver) throws IOException {
    Optional<String> bound = host.driver(pf, vf);
    if (bound.equals(Optional.of(driver))) {
      host.clearDriverOverride(pf, vf);
      return;
    }
    unbind();
    host.setDriverOverride(pf, vf, driver);
    try {
      host.bind(pf, vf, driver);
    } catch (LinuxException e) {
      // udev may have been quicker: with the override no other driver can have been bound.
      if (!host.driver(pf, vf).equals(Optional.of(driver))) {
        host.clearDriverOverride(pf, vf);
        throw host.hasIommuGroup(pf, vf)
            ? e
            : new LinuxException(
                e.errno(),
                e.operation(),
                "the VF is in no IOMMU group: enable the IOMMU in the BIOS and on the kernel"
                    + " command line");
      }
    }
    host.clearDriverOverride(pf, vf);
  }

  private void bindDefault() throws IOException, InterruptedException {
    Optional<String> bound = host.driver(pf, vf);
    if (bound.isPresent() && !Drivers.isUserspace(bound.get())) {
      host.clearDriverOverride(pf, vf);
      return;
    }
    rebind();
  }

  private void rebind() throws IOException, InterruptedException {
    unbind();
    host.clearDriverOverride(pf, vf);
    host.probe(pf, vf);
    awaitDriver();
  }

  private void unbind() throws IOException {
    if (host.driver(pf, vf).isPresent()) {
      host.unbind(pf, vf);
    }
  }

  /** The driver's module may still be loading. */
  private void awaitDriver() throws IOException, InterruptedException {
    if (!host.await(() -> host.driver(pf, vf).isPresent(), NETDEV)) {
      throw new LinuxException(
          Errno.ETIMEDOUT,
          "wait for the kernel to bind a driver",
          "none in " + NETDEV.toSeconds() + " s; is its module missing or blacklisted?");
    }
  }

  /** Never binds again: a netdev that went away since the plan was made went into a pod. */
  private void setMtu(int mtu) throws IOException, InterruptedException {
    if (!host.await(() -> host.mac(pf, vf).isPresent(), NETDEV)) {
      throw new LinuxException(
          Errno.ETIMEDOUT, "wait for the VF's netdev", "none in " + NETDEV.toSeconds() + " s");
    }
    host.setVfMtu(pf, vf, mtu);
  }
}
