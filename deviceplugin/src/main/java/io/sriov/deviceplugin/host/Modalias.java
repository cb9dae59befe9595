package io.sriov.deviceplugin.host;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code modalias} of a PCI device, {@code pci:v00008086d000010CAsv…sd…bc02sc00i00}
 * (linux/mod_devicetable.h, scripts/mod/file2alias.c).
 *
 * @param vendor four lower-case hex digits
 * @param device four lower-case hex digits
 */
record Modalias(String vendor, String device, int baseClass) {

  private static final Pattern TEXT =
      Pattern.compile(
          "pci:v0000([0-9A-F]{4})d0000([0-9A-F]{4})sv[0-9A-F]{8}sd[0-9A-F]{8}bc([0-9A-F]{2})sc.*");

  static Optional<Modalias> parse(String text) {
    var matcher = TEXT.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new Modalias(
                matcher.group(1).toLowerCase(Locale.ROOT),
                matcher.group(2).toLowerCase(Locale.ROOT),
                Integer.parseInt(matcher.group(3), 16)))
        : Optional.empty();
  }
}
