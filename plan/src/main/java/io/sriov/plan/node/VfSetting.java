package io.sriov.plan.node;

/** One setting of a VF with its value, as a PF's driver takes it. */
public sealed interface VfSetting {

  /** For people, e.g. {@code VLAN 100}. */
  String text();

  /**
   * The VLAN that a VF's frames get.
   *
   * @param id 0–4095, 0 for none
   * @param qos priority 0–7
   */
  record Vlan(int id, int qos) implements VfSetting {
    @Override
    public String text() {
      return id == 0 && qos == 0 ? "no VLAN" : "VLAN " + id + (qos == 0 ? "" : " priority " + qos);
    }
  }

  /** Whether frames with another source address than the VF's are dropped. */
  record SpoofCheck(boolean on) implements VfSetting {
    @Override
    public String text() {
      return "spoof check " + onOff(on);
    }
  }

  /** Whether the VF may do what concerns others, e.g. promiscuous mode. */
  record Trust(boolean on) implements VfSetting {
    @Override
    public String text() {
      return "trust " + onOff(on);
    }
  }

  /**
   * What the VF sees of the wire.
   *
   * @param state {@code auto}, {@code enable} or {@code disable}
   */
  record LinkState(String state) implements VfSetting {
    @Override
    public String text() {
      return "link state " + state;
    }
  }

  /** Transmit rates in Mb/s, 0 for none. */
  record Rate(int min, int max) implements VfSetting {
    @Override
    public String text() {
      return min == 0 && max == 0
          ? "no rate limit"
          : "rate limits " + min + " to " + max + " Mb/s, 0 for none";
    }
  }

  private static String onOff(boolean on) {
    return on ? "on" : "off";
  }
}
