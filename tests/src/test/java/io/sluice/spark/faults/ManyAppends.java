package io.sluice.spark.faults;

import io.sluice.spark.SparkFixture;
import io.sluice.spark.jni.NativeControl;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.management.ObjectName;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Appends one row at a time and says now and then how large the process is. Arguments: the table, the number of appends,
 * and a fault that one append before them is to fail with, or nothing.
 */
public final class ManyAppends {
    private static final String TRIM = "systemTrimNativeHeap";

    private ManyAppends() {}

    public static void main(String[] arguments) throws Exception {
        Path table = Path.of(arguments[0]);
        int appends = Integer.parseInt(arguments[1]);
        if (!arguments[2].isEmpty()) {
            failOnce(table, arguments[2]);
        }
        for (int done = 0; done < appends; ) {
            rows(done).writeTo(SparkFixture.byPath(table)).append();
            if (++done % Math.max(1, appends / 8) == 0) {
                System.out.println(done + " appends: " + nativeMegabytes() + " MB");
            }
        }
    }

    private static void failOnce(Path table, String fault) throws Exception {
        NativeControl.testSwitch(fault, "1");
        try {
            rows(-1).writeTo(SparkFixture.byPath(table)).append();
        } catch (Exception failure) {
            System.out.println("failed as asked");
        }
    }

    private static Dataset<Row> rows(long id) {
        return SparkFixture.spark().createDataset(List.of(id), Encoders.LONG()).toDF("id");
    }

    /** Of the process without what the JVM itself takes for classes and compiled code; its heap does not change. */
    private static long nativeMegabytes() throws Exception {
        System.gc();
        // What malloc only keeps for later is no leak; it is given back to the system where the JDK can do that.
        var commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
        var server = ManagementFactory.getPlatformMBeanServer();
        if (Arrays.stream(server.getMBeanInfo(commands).getOperations()).anyMatch(o -> o.getName().equals(TRIM))) {
            server.invoke(commands, TRIM, new Object[0], new String[0]);
        }
        long jvm = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getCommitted() >> 20;
        return residentMegabytes() - jvm;
    }

    private static long residentMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10).findFirst().orElseThrow();
    }
}
