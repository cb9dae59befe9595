import io.sriov.lab.ApiServer;

/** An API server as long as standard input is open; prints the path of the administrator's kubeconfig. */
public final class Api {
  public static void main(String[] arguments) throws Exception {
    try (var server = ApiServer.start()) {
      System.out.println(server.kubeconfig());
      System.out.flush();
      while (System.in.read() >= 0) {}
    }
  }
}
