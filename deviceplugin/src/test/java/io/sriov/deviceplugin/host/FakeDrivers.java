package io.sriov.deviceplugin.host;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Drivers that say what the test wants, and remember who was asked. */
public final class FakeDrivers implements DriverFacts {

  public final Set<String> rdma = new HashSet<>();
  public final Map<String, String> profiles = new HashMap<>();
  public final List<String> asked = new CopyOnWriteArrayList<>();

  /** An answer is not given before this has happened. */
  public volatile CountDownLatch ready = new CountDownLatch(0);

  @Override
  public boolean rdmaEnabled(String bus, String device) {
    asked.add(device);
    awaitReady();
    return rdma.contains(device);
  }

  @Override
  public String ddpProfile(String address, Optional<String> pf) {
    asked.add(address);
    return profiles.getOrDefault(address, "");
  }

  private void awaitReady() {
    try {
      ready.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
