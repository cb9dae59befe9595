package io.sriov.linux.uevent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sriov.linux.LinuxException;
import io.sriov.linux.netlink.Link;
import io.sriov.linux.netlink.NewLink;
import io.sriov.linux.netlink.RouteSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UeventTest {

  @Test
  void readsActionPathAndProperties() {
    String message =
        "add@/devices/pci0000:00/0000:00:04.0/net/eth1\0ACTION=add\0"
            + "DEVPATH=/devices/pci0000:00/0000:00:04.0/net/eth1\0SUBSYSTEM=net\0"
            + "INTERFACE=eth1\0IFINDEX=3\0SEQNUM=811\0";

    Uevent event = Uevent.parse(message.getBytes(StandardCharsets.UTF_8)).orElseThrow();

    assertThat(event.action()).isEqualTo("add");
    assertThat(event.devpath()).isEqualTo("/devices/pci0000:00/0000:00:04.0/net/eth1");
    assertThat(event.subsystem()).isEqualTo("net");
    assertThat(event.property("IFINDEX")).contains("3");
    assertThat(event.properties()).hasSize(6);
  }

  @Test
  void ignoresMessagesOfUdev() {
    assertThat(Uevent.parse("libudev\0þíÊþ".getBytes(StandardCharsets.UTF_8))).isEmpty();
    assertThat(Uevent.parse(new byte[0])).isEmpty();
  }

  @Test
  void deliversTheBirthAndDeathOfALink() throws Exception {
    BlockingQueue<Uevent> events = new LinkedBlockingQueue<>();
    try (UeventSocket socket = UeventSocket.open();
        RouteSocket route = RouteSocket.open()) {
      socket.deliverTo(
          new UeventSocket.Listener() {
            @Override
            public void event(Uevent event) {
              events.add(event);
            }

            @Override
            public void overrun() {}

            @Override
            public void failed(LinuxException reason) {
              throw new AssertionError(reason);
            }
          });
      String name = "uev%d".formatted(ProcessHandle.current().pid());
      Link link = route.add(new NewLink.Veth(name, name + "p"));
      try {
        assertThat(next(events, "add", name)).isPresent();
      } finally {
        route.delete(link);
      }
      assertThat(next(events, "remove", name)).isPresent();
    }
  }

  @Test
  void theWaitEndsWithItsTime() throws LinuxException {
    try (UeventSocket socket = UeventSocket.open()) {
      while (socket.next(Duration.ofMillis(5)).isPresent()) {}
      assertThat(socket.next(Duration.ZERO)).isEmpty();
    }
  }

  private static Optional<Uevent> next(BlockingQueue<Uevent> events, String action, String name)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < deadline) {
      Uevent event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (event != null
          && event.subsystem().equals("net")
          && event.action().equals(action)
          && event.property("INTERFACE").equals(Optional.of(name))) {
        return Optional.of(event);
      }
    }
    return Optional.empty();
  }
}
