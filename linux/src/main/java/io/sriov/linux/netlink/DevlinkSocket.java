package io.sriov.linux.netlink;

import io.sriov.linux.Errno;
import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Devlink (generic netlink family {@code devlink}, linux/devlink.h) of this process's namespace.
 * Questions about what cannot be there, because the kernel lacks the family, the driver devlink or
 * the device, have empty answers; a change fails then.
 */
public final class DevlinkSocket implements AutoCloseable {

  static final int BUS_NAME = 1;
  static final int DEV_NAME = 2;
  private static final int ESWITCH_MODE = 25;
  private static final int PARAM_NAME = 81;
  private static final int PARAM_TYPE = 83;
  private static final int PARAM_VALUE_DATA = 86;
  private static final int PARAM_VALUE_CMODE = 87;

  private static final int CMD_GET = 1;
  private static final int CMD_PORT_GET = 5;
  private static final int CMD_ESWITCH_GET = 29;
  private static final int CMD_ESWITCH_SET = 30;
  private static final int CMD_PARAM_GET = 38;
  private static final int CMD_PARAM_SET = 39;
  private static final int CMD_INFO_GET = 51;

  private final GenericSocket socket;

  private DevlinkSocket(GenericSocket socket) {
    this.socket = socket;
  }

  /** A socket; succeeds without the family, which may come later. */
  public static DevlinkSocket open() throws LinuxException {
    return new DevlinkSocket(GenericSocket.open("devlink", null));
  }

  /** Whether the device is registered with devlink. */
  public boolean hasDevice(String bus, String device) throws LinuxException {
    return ifThere(() ->
            socket.get(
                CMD_GET,
                "DEVLINK_CMD_GET " + bus + "/" + device,
                out -> handle(out, bus, device),
                _ -> true))
        .isPresent();
  }

  /**
   * Mode of the device's switch; empty if the device is unknown or the driver has no such notion,
   * which comes to the same as legacy.
   */
  public Optional<EswitchMode> eswitchMode(String bus, String device) throws LinuxException {
    return ifThere(() ->
            socket.get(
                CMD_ESWITCH_GET,
                "DEVLINK_CMD_ESWITCH_GET " + bus + "/" + device,
                out -> handle(out, bus, device),
                DevlinkSocket::readMode))
        .flatMap(mode -> mode);
  }

  /**
   * Sets the mode; the driver destroys and makes links meanwhile, which can take tens of seconds.
   * EOPNOTSUPP if the driver has no such notion, ENODEV or ENOENT as for no devlink at all.
   */
  public void setEswitchMode(String bus, String device, EswitchMode mode) throws LinuxException {
    socket.change(
        CMD_ESWITCH_SET,
        "DEVLINK_CMD_ESWITCH_SET " + bus + "/" + device + " mode " + mode.word(),
        out -> {
          handle(out, bus, device);
          out.u16(ESWITCH_MODE, mode.number());
        });
  }

  /**
   * A parameter of the driver whose values are words, e.g. {@code flow_steering_mode}; empty also
   * when the driver has no such parameter (EINVAL) or shows no value of it.
   */
  public Optional<DevlinkParam> parameter(String bus, String device, String name)
      throws LinuxException {
    return askParameter(bus, device, name, DevlinkParam::parse).flatMap(parameter -> parameter);
  }

  /**
   * Whether a parameter of the driver that is on or off, e.g. {@code enable_rdma}, is on; empty
   * also when the driver has no such parameter.
   */
  public Optional<Boolean> flag(String bus, String device, String name) throws LinuxException {
    return askParameter(bus, device, name, DevlinkParam::parseFlag).flatMap(flag -> flag);
  }

  /**
   * A version that the device runs, e.g. {@code fw.app.name}; empty also when the driver tells no
   * versions or none of that name.
   */
  public Optional<String> runningVersion(String bus, String device, String name)
      throws LinuxException {
    return ifThere(() ->
            socket.get(
                CMD_INFO_GET,
                "DEVLINK_CMD_INFO_GET " + bus + "/" + device,
                out -> handle(out, bus, device),
                in -> DevlinkInfo.running(in, name)))
        .flatMap(version -> version);
  }

  private <T> Optional<T> askParameter(
      String bus, String device, String name, GenericSocket.Reader<T> reader)
      throws LinuxException {
    try {
      return ifThere(() ->
          socket.get(
              CMD_PARAM_GET,
              "DEVLINK_CMD_PARAM_GET " + name + " of " + bus + "/" + device,
              out -> {
                handle(out, bus, device);
                out.text(PARAM_NAME, name);
              },
              reader));
    } catch (LinuxException e) {
      if (e.is(Errno.EINVAL)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Sets a parameter that was read before. EOPNOTSUPP if the driver does not change it now. */
  public void setParameter(String bus, String device, DevlinkParam parameter, String value)
      throws LinuxException {
    socket.change(
        CMD_PARAM_SET,
        "DEVLINK_CMD_PARAM_SET " + parameter.name() + " " + value + " of " + bus + "/" + device,
        out -> {
          handle(out, bus, device);
          packValue(out, parameter, value);
        });
  }

  static void packValue(MessageWriter out, DevlinkParam parameter, String value) {
    out.text(PARAM_NAME, parameter.name())
        .u8(PARAM_TYPE, parameter.type())
        .text(PARAM_VALUE_DATA, value)
        .u8(PARAM_VALUE_CMODE, parameter.cmode());
  }

  /** Ports of a device; none if there is no such device. */
  public List<DevlinkPort> ports(String bus, String device) throws LinuxException {
    // Filtered here: kernels before 6.4 dump the ports of all devices in any case.
    return ifThere(() ->
            socket.dump(
                CMD_PORT_GET,
                "DEVLINK_CMD_PORT_GET",
                in ->
                    Optional.of(DevlinkPort.parse(in))
                        .filter(p -> p.bus().equals(bus) && p.device().equals(device))))
        .orElse(List.of());
  }

  static void handle(MessageWriter out, String bus, String device) {
    out.text(BUS_NAME, bus).text(DEV_NAME, device);
  }

  static Optional<EswitchMode> readMode(ByteBuffer in) throws LinuxException {
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      if (attribute.type() == ESWITCH_MODE) {
        return EswitchMode.of(attribute.u16());
      }
    }
    return Optional.empty();
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask() throws LinuxException;
  }

  private static <T> Optional<T> ifThere(Question<T> question) throws LinuxException {
    try {
      return Optional.of(question.ask());
    } catch (LinuxException e) {
      if (e.is(Errno.ENODEV, Errno.EOPNOTSUPP, Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
