package io.sriov.deviceplugin.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The first registers of a function's configuration space (PCI Express base specification, 7.5).
 */
final class PciRegisters {

  /** Command and status, which VFs have too; their vendor and device id read as ones. */
  private static final int COMMAND = 4;

  private static final int COMMAND_AND_STATUS = 4;

  private PciRegisters() {}

  /**
   * Whether all of command and status read as ones, which no function answers: it is off the bus or
   * its link is dead. A file that cannot be read says nothing.
   */
  static boolean silent(Path config) {
    try (var in = Files.newInputStream(config)) {
      var registers = in.readNBytes(COMMAND + COMMAND_AND_STATUS);
      if (registers.length < COMMAND + COMMAND_AND_STATUS) {
        return false;
      }
      for (int i = COMMAND; i < registers.length; i++) {
        if (registers[i] != (byte) 0xff) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
