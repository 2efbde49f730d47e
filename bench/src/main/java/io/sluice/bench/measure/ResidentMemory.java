package io.sluice.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's own high-water mark of this process: nothing is sampled, so no peak is missed. Linux only. */
final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private ResidentMemory() {}

  /** Starts a new mark; false if this system has none. */
  static boolean reset() {
    try {
      Files.writeString(CLEAR, "5");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static long peakBytes() {
    try {
      return Files.readAllLines(STATUS).stream().filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10).findFirst().orElse(Sample.UNKNOWN);
    } catch (IOException e) {
      return Sample.UNKNOWN;
    }
  }
}
