package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.ClassRule;
import org.junit.Test;

/** Disks that are full or read-only, when data files are written and when the commit is. */
public class BrokenStorageTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final String STORAGE = "SLUICE_STORAGE_FAILURE";

    @Test
    public void aFullDiskFailsTheWriteAndLeavesTheTableAsItWas() throws Exception {
        for (int rows : new int[] {500_000, 3_000_000}) { // one PUT of 4 MB, and an upload in parts
            try (Tmpfs disk = Tmpfs.mount(3)) {
                Path table = table(disk);
                var before = TableFiles.state(table);
                Failures.assertFails(StorageException.class, STORAGE, () -> append(random(rows), table));
                TableFiles.assertUnchanged(rows + " rows", before, table);
                append(random(1), table);
                TableFiles.assertNoOrphans(table);
                assertEquals(2, TableFiles.ids(table).size());
            }
        }
    }

    @Test
    public void aDiskThatIsFullAtTheCommitLeavesTheTableAsItWas() throws Exception {
        try (Tmpfs disk = Tmpfs.mount(3)) {
            Path table = table(disk);
            var before = TableFiles.state(table);
            Failures.assertFails(StorageException.class, STORAGE, () -> append(oneFileThen(table, disk::fill), table));
            disk.makeRoom();
            TableFiles.assertUnchanged("", before, table);
            append(oneFileThen(table, () -> {}), table);
            TableFiles.assertHolds(table, LongStream.range(-1, 100).boxed().toList());
        }
    }

    @Test
    public void aReadOnlyDirectoryFailsTheWriteAndLeavesTheTableAsItWas() throws Exception {
        try (Tmpfs disk = Tmpfs.mount(3)) {
            Path table = table(disk);
            var before = TableFiles.state(table);
            disk.readOnly(true);
            Failures.assertFails(StorageException.class, STORAGE, () -> append(random(10), table));
            Failures.assertFails(StorageException.class, STORAGE,
                    () -> sql("CREATE TABLE " + byPath(disk.path("new")) + " (id BIGINT)"));
            Failures.assertFails(StorageException.class, STORAGE,
                    () -> sql("CREATE TABLE " + byPath(disk.path("new")) + " AS SELECT 1L AS id"));
            assertFalse(Files.exists(disk.path("new")));
            TableFiles.assertUnchanged("", before, table);
            assertEquals("still readable", List.of(-1L), TableFiles.ids(table));
            disk.readOnly(false);
            append(random(1), table);
            assertEquals(2, TableFiles.ids(table).size());
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    /** A hundred rows in one file, and a task without rows that does {@code step} once the file is there. */
    private static Dataset<Row> oneFileThen(Path table, Step step) {
        return spark().range(0, 200, 1, 2).select(Midway.at(150, task -> {
            for (int wait = 0; TableFiles.data(table).size() < 2; wait++) {
                assertTrue("no file appeared", wait < 1000);
                Thread.sleep(10);
            }
            step.run();
        })).filter("id < 100");
    }

    /** Ids that do not compress. */
    private static Dataset<Row> random(int rows) {
        return spark().range(0, rows, 1, 1).select(functions.expr("xxhash64(id)").as("id"));
    }

    private static Path table(Tmpfs disk) {
        Path table = disk.path("table");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
        sql("INSERT INTO " + byPath(table) + " VALUES (-1)");
        return table;
    }

    private static void append(Dataset<Row> rows, Path table) throws Exception {
        rows.writeTo(byPath(table)).append();
    }
}
