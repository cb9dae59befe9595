package io.sriov.node.audit;

import io.sriov.api.SriovNetworkNodeStateSpec;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.file.FileLock;
import io.sriov.node.host.Host;
import io.sriov.plan.audit.Audit;
import io.sriov.plan.audit.Finding;
import io.sriov.plan.audit.Mend;
import io.sriov.plan.audit.VfAt;
import io.sriov.plan.node.VfSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts free VFs right, each under the lock that a CNI call on it takes, after one more look that
 * must show the same. A call under way is not waited for: it knows better.
 */
public final class Mender {

  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int LOCK_MODE = 0600;

  private final Host host;
  private final Inquiry inquiry;
  private final Attachments attachments;
  private final Path locks;

  /** The CNI server, which ends attachments its own way and under its own locks. */
  @FunctionalInterface
  public interface Attachments {
    /** Restores a VF whose pod is gone; nothing happens if it cannot be done now. */
    void restore(String vf);
  }

  /** What came of it. */
  sealed interface Result {
    record Mended() implements Result {}

    /** Somebody works on the VF, or it is not as it was any more. */
    record PutOff(String why) implements Result {}

    record Failed(String why) implements Result {}
  }

  /**
   * @param hostRoot where the host's root folder is mounted
   */
  public Mender(Host host, Inquiry inquiry, Attachments attachments, Path hostRoot) {
    this.host = host;
    this.inquiry = inquiry;
    this.attachments = attachments;
    this.locks = hostRoot.resolve("var/lib/cni/sriov/pci/vf_lock");
  }

  Result mend(Finding finding, Mend mend, SriovNetworkNodeStateSpec desired) throws IOException {
    if (mend instanceof Mend.EndAttachment) {
      return still(finding, mend, desired) ? ended(finding, mend.at(), desired) : changed();
    }
    FileLock lock;
    try {
      Path unused = Files.createDirectories(locks);
      lock = FileLock.acquire(locks.resolve(mend.at().vf() + ".lock"), LOCK_MODE, Duration.ZERO);
    } catch (IOException e) {
      return e instanceof LinuxException refused && refused.is(Errno.ETIMEDOUT)
          ? new Result.PutOff("a CNI call works on the VF")
          : new Result.Failed("its lock cannot be had: " + e);
    }
    try (lock) {
      return still(finding, mend, desired) ? carriedOut(mend) : changed();
    }
  }

  private static Result changed() {
    return new Result.PutOff("it is not so any more, or a witness is silent");
  }

  private boolean still(Finding finding, Mend mend, SriovNetworkNodeStateSpec desired)
      throws IOException {
    return Audit.of(inquiry.now(desired, PATIENCE)).mends(finding).contains(mend);
  }

  private Result ended(Finding finding, VfAt at, SriovNetworkNodeStateSpec desired)
      throws IOException {
    attachments.restore(at.vf().value());
    return Audit.of(inquiry.now(desired, PATIENCE)).findings().contains(finding)
        ? new Result.Failed("the CNI server did not restore it; see the daemon's log")
        : new Result.Mended();
  }

  private Result carriedOut(Mend mend) {
    var failures = new ArrayList<String>();
    VfAt at = mend.at();
    switch (mend) {
      case Mend.ResetSettings(_, List<VfSetting> to) ->
          to.forEach(setting -> attempt(failures, () -> host.setVf(at.pf(), at.id(), setting)));
      case Mend.NewMac(_, String mac, boolean onPf, boolean onNetdev) -> {
        if (onPf) {
          attempt(failures, () -> host.setAdminMac(at.pf(), at.id(), mac));
        }
        if (onNetdev && failures.isEmpty()) {
          attempt(failures, () -> host.setVfMac(at.pf(), at.id(), mac));
        }
      }
      case Mend.Rename(_, _, String to) ->
          attempt(failures, () -> host.renameVf(at.pf(), at.id(), to));
      case Mend.EndAttachment _ -> throw new IllegalArgumentException("ended by the CNI server");
    }
    return failures.isEmpty()
        ? new Result.Mended()
        : new Result.Failed(String.join("; ", failures));
  }

  @FunctionalInterface
  private interface Change {
    void make() throws IOException;
  }

  /** What one driver refuses is no reason to leave the rest. */
  private static void attempt(List<String> failures, Change change) {
    try {
      change.make();
    } catch (IOException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
  }
}
