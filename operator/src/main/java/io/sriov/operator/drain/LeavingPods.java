package io.sriov.operator.drain;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches the pods of the nodes that are being drained, and of no others, and says when the last of
 * those that have to leave is gone.
 */
final class LeavingPods implements AutoCloseable {

  private static final class Following {
    final Set<String> uids = new HashSet<>();
    @Nullable Watch watch;
  }

  private final KubernetesClient client;
  private final Consumer<String> gone;
  private final Map<String, Following> nodes = new HashMap<>();

  /**
   * @param gone called with the name of a node whose last pod left, or whose watch broke
   */
  LeavingPods(KubernetesClient client, Consumer<String> gone) {
    this.client = client;
    this.gone = gone;
  }

  /**
   * Follows {@code uids} from now on, instead of those before.
   *
   * @param version of the list in which they were found, so that none that leaves is missed
   */
  void follow(String node, Set<String> uids, String version) {
    synchronized (this) {
      Following following = nodes.computeIfAbsent(node, _ -> new Following());
      following.uids.clear();
      following.uids.addAll(uids);
      if (following.watch != null) {
        return;
      }
    }
    Watch watch =
        client
            .pods()
            .inAnyNamespace()
            .withField("spec.nodeName", node)
            .withResourceVersion(version)
            .watch(new PodWatcher(node));
    synchronized (this) {
      Following following = nodes.get(node);
      if (following != null) {
        following.watch = watch;
        return;
      }
    }
    watch.close();
  }

  /** The drain of {@code node} is over. */
  void forget(String node) {
    Following following;
    synchronized (this) {
      following = nodes.remove(node);
    }
    if (following != null && following.watch != null) {
      following.watch.close();
    }
  }

  @Override
  public void close() {
    Set<String> all;
    synchronized (this) {
      all = Set.copyOf(nodes.keySet());
    }
    all.forEach(this::forget);
  }

  private synchronized void left(String node, String uid) {
    Following following = nodes.get(node);
    if (following != null && following.uids.remove(uid) && following.uids.isEmpty()) {
      gone.accept(node);
    }
  }

  private synchronized void broken(String node) {
    if (nodes.remove(node) != null) {
      gone.accept(node);
    }
  }

  private final class PodWatcher implements Watcher<Pod> {

    private final String node;

    PodWatcher(String node) {
      this.node = node;
    }

    @Override
    public void eventReceived(Action action, Pod pod) {
      if (action == Action.DELETED) {
        left(node, pod.getMetadata().getUid());
      }
    }

    @Override
    public void onClose() {
      // By forget.
    }

    @Override
    public void onClose(WatcherException cause) {
      broken(node);
    }
  }
}
