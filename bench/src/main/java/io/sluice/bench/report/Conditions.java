package io.sluice.bench.report;

import io.sluice.bench.Settings;
import io.sluice.spark.jni.NativeControl;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/**
 * Under what conditions was measured.
 *
 * @param loadBefore of the machine's last minute: above the bench's own zero, others were working too
 */
public record Conditions(String date, String sluice, String spark, String java, String processor, int cores, long heapMiB,
    double loadBefore, int runs) {

  public static Conditions now(Settings settings, String sparkVersion) {
    NativeControl.BuildInfo build = NativeControl.buildInfo();
    return new Conditions(
        LocalDate.now(ZoneOffset.UTC).toString(),
        build.version() + " (" + build.buildId() + ")",
        sparkVersion,
        System.getProperty("java.version"),
        readProcessor(),
        settings.cores(),
        Runtime.getRuntime().maxMemory() >> 20,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        settings.runs());
  }

  String sentence() {
    return String.format(Locale.ROOT, "Measured %s: Sluice %s, Spark %s as local[%d], Java %s, heap %,d MiB, %s; "
        + "%d rounds after one to warm up; load average before it %.1f.",
        date, sluice, spark, cores, java, heapMiB, processor, runs, loadBefore);
  }

  private static String readProcessor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
          .map(line -> line.replaceFirst(".*: *", "")).findFirst().orElseGet(() -> System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
