package io.sriov.linux.netlink;

import io.sriov.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A parameter of a driver with a word as its value: nest {@code DEVLINK_ATTR_PARAM} of
 * linux/devlink.h with name, type (u8) and a list of values, each with its mode.
 *
 * @param type number of the kernel's type, 5 (NLA_STRING) for words
 * @param value first of the values
 * @param cmode {@code DEVLINK_PARAM_CMODE_*} of that value: 0 now, 1 at driver start, 2 permanent
 */
public record DevlinkParam(String name, int type, String value, int cmode) {

  private static final int PARAM = 80;
  private static final int NAME = 81;
  private static final int TYPE = 83;
  private static final int VALUES_LIST = 84;
  private static final int VALUE = 85;
  private static final int VALUE_DATA = 86;
  private static final int VALUE_CMODE = 87;

  /** {@code NLA_FLAG} of net/netlink.h. */
  private static final int FLAG = 6;

  /** Empty without a value. */
  static Optional<DevlinkParam> parse(ByteBuffer in) throws LinuxException {
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      if (attribute.type() == PARAM) {
        return parseNest(attribute.nest());
      }
    }
    return Optional.empty();
  }

  /**
   * Whether the first value of a parameter of type NLA_FLAG is on: such a value has data of no
   * length, or none at all. Empty for a parameter of another type or without a value.
   */
  static Optional<Boolean> parseFlag(ByteBuffer in) throws LinuxException {
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      if (attribute.type() == PARAM) {
        return parseFlagNest(attribute.nest());
      }
    }
    return Optional.empty();
  }

  private static Optional<Boolean> parseFlagNest(ByteBuffer in) throws LinuxException {
    boolean flag = false;
    Optional<Boolean> on = Optional.empty();
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case TYPE -> flag = attribute.u8() == FLAG;
        case VALUES_LIST -> on = hasData(attribute.nest());
        default -> {}
      }
    }
    return flag ? on : Optional.empty();
  }

  private static Optional<Boolean> hasData(ByteBuffer values) throws LinuxException {
    if (values.remaining() < Attribute.HEADER) {
      return Optional.empty();
    }
    ByteBuffer in = Attribute.next(values).nest();
    while (in.remaining() >= Attribute.HEADER) {
      if (Attribute.next(in).type() == VALUE_DATA) {
        return Optional.of(true);
      }
    }
    return Optional.of(false);
  }

  private static Optional<DevlinkParam> parseNest(ByteBuffer in) throws LinuxException {
    String name = "";
    int type = 0;
    Optional<ByteBuffer> values = Optional.empty();
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case NAME -> name = attribute.text();
        case TYPE -> type = attribute.u8();
        case VALUES_LIST -> values = Optional.of(attribute.nest());
        default -> {}
      }
    }
    return values.isEmpty() ? Optional.empty() : first(name, type, values.get());
  }

  private static Optional<DevlinkParam> first(String name, int type, ByteBuffer values)
      throws LinuxException {
    if (values.remaining() < Attribute.HEADER) {
      return Optional.empty();
    }
    Attribute first = Attribute.next(values);
    if (first.type() != VALUE) {
      return Optional.empty();
    }
    String value = "";
    int cmode = 0;
    ByteBuffer in = first.nest();
    while (in.remaining() >= Attribute.HEADER) {
      Attribute attribute = Attribute.next(in);
      switch (attribute.type()) {
        case VALUE_DATA -> value = attribute.text();
        case VALUE_CMODE -> cmode = attribute.u8();
        default -> {}
      }
    }
    return value.isEmpty()
        ? Optional.empty()
        : Optional.of(new DevlinkParam(name, type, value, cmode));
  }
}
