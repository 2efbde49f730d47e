package io.sluice.spark.rows;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.CommitUnknownException;
import io.sluice.spark.CorruptTableException;
import io.sluice.spark.faults.Failures;
import io.sluice.spark.faults.QuietLog;
import io.sluice.spark.faults.TableFiles;
import io.sluice.spark.jni.NativeControl;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.functions;
import org.junit.After;
import org.junit.ClassRule;
import org.junit.Test;

/** Changes of rows that fail half through: nothing is left of them, unless they may have landed. */
public class ChangeFaultTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final String MERGE = "MERGE INTO %s t USING (SELECT id + 5 AS id FROM range(100)) s ON t.id = s.id"
            + " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)";

    @After
    public void switchOff() {
        NativeControl.testSwitch("loseAnswer", "0");
        NativeControl.testSwitch("noAnswer", "0");
    }

    /** Ids 0 to 9, and texts in a column of its own. */
    private static Path table(String more) {
        Path table = freshPath("faulty");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT, v STRING) " + more);
        sql("INSERT INTO " + byPath(table) + " SELECT /*+ COALESCE(1) */ id, concat('text ', id) FROM range(10)");
        return table;
    }

    private static List<Long> ids(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    /** No condition looks at them. */
    private static void damageTexts(Path file) throws Exception {
        var input = HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration());
        try (var footer = ParquetFileReader.open(input); var bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(footer.getFooter().getBlocks().get(0).getColumns().get(1).getStartingPos());
            bytes.write(new byte[32]);
        }
    }

    /** Spark's own job is done by then, and has written new rows. */
    @Test
    public void aFileThatCannotBeCopied() throws Exception {
        Path table = table("");
        Path file = TableFiles.data(table).first();
        damageTexts(file);
        var before = TableFiles.state(table);
        for (String statement : List.of("DELETE FROM %s WHERE id = 3", MERGE)) {
            Failures.assertFails(CorruptTableException.class, "SLUICE_CORRUPT_DATA_FILE", () -> sql(statement.formatted(byPath(table))));
            TableFiles.assertUnchanged(statement, before, table);
        }
        sql("DELETE FROM " + byPath(table) + " WHERE id < 10");
        assertEquals("nothing of it is to be copied", List.of(), TableFiles.ids(table));
    }

    @Test
    public void aJobThatIsCancelledWhileItCopies() {
        for (boolean interrupt : new boolean[] {true, false}) {
            Path table = table("");
            var before = TableFiles.state(table);
            SparkListener canceller = new SparkListener() {
                private int stages;

                @Override
                public void onTaskStart(SparkListenerTaskStart task) {
                    if (++stages == 2) { // the first reads and writes, the second copies
                        spark().sparkContext().cancelJobGroup("doomed");
                    }
                }
            };
            spark().sparkContext().setJobGroup("doomed", "cancelled by a test", interrupt);
            spark().sparkContext().addSparkListener(canceller);
            try {
                sql("DELETE FROM " + byPath(table) + " WHERE id = 3");
                assertEquals("too fast to be cancelled", 9, TableFiles.ids(table).size());
            } catch (Exception cancelled) {
                TableFiles.assertUnchanged("interrupted: " + interrupt, before, table);
            } finally {
                spark().sparkContext().removeSparkListener(canceller);
                spark().sparkContext().clearJobGroup();
            }
        }
    }

    @Test
    public void aLostAnswerIsAskedForAgain() {
        for (String more : List.of("", "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")) {
            Path table = table(more);
            NativeControl.testSwitch("loseAnswer", "2");
            sql(MERGE.formatted(byPath(table)));
            assertEquals(3, versions(table));
            assertTrue(TableFiles.ids(table).containsAll(ids(0, 5)));
            assertEquals(100, TableFiles.ids(table).size());
        }
    }

    /** Deletion vectors and copies are kept, too. */
    @Test
    public void ofAnUnknownOutcomeNothingIsDeleted() {
        for (String more : List.of("", "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")) {
            for (String statement : List.of(MERGE, "DELETE FROM %s WHERE id = 3")) {
                Path table = table(more);
                NativeControl.testSwitch("noAnswer", "1");
                Failures.assertFails(CommitUnknownException.class, "SLUICE_COMMIT_OUTCOME_UNKNOWN", () -> sql(statement.formatted(byPath(table))));
                assertEquals(more, statement.equals(MERGE) ? 100 : 9, TableFiles.ids(table).size());
            }
        }
    }

    /** Settings of the session say which application a statement is of. */
    @Test
    public void statementsOfAnApplicationAreDoneOnce() {
        Path table = table("");
        for (var txn : java.util.Map.of("txnAppId", "rows", "txnVersion", "7").entrySet()) {
            spark().conf().set("spark.databricks.delta.write." + txn.getKey(), txn.getValue());
        }
        try {
            sql("DELETE FROM " + byPath(table) + " WHERE id = 3");
            sql("UPDATE " + byPath(table) + " SET id = id + 1");
            sql("MERGE INTO " + byPath(table) + " t USING (SELECT 100L AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)");
        } finally {
            spark().conf().unset("spark.databricks.delta.write.txnAppId");
            spark().conf().unset("spark.databricks.delta.write.txnVersion");
        }
        assertEquals(List.of(0L, 1L, 2L, 4L, 5L, 6L, 7L, 8L, 9L), TableFiles.ids(table));
        assertEquals(3, versions(table));
        TableFiles.data(table).forEach(file -> assertTrue(file.toString(), file.toString().endsWith(".parquet")));
    }

    /** Of some partitions of a job, and of both jobs. */
    @Test
    public void tasksThatAreRepeatedCountOnce() throws Exception {
        Path table = table("TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
        spark().range(10, 1000, 1, 4).select(functions.col("id"), functions.lit("x").as("v")).writeTo(byPath(table)).append();
        sql("MERGE INTO " + byPath(table) + " t USING (SELECT id * 3 AS id FROM range(0, 200, 1, 3)) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 'm'");
        assertEquals(ids(0, 1000), TableFiles.ids(table));
        assertEquals(200, sql("SELECT * FROM " + byPath(table) + " WHERE v = 'm'").count());
    }
}
