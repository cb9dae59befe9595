package io.sriov.linux.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sriov.linux.LinuxException;
import org.junit.jupiter.api.Test;

class SysctlTest {

  private static final String KEY = "ipv4/conf/default/arp_notify";

  @Test
  void belongsToItsNamespace() throws LinuxException {
    try (NetNamespace own = NetNamespace.current();
        NetNamespace made = NetNamespace.create()) {
      var before = new Sysctl(own).read(KEY);

      new Sysctl(made).write(KEY, "1");

      assertThat(new Sysctl(made).read(KEY)).contains("1");
      assertThat(new Sysctl(own).read(KEY)).isEqualTo(before);
    }
  }

  @Test
  void aSettingThatIsNotThereIsEmptyToReadAndAnErrorToWrite() throws LinuxException {
    try (NetNamespace made = NetNamespace.create()) {
      Sysctl sysctl = new Sysctl(made);

      assertThat(sysctl.read("ipv6/conf/none/disable_ipv6")).isEmpty();
      assertThatThrownBy(() -> sysctl.write("ipv6/conf/none/disable_ipv6", "1"))
          .hasMessage("write 1 to /proc/sys/net/ipv6/conf/none/disable_ipv6: ENOENT");
      assertThatThrownBy(() -> sysctl.read("../kernel/hostname"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
