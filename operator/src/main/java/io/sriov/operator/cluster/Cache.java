package io.sriov.operator.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All objects of a kind, followed by a watch that reconnects for ever.
 *
 * <p>What this process wrote itself is seen at once, also before the watch brings it back: a
 * decision made from an older state would undo the newer one.
 */
public final class Cache<T extends HasMetadata> implements AutoCloseable {

  /** What became of an object. */
  @FunctionalInterface
  public interface Listener<T> {
    /**
     * @param before null for one that is new
     * @param after null for one that is gone
     */
    void changed(@Nullable T before, @Nullable T after);
  }

  /** By then the watch has brought what was created, or it was deleted in between. */
  private static final long WATCH_LAG_NANOS = TimeUnit.SECONDS.toNanos(10);

  private record Own<T>(T object, long atNanos) {}

  private final SharedIndexInformer<T> informer;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<String, Own<T>> written = new ConcurrentHashMap<>();

  /** When an object was seen to go, by UID: an answer to a write may come after that news. */
  private final ConcurrentHashMap<String, Long> deleted = new ConcurrentHashMap<>();

  private volatile @Nullable Throwable lastFailure;

  Cache(Informable<T> source) {
    this(source, System::nanoTime);
  }

  /**
   * @param nanoTime counts nanoseconds, from anywhere
   */
  Cache(Informable<T> source, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    informer = source.runnableInformer(0);
    // Once it runs, no error ends it: an API server that is away comes back, also at the start.
    informer.exceptionHandler((started, failure) -> {
      lastFailure = failure;
      return started || Outage.explains(failure);
    });
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(T object) {
            forgetOlder(object);
          }

          @Override
          public void onUpdate(T before, T after) {
            forgetOlder(after);
          }

          @Override
          public void onDelete(T object, boolean finalStateUnknown) {
            long now = nanoTime.getAsLong();
            deleted.values().removeIf(at -> now - at > WATCH_LAG_NANOS);
            deleted.put(object.getMetadata().getUid(), now);
            written.remove(key(object));
          }
        });
  }

  /** Calls {@code listener} for every change, present objects first. */
  public void listen(Listener<T> listener) {
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(T object) {
            listener.changed(null, object);
          }

          @Override
          public void onUpdate(T before, T after) {
            listener.changed(before, after);
          }

          @Override
          public void onDelete(T object, boolean finalStateUnknown) {
            listener.changed(object, null);
          }
        });
  }

  /** The object of a kind that has no namespace. */
  public Optional<T> get(String name) {
    return newest(name, informer.getStore().getByKey(name));
  }

  public Optional<T> get(String namespace, String name) {
    String key = namespace + "/" + name;
    return newest(key, informer.getStore().getByKey(key));
  }

  /** All objects, in no order. */
  public Collection<T> list() {
    return List.copyOf(informer.getStore().list());
  }

  /** Makes {@code object}, as the API server answered to a write, visible at once. */
  public void remember(T object) {
    String key = key(object);
    if (newer(object, informer.getStore().getByKey(key))) {
      Own<T> own = new Own<>(object, nanoTime.getAsLong());
      written.merge(key, own, (a, b) -> newer(b.object(), a.object()) ? b : a);
    }
    if (deleted.containsKey(object.getMetadata().getUid())) {
      written.remove(key);
    }
  }

  CompletionStage<Void> start() {
    return informer.start();
  }

  /** Whether it has not started because the API server is away. */
  boolean waitsForServer() {
    Throwable failure = lastFailure;
    return failure != null && Outage.explains(failure);
  }

  boolean isRunning() {
    return informer.isRunning();
  }

  @Override
  public void close() {
    informer.close();
  }

  private Optional<T> newest(String key, @Nullable T watched) {
    Own<T> own = written.get(key);
    if (own == null) {
      return Optional.ofNullable(watched);
    }
    // One that the watch knows is seen to change or to go, however late: until then ours counts.
    boolean counts = watched != null || nanoTime.getAsLong() - own.atNanos() < WATCH_LAG_NANOS;
    return Optional.ofNullable(counts && newer(own.object(), watched) ? own.object() : watched);
  }

  private void forgetOlder(T watched) {
    written.computeIfPresent(key(watched), (_, own) -> newer(own.object(), watched) ? own : null);
  }

  /** Resource versions of one kind are decimal numbers that grow. */
  private static boolean newer(HasMetadata own, @Nullable HasMetadata watched) {
    return watched == null || version(own) > version(watched);
  }

  private static long version(HasMetadata object) {
    return Long.parseLong(object.getMetadata().getResourceVersion());
  }

  private static String key(HasMetadata object) {
    String namespace = object.getMetadata().getNamespace();
    String name = object.getMetadata().getName();
    return namespace == null ? name : namespace + "/" + name;
  }
}
