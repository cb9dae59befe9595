package io.sriov.cni.plugin;

import io.sriov.cni.protocol.CniException;
import io.sriov.cni.protocol.Environment;
import io.sriov.cni.wire.Caller;
import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.netns.NetNamespace;
import java.io.IOException;
import java.util.Optional;

/** What {@code CNI_NETNS} led to when the forwarder opened it. */
public sealed interface PodNamespace extends AutoCloseable {

  /** The variable was empty. */
  record None() implements PodNamespace {}

  /** There is no network namespace any more, or what is there never was one. */
  record Unusable(String reason) implements PodNamespace {}

  /** It cannot be told, e.g. ENFILE: the namespace may well be alive. */
  record Unknown(LinuxException failure) implements PodNamespace {}

  /** A network namespace. */
  record Open(NetNamespace netns) implements PodNamespace {}

  /** What an open descriptor is; it is closed with the result. */
  static PodNamespace of(Fd descriptor) {
    try {
      return new Open(NetNamespace.ofFd(descriptor));
    } catch (LinuxException e) {
      return new Unusable(String.valueOf(e.getMessage()));
    }
  }

  /** What failed to open. */
  static PodNamespace failed(int errno) {
    LinuxException failure = new LinuxException(errno, "open CNI_NETNS");
    return failure.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ESRCH, Errno.ENXIO, Errno.ELOOP)
        ? new Unusable(String.valueOf(failure.getMessage()))
        : new Unknown(failure);
  }

  /**
   * The network namespace at a path of the host's, none for an empty path.
   *
   * @throws LinuxException if that cannot be told, e.g. ENFILE: the namespace may well be alive
   */
  static PodNamespace at(String path, Caller caller) throws IOException {
    if (path.isEmpty()) {
      return new None();
    }
    Fd descriptor;
    try {
      descriptor = caller.open(path);
    } catch (LinuxException e) {
      if (failed(e.errno()) instanceof Unusable gone) {
        return gone;
      }
      throw e;
    }
    return of(descriptor);
  }

  /**
   * The namespace.
   *
   * @throws CniException code 999 if there is none
   */
  default NetNamespace require(String path) throws CniException {
    return switch (this) {
      case Open(NetNamespace netns) -> netns;
      case Unusable(String reason) ->
          throw CniException.internal("CNI_NETNS " + path + " is no network namespace: " + reason);
      case Unknown(LinuxException failure) ->
          throw CniException.internal("CNI_NETNS " + path + " cannot be opened", failure);
      case None() -> throw CniException.internal("CNI_NETNS is empty");
    };
  }

  /**
   * Refuses the host's own namespace, as a pod with the host's network has it.
   *
   * @throws CniException code 8
   */
  default void refuse(NetNamespace host, Environment environment)
      throws CniException, LinuxException {
    if (this instanceof Open(NetNamespace netns)
        && !environment.sameNetnsAllowed()
        && netns.sameAs(host)) {
      throw new CniException(
          CniException.INVALID_NETNS,
          "CNI_NETNS " + environment.netns() + " is the host's network namespace");
    }
  }

  /**
   * The namespace entered, empty if there is none to enter.
   *
   * @throws LinuxException if that cannot be told, or as of entering
   */
  default Optional<Pod> enter() throws LinuxException {
    if (this instanceof Unknown(LinuxException failure)) {
      throw failure;
    }
    if (!(this instanceof Open(NetNamespace netns))) {
      return Optional.empty();
    }
    try {
      return Optional.of(Pod.enter(netns));
    } catch (LinuxException e) {
      if (e.is(Errno.EINVAL)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  default void close() {
    if (this instanceof Open(NetNamespace netns)) {
      netns.close();
    }
  }
}
