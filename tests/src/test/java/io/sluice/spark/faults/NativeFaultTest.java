package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.InternalException;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.ClassRule;
import org.junit.Test;

/** Native code that panics, breaks JNI's rules or keeps memory. */
public class NativeFaultTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final int APPENDS = 2_000;
    private static final long ALLOWED_GROWTH_MB = 60;

    @Test
    public void aPanicIsAnExceptionAndTheJvmGoesOn() throws Exception {
        for (int batches : new int[] {1, 20}) {
            Path table = table();
            var before = TableFiles.state(table);
            var rows = spark().range(0, 2_000, 1, 1).select(Midway.at(batches == 1 ? 0 : 1_900,
                    task -> NativeControl.testSwitch("panicInWrite", "1")));
            var failure = Failures.assertFails(InternalException.class, "SLUICE_NATIVE_PANIC",
                    () -> rows.writeTo(byPath(table)).option("sluice.batchRows", "100").append());
            assertTrue(failure.getMessage(), failure.getMessage().contains("a test asked for this panic"));
            TableFiles.assertUnchanged("", before, table);
            rows.writeTo(byPath(table)).append();
            TableFiles.assertHolds(table, LongStream.range(0, 2_000).boxed().toList());
        }
    }

    @Test
    public void jniIsUsedByItsRules() throws Exception {
        Path table = table();
        String printed = ChildJvm.run(ChildJvm.Options.jvm("-Xcheck:jni"), ManyAppends.class, table, 5, "panicInWrite");
        assertTrue(printed, printed.contains("failed as asked"));
        for (String complaint : List.of("WARNING in native method", "FATAL ERROR in native method", "WARNING: JNI")) {
            assertFalse(printed, printed.contains(complaint));
        }
        TableFiles.assertHolds(table, LongStream.range(0, 5).boxed().toList());
    }

    @Test
    public void smallAppendsLeaveNoGrowingNativeMemory() throws Exception {
        Path table = table();
        // A heap that is all there from the start, and few of malloc's arenas, so that growth means growth.
        var fixed = new ChildJvm.Options(
                List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch"), Map.of("MALLOC_ARENA_MAX", "2"));
        String printed = ChildJvm.run(fixed, ManyAppends.class, table, APPENDS, "");
        assertEquals(APPENDS, spark().read().format("delta").load(table.toString()).distinct().count());
        long growth = megabytes(printed, APPENDS) - megabytes(printed, APPENDS / 4);
        assertTrue(growth + " MB more than after a quarter of the appends:\n" + printed, growth < ALLOWED_GROWTH_MB);
    }

    private static long megabytes(String printed, int appends) {
        Matcher line = Pattern.compile("^" + appends + " appends: (\\d+) MB", Pattern.MULTILINE).matcher(printed);
        assertTrue(printed, line.find());
        return Long.parseLong(line.group(1));
    }

    private static Path table() {
        Path table = freshPath("native");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
        return table;
    }
}
