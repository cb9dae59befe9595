package io.sriov.kube;

import static java.net.HttpURLConnection.HTTP_CONFLICT;
import static java.util.Objects.requireNonNull;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The lease of an election. Renewing it costs its holder one request, a PUT of the version written
 * last: who holds it need not ask who does, since the API server refuses the PUT when somebody else
 * has written the lease.
 */
final class HeldLease extends LeaseLock {

  private final String namespace;
  private final String name;

  /** As the API server answered last. */
  private @Nullable Lease last;

  /** Whether {@link #last} is what this process wrote, as the holder. */
  private boolean held;

  /**
   * When the election that writes began: its renewTime is of that moment, not of a repetition's.
   */
  private long asked = System.nanoTime();

  private volatile long written = asked;

  HeldLease(String namespace, String name, String identity) {
    super(namespace, name, identity);
    this.namespace = namespace;
    this.name = name;
  }

  /**
   * At least the time since the renewTime that this process wrote last, or since this object
   * exists. Answers also while a request waits.
   */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - written);
  }

  @Override
  public synchronized @Nullable LeaderElectionRecord get(KubernetesClient client) {
    asked = System.nanoTime();
    if (!held) {
      last = ask(client);
    }
    return last == null ? null : toRecord(last);
  }

  @Override
  public synchronized void create(KubernetesClient client, LeaderElectionRecord record) {
    ObjectMetaBuilder metadata = new ObjectMetaBuilder().withNamespace(namespace).withName(name);
    wrote(client.resource(toResource(record, metadata)).create());
  }

  @Override
  public synchronized void update(KubernetesClient client, LeaderElectionRecord record) {
    boolean renewal = held;
    held = false;
    try {
      put(client, record);
    } catch (KubernetesClientException e) {
      // Somebody else has written it, e.g. an annotation.
      if (e.getCode() != HTTP_CONFLICT || !renewal) {
        throw e;
      }
      last = ask(client);
      if (last == null) {
        throw e;
      }
      if (!isHolder(last)) {
        // Of the API server's refusals the elector thinks that they pass; this one ends it.
        throw new IllegalStateException(describe() + " has been taken by another", e);
      }
      put(client, record);
    }
  }

  private @Nullable Lease ask(KubernetesClient client) {
    return client.leases().inNamespace(namespace).withName(name).get();
  }

  /** Of the version, and with what others have written beside the election, that was seen last. */
  private void put(KubernetesClient client, LeaderElectionRecord record) {
    ObjectMetaBuilder metadata =
        new ObjectMetaBuilder(requireNonNull(last, "get before update").getMetadata())
            .withManagedFields();
    wrote(client.resource(toResource(record, metadata)).update());
  }

  private void wrote(Lease lease) {
    last = lease;
    held = isHolder(lease);
    written = asked;
  }

  private boolean isHolder(Lease lease) {
    return lease.getSpec() != null && identity().equals(lease.getSpec().getHolderIdentity());
  }
}
