import io.sriov.kubelet.FakeKubelet;
import java.nio.file.Path;

/**
 * A kubelet that answers which pods hold what, waits for a resource with devices and allocates the
 * first of them. Prints a line when it listens, when it was asked for the first time, and when it
 * has the device; then stays until it is ended.
 */
public final class Kubelet {
  public static void main(String[] arguments) throws Exception {
    try (var kubelet = new FakeKubelet(Path.of("/var/lib/kubelet")).start()) {
      // The plugin's own pod: a kubelet without pods is not believed.
      kubelet.hold("device-plugin", "example.com/none");
      System.out.println("up");
      System.out.flush();
      boolean asked = false;
      while (kubelet.resources().values().stream().allMatch(r -> r.healthy().isEmpty())) {
        Thread.sleep(50);
        if (!asked && kubelet.questions() > 0) {
          asked = true;
          System.out.println("asked");
          System.out.flush();
        }
        if (kubelet.resources().values().stream().anyMatch(r -> !r.connected())) {
          throw new IllegalStateException("a plugin's stream broke: " + kubelet.resources());
        }
      }
      var resource = kubelet.resources().entrySet().iterator().next();
      var device = resource.getValue().healthy().getFirst();
      kubelet.allocate("trained", resource.getKey(), device);
      System.out.println("allocated " + resource.getKey() + " " + device);
      System.out.flush();
      Thread.currentThread().join();
    }
  }
}
