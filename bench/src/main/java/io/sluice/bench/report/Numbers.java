package io.sluice.bench.report;

import java.util.Locale;

/** How numbers are shown: three digits that matter. */
final class Numbers {
  private Numbers() {}

  static String millis(double millis) {
    return millis >= 1000 ? String.format(Locale.ROOT, "%.2f s", millis / 1000)
        : millis >= 100 ? String.format(Locale.ROOT, "%.0f ms", millis)
        : String.format(Locale.ROOT, "%.1f ms", millis);
  }

  static String times(double ratio) {
    return ratio >= 10 ? String.format(Locale.ROOT, "%.0f×", ratio) : String.format(Locale.ROOT, "%.2f×", ratio);
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 10 << 20 ? "%,.1f" : "%,.0f", bytes / (double) (1 << 20));
  }
}
