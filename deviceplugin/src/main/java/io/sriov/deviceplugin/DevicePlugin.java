package io.sriov.deviceplugin;

import io.sriov.deviceplugin.config.ConfigDecoder;
import io.sriov.deviceplugin.config.ConfigException;
import io.sriov.deviceplugin.config.PluginConfig;
import io.sriov.deviceplugin.config.PoolConfig;
import io.sriov.deviceplugin.host.HostFacts;
import io.sriov.deviceplugin.pool.Configured;
import io.sriov.deviceplugin.pool.Facts;
import io.sriov.deviceplugin.pool.FactsWanted;
import io.sriov.deviceplugin.pool.Health;
import io.sriov.deviceplugin.pool.PciFunction;
import io.sriov.deviceplugin.pool.PoolDevice;
import io.sriov.deviceplugin.pool.Pools;
import io.sriov.deviceplugin.serve.Advertisement;
import io.sriov.deviceplugin.serve.RegistrationFailed;
import io.sriov.linux.file.HostFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop: waits for events, looks again at what they name, decides the pools anew, serves them.
 * One thread does all of it; {@link #tell} may be called on any.
 */
final class DevicePlugin {

  /** How often pods are looked at while the end of one would change a pool. */
  private static final Duration POD_CHECK = Duration.ofSeconds(10);

  /** How often the kubelet is asked for its pods while it does not tell them. */
  private static final Duration POD_QUESTION = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(DevicePlugin.class);

  private final EventQueue events = new EventQueue();
  private final Path configFile;
  private final ConfigDecoder decoder;
  private final HostFacts host;
  private final HeldDevices heldDevices;
  private final Advertisement advertisement;
  private final Consumer<Facts> whileWaiting;
  private final LinkGrace links;
  private final Set<String> failed = new HashSet<>();

  private String configText = "";
  private Optional<PluginConfig> config = Optional.empty();
  private Facts facts = Facts.of(List.of(), false);
  private Health health = Health.GOOD;
  private volatile Pools pools = Pools.NONE;
  private volatile Map<String, Integer> configured = Map.of();
  private volatile Optional<String> notReady = Optional.of("starting");
  private volatile long rejectedConfigurations;

  /** Time of System.nanoTime; empty while there is nothing to do. */
  private volatile Optional<Long> busySince = Optional.empty();

  private volatile boolean serves;

  /**
   * @param links which links count as down
   * @param whileWaiting done once when there is no configuration yet
   */
  DevicePlugin(
      Path configFile,
      ConfigDecoder decoder,
      HostFacts host,
      HeldDevices heldDevices,
      LinkGrace links,
      Function<Advertisement.Listener, Advertisement> advertisement,
      Consumer<Facts> whileWaiting) {
    this.configFile = configFile;
    this.decoder = decoder;
    this.host = host;
    this.heldDevices = heldDevices;
    this.links = links;
    this.whileWaiting = whileWaiting;
    this.advertisement = advertisement.apply(new Heard());
  }

  void tell(Event event) {
    events.tell(event);
  }

  /** Why pods may not get what the configuration promises; empty when they do. */
  Optional<String> notReady() {
    return notReady;
  }

  Pools pools() {
    return pools;
  }

  /** How many devices each pool promises, by resource. */
  Map<String, Integer> configured() {
    return configured;
  }

  /** How many devices of each pool pods hold; empty when the kubelet does not answer. */
  Optional<Map<String, Integer>> allocated() {
    return heldDevices.count(
        pools.pools().stream().map(pool -> pool.config().resource()).collect(Collectors.toSet()));
  }

  long rejectedConfigurations() {
    return rejectedConfigurations;
  }

  /** How long the loop has been at its present step; empty while it waits for events. */
  Optional<Duration> busy() {
    return busySince.map(since -> Duration.ofNanos(System.nanoTime() - since));
  }

  /** Whether the kubelet has been able to know a pool. */
  boolean serves() {
    return serves;
  }

  private void nextStep() {
    busySince = Optional.of(System.nanoTime());
  }

  /** The folder in which the configuration appears. */
  Path configFolder() {
    var folder = configFile.toAbsolutePath().getParent();
    return folder == null ? Path.of("/") : folder;
  }

  Path socketFolder() {
    return advertisement.folder();
  }

  /**
   * Serves until told to stop.
   *
   * @param afterFirstLook done once: begins to tell what the kernel told since before the look
   * @return exit code: 0 told to stop, 1 cannot go on, 2 a pool is invalid or was refused
   */
  int run(Runnable afterFirstLook) throws InterruptedException {
    nextStep();
    try {
      return follow(afterFirstLook);
    } catch (ConfigException e) {
      log.error("{}: {}", configFile, e.getMessage());
      return e.invalidPool() ? 2 : 1;
    } catch (RegistrationFailed e) {
      log.error("Ending: {}", e.getMessage());
      return 2;
    } catch (IOException e) {
      log.atError().setCause(e).log("Ending: {}", e.getMessage());
      return 1;
    } finally {
      var held = heldDevices.refreshed(prefixes());
      advertisement.close(device -> held.holder(device.id()).isPresent());
      busySince = Optional.empty();
    }
  }

  private int follow(Runnable afterFirstLook)
      throws IOException, ConfigException, RegistrationFailed, InterruptedException {
    readConfig();
    // The first question to the kubelet loads much of what serving needs: beside the look at the
    // PCI bus, not after it.
    var kubelet =
        Thread.ofPlatform().name("kubelet").start(() -> heldDevices.refreshed(prefixes()));
    try {
      facts = host.all(wanted(), this::nextStep);
    } finally {
      kubelet.join();
    }
    nextStep();
    if (config.isEmpty()) {
      log.info("Waiting for {}", configFile);
      // While the daemon still configures the node there is time to load what serving needs.
      whileWaiting.accept(facts);
    } else {
      health = new Health(failed, links.down(facts, System.nanoTime()));
      decide(!heldDevices.known());
    }
    afterFirstLook.run();
    while (true) {
      nextStep();
      var wait = advertisement.settle();
      boolean settled = advertisement.settled();
      serves = serves || (settled && !advertisement.served().isEmpty());
      notReady =
          config.isEmpty()
              ? Optional.of("waiting for " + configFile)
              : settled ? Optional.empty() : Optional.of("not registered at the kubelet");
      var batch = await(wait);
      boolean configChanged = false;
      boolean podsChanged = batch.isEmpty() && wait.isEmpty();
      boolean everything = false;
      var functions = new TreeSet<String>();
      var wantedBefore = wanted();
      for (var event : batch) {
        switch (event) {
          case Event.ConfigurationFile() -> configChanged |= readConfig();
          case Event.Functions(var addresses) -> functions.addAll(addresses);
          case Event.PciErrors(var address, boolean unrecovered) -> {
            boolean unused = unrecovered ? failed.add(address) : failed.remove(address);
          }
          case Event.Carrier(var netdev) -> functions.addAll(pfsNamed(netdev));
          case Event.AnyFunction() -> everything = true;
          case Event.Refused(var resource) -> advertisement.offerAgainLater(resource);
          case Event.StreamEnded(var resource) -> advertisement.streamEnded(resource);
          case Event.Sockets() -> {}
          case Event.Stop(int exitCode) -> {
            return exitCode;
          }
        }
      }
      var before = facts;
      long start = System.nanoTime();
      lookAt(functions, everything || !wanted().equals(wantedBefore));
      if (configChanged) {
        // The config daemon loads the module before it hands over the configuration.
        facts = facts.withVhostNet(host.vhostNet());
      }
      var healthBefore = health;
      health = new Health(failed, links.down(facts, System.nanoTime()));
      boolean changed = !facts.equals(before) || !health.equals(healthBefore);
      long looked = System.nanoTime();
      if (config.isPresent() && (configChanged || podsChanged || changed)) {
        decide(configChanged || podsChanged || lost(before));
      }
      log.atDebug()
          .addKeyValue("events", batch.size())
          .addKeyValue("functions", functions.size())
          .addKeyValue("lookedMs", (looked - start) / 1_000_000)
          .addKeyValue("decidedMs", (System.nanoTime() - looked) / 1_000_000)
          .log("Round");
    }
  }

  /** All events there are, at least one unless it is time to look without. */
  private List<Event> await(Optional<Duration> settling) throws InterruptedException {
    var forPods =
        !heldDevices.known()
            ? Optional.of(POD_QUESTION)
            : pools.dependOnPods() ? Optional.of(POD_CHECK) : Optional.<Duration>empty();
    var atMost =
        Stream.of(settling.or(() -> forPods), links.untilNext(System.nanoTime()))
            .flatMap(Optional::stream)
            .min(Duration::compareTo);
    busySince = Optional.empty();
    try {
      return events.take(atMost);
    } finally {
      nextStep();
    }
  }

  /**
   * Reads the configuration if its text changed. A mistake ends a process that has not served yet;
   * later the last good configuration stays in force.
   */
  private boolean readConfig() throws IOException, ConfigException {
    var bytes = HostFiles.read(configFile);
    if (bytes.isEmpty()) {
      if (config.isPresent()) {
        log.warn("{} is gone; the last configuration stays in force", configFile);
      }
      return false;
    }
    var text = new String(bytes.get(), StandardCharsets.UTF_8);
    if (text.equals(configText)) {
      return false;
    }
    configText = text;
    log.info("Configuration: {}", text);
    try {
      var read = decoder.decode(text);
      read.warnings().forEach(warning -> log.warn("{}", warning));
      config = Optional.of(read);
      if (read.pools().isEmpty()) {
        log.info("No resource configuration; waiting for one");
      }
      return true;
    } catch (ConfigException e) {
      if (config.isEmpty()) {
        throw e;
      }
      rejectedConfigurations++;
      log.error("{}: {}; the last configuration stays in force", configFile, e.getMessage());
      return false;
    }
  }

  private void lookAt(Set<String> functions, boolean everything) throws IOException {
    if (everything) {
      facts = host.all(wanted(), this::nextStep).remembering(facts);
      return;
    }
    if (functions.isEmpty()) {
      return;
    }
    // A VF that comes or goes changes what its PF says too. The kernel links the two only after it
    // has told of the VF, and no longer when it tells of its end. Of many VFs the PF is asked once,
    // and last, since it may answer late.
    var look = host.look(wanted());
    var pfs = new TreeSet<String>();
    for (var address : functions) {
      nextStep();
      var before = facts.at(address);
      if (before.filter(known -> !known.vfIndexes().isEmpty()).isPresent()) {
        pfs.add(address);
        continue;
      }
      var now = look.function(address);
      Stream.of(before, now)
          .flatMap(Optional::stream)
          .flatMap(known -> known.physfn().stream())
          .forEach(pfs::add);
      facts = facts.with(address, now);
    }
    for (var pf : pfs) {
      nextStep();
      facts = facts.with(pf, look.function(pf));
    }
  }

  private List<String> pfsNamed(String netdev) {
    return facts.functions().values().stream()
        .filter(function -> function.physfn().isEmpty())
        .filter(
            function -> function.netdevs().stream().anyMatch(found -> found.name().equals(netdev)))
        .map(PciFunction::address)
        .toList();
  }

  private FactsWanted wanted() {
    return config.map(known -> FactsWanted.of(known.pools())).orElse(FactsWanted.NONE);
  }

  /** Whether something that is advertised lost its function or its driver. */
  private boolean lost(Facts before) {
    return pools.pools().stream()
        .flatMap(pool -> pool.devices().stream())
        .map(PoolDevice::pciAddress)
        .anyMatch(address -> before.at(address).filter(had -> isLost(address, had)).isPresent());
  }

  private boolean isLost(String address, PciFunction had) {
    var now = facts.at(address);
    return now.isEmpty() || (had.driver().isPresent() && !now.get().driver().equals(had.driver()));
  }

  private void decide(boolean askKubelet) throws IOException {
    var held = askKubelet ? heldDevices.refreshed(prefixes()) : heldDevices.last();
    var decided = Pools.of(config.orElseThrow().pools(), facts, held, health);
    configured = Configured.of(decided, facts);
    if (decided.equals(pools)) {
      return;
    }
    decided.notes().stream()
        .filter(note -> !pools.notes().contains(note))
        .forEach(note -> log.info("{}", note));
    pools = decided;
    advertisement.apply(pools, device -> held.holder(device.id()).isPresent());
    for (var pool : pools.pools()) {
      log.atInfo()
          .addKeyValue("resource", pool.config().resource())
          .addKeyValue(
              "devices",
              pool.devices().stream()
                  .map(device ->
                      device.id() + device.unhealthy().map(why -> " (" + why + ")").orElse(""))
                  .collect(Collectors.joining(",")))
          .log("Pool");
    }
    if (heldDevices.outdated()) {
      // Allocated while the decision was made: the device must stay where the kubelet counts it.
      decide(true);
    }
  }

  private Set<String> prefixes() {
    var prefixes = new HashSet<String>();
    prefixes.add(decoder.defaultPrefix());
    config.ifPresent(
        known -> known.pools().stream().map(PoolConfig::prefix).forEach(prefixes::add));
    return prefixes;
  }

  /** What the kubelet does becomes an event of the loop. */
  private final class Heard implements Advertisement.Listener {
    @Override
    public void refused(String resource) {
      tell(new Event.Refused(resource));
    }

    @Override
    public void streamEnded(String resource) {
      tell(new Event.StreamEnded(resource));
    }
  }
}
