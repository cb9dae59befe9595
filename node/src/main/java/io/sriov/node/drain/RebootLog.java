package io.sriov.node.drain;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sriov.api.Names;
import io.sriov.api.SriovNetworkNodeState;
import io.sriov.linux.file.HostFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Host file {@code /etc/sriov-operator/reboots.json}: how often the present configuration had the
 * node rebooted. It outlives the reboots, so that they end some time although they do not help.
 */
public final class RebootLog {

  /** A machine that is still there after this long does not go down by itself any more. */
  static final Duration GOES_DOWN_WITHIN = Duration.ofMinutes(10);

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final Logger log = LoggerFactory.getLogger(RebootLog.class);

  private final Path file;
  private final Clock clock;

  /**
   * @param hostRoot the host's root folder as this process sees it
   */
  public RebootLog(Path hostRoot, Clock clock) {
    this.file = hostRoot.resolve(Names.HOST_STATE_FOLDER.substring(1)).resolve("reboots.json");
    this.clock = clock;
  }

  /**
   * Content of the file.
   *
   * @param bootId the boot in which the last reboot was triggered
   * @param at when, as in RFC 3339
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Entry(long generation, String specHash, int reboots, String bootId, String at) {}

  /**
   * Reboots for what {@code state} asks for now.
   *
   * @param bootId of the running kernel, empty when unknown
   */
  public DrainFacts.Reboots of(SriovNetworkNodeState state, String bootId) throws IOException {
    Entry entry = entry(state);
    if (entry == null) {
      return DrainFacts.Reboots.NONE;
    }
    if (bootId.isEmpty() || !bootId.equals(entry.bootId())) {
      return new DrainFacts.Reboots(entry.reboots(), false);
    }
    return recent(entry)
        ? new DrainFacts.Reboots(entry.reboots(), true)
        : new DrainFacts.Reboots(entry.reboots() - 1, false);
  }

  private boolean recent(Entry entry) {
    Instant at = Instant.parse(entry.at());
    Instant now = clock.instant();
    return !now.isAfter(at.plus(GOES_DOWN_WITHIN)) && !at.isAfter(now.plus(GOES_DOWN_WITHIN));
  }

  /**
   * Counts a reboot that is about to be triggered; one that did not happen in the same boot is not
   * counted twice.
   */
  public void add(SriovNetworkNodeState state, String bootId) throws IOException {
    Entry before = entry(state);
    boolean again = before != null && !bootId.isEmpty() && bootId.equals(before.bootId());
    int reboots = before == null ? 1 : again ? before.reboots() : before.reboots() + 1;
    var entry =
        new Entry(generation(state), hash(state), reboots, bootId, clock.instant().toString());
    HostFiles.writeAtomically(file, JSON.writeValueAsBytes(entry), 0644);
  }

  /** Takes back what {@link #add} counted, because the reboot could not be triggered. */
  public void remove(SriovNetworkNodeState state) throws IOException {
    Entry before = entry(state);
    if (before == null) {
      return;
    }
    var entry =
        new Entry(before.generation(), before.specHash(), before.reboots() - 1, "", before.at());
    HostFiles.writeAtomically(file, JSON.writeValueAsBytes(entry), 0644);
  }

  /** Null when the file is about something else, or not there. */
  private @Nullable Entry entry(SriovNetworkNodeState state) throws IOException {
    Optional<byte[]> bytes = HostFiles.read(file);
    if (bytes.isEmpty()) {
      return null;
    }
    try {
      Entry entry = JSON.readValue(bytes.get(), Entry.class);
      Instant unused = Instant.parse(entry.at());
      return entry.generation() == generation(state) && hash(state).equals(entry.specHash())
          ? entry
          : null;
    } catch (IOException | RuntimeException e) {
      log.warn(
          "{} is unreadable and counts as no reboot, it is written anew before the next: {}",
          file,
          e.getMessage());
      return null;
    }
  }

  private static long generation(SriovNetworkNodeState state) {
    return Objects.requireNonNullElse(state.getMetadata().getGeneration(), Long.valueOf(0));
  }

  private static String hash(SriovNetworkNodeState state) throws IOException {
    String spec = JSON.writeValueAsString(state.getSpec());
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(spec.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
