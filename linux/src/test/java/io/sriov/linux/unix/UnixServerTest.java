package io.sriov.linux.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import io.sriov.linux.ffm.Fd;
import io.sriov.linux.netns.NetNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixServerTest {

  private static final Duration SECONDS = Duration.ofSeconds(10);

  @TempDir Path directory;

  @Test
  void receivesADescriptorThatOpensTheSameNamespace() throws IOException {
    try (UnixServer server = UnixServer.listen(directory.resolve("cni/server.sock"));
        UnixConnection client = UnixConnection.connect(server.path());
        NetNamespace sent = NetNamespace.create();
        UnixConnection accepted = server.accept().orElseThrow()) {
      client.writeWithDescriptor("ADD".getBytes(StandardCharsets.UTF_8), sent.fd());

      assertThat(accepted.readExactly(3, SECONDS)).asString().isEqualTo("ADD");
      Fd received = accepted.takeDescriptor().orElseThrow();
      assertThat(accepted.takeDescriptor()).isEmpty();
      try (NetNamespace namespace = NetNamespace.ofFd(received)) {
        assertThat(namespace.sameAs(sent)).isTrue();
      }
    }
  }

  @Test
  void knowsWhoConnected() throws IOException {
    try (UnixServer server = UnixServer.listen(directory.resolve("s"));
        UnixConnection client = UnixConnection.connect(server.path());
        UnixConnection accepted = server.accept().orElseThrow()) {
      assertThat(accepted.peer().pid()).isEqualTo((int) ProcessHandle.current().pid());
      assertThat(client.peer().uid()).isEqualTo(accepted.peer().uid());
    }
  }

  @Test
  void theFileIsForItsOwnerOnlyAndGoesWithTheServer() throws IOException {
    Path path = directory.resolve("s");
    try (UnixServer server = UnixServer.listen(path)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.path())))
          .isEqualTo("rw-------");
      assertThat(directory).isDirectoryContaining(file -> file.equals(path));
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void replacesTheSocketOfADeadServerButNotOfALivingOne() throws Exception {
    Path path = directory.resolve("s");
    Path saved = directory.resolve("saved");
    try (UnixServer dead = UnixServer.listen(path)) {
      Files.createLink(saved, dead.path());
    }
    Files.move(saved, path);

    try (UnixServer living = UnixServer.listen(path)) {
      assertThatThrownBy(() -> UnixServer.listen(living.path()))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.EADDRINUSE));
      UnixConnection.connect(path).close();
    }
  }

  @Test
  void leavesAFileAloneThatIsNotASocket() throws IOException {
    Path path = Files.writeString(directory.resolve("s"), "precious");

    assertThatThrownBy(() -> UnixServer.listen(path)).hasMessageContaining("EEXIST");
    assertThat(path).hasContent("precious");
  }

  @Test
  void closingEndsTheWaitForConnections() throws Exception {
    UnixServer server = UnixServer.listen(directory.resolve("s"));
    CompletableFuture<Optional<UnixConnection>> waiting = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                waiting.complete(server.accept());
              } catch (LinuxException e) {
                waiting.completeExceptionally(e);
              }
            });
    server.close();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isEmpty();
    thread.join();
  }

  @Test
  void carriesMoreThanTheKernelBuffersAndSeesTheEnd() throws Exception {
    byte[] large = new byte[3_000_000];
    large[2_999_999] = 7;
    try (var pool = Executors.newSingleThreadExecutor();
        UnixServer server = UnixServer.listen(directory.resolve("s"));
        UnixConnection client = UnixConnection.connect(server.path());
        UnixConnection accepted = server.accept().orElseThrow()) {
      var sent =
          pool.submit(() -> {
            client.write(large, SECONDS);
            client.endOutput();
            return true;
          });
      assertThat(accepted.readToEnd(4_000_000, SECONDS)).isEqualTo(large);
      assertThat(sent.get()).isTrue();
    }
  }

  @Test
  void givesUpOnASilentPeer() throws IOException {
    try (UnixServer server = UnixServer.listen(directory.resolve("s"));
        UnixConnection client = UnixConnection.connect(server.path())) {
      assertThatThrownBy(() -> client.read(10, Duration.ofMillis(20)))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.error()).isEqualTo(Errno.ETIMEDOUT));
    }
  }

  @Test
  void refusesAPathLongerThanTheKernelTakes() {
    assertThatThrownBy(() -> UnixConnection.connect(directory.resolve("x".repeat(108))))
        .hasMessageContaining("ENAMETOOLONG");
  }
}
