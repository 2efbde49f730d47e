package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.CommitUnknownException;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.ClassRule;
import org.junit.Test;

/** What becomes of rows and files when the answer to a commit, or the driver itself, is lost. */
public class CommitOutcomeTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    /** SIGABRT, as a shell reports it. */
    private static final int ABORTED = 128 + 6;
    /** Times that one commit is sent before its outcome is given up as unknown. */
    private static final int SENT = 5;

    @After
    public void switchOff() {
        NativeControl.testSwitch("loseAnswer", "0");
        NativeControl.testSwitch("noAnswer", "0");
        NativeControl.testSwitch("forbidRetry", "0");
    }

    @Test
    public void aLostAnswerIsAskedForAgain() {
        Path table = table();
        for (int lost : new int[] {1, 2}) {
            NativeControl.testSwitch("loseAnswer", Integer.toString(lost));
            insert(table, lost);
        }
        TableFiles.assertHolds(table, List.of(0L, 1L, 2L));
        assertEquals("versions", 4, versions(table));
    }

    @Test
    public void anUnknownOutcomeIsSaidSoAndNothingIsDeleted() {
        for (Map.Entry<String, Integer> fault : Map.of("noAnswer", 1, "loseAnswer", SENT).entrySet()) {
            Path table = table();
            NativeControl.testSwitch(fault.getKey(), fault.getValue().toString());
            var unknown = Failures.assertFails(
                    CommitUnknownException.class, "SLUICE_COMMIT_OUTCOME_UNKNOWN", () -> insert(table, 1));
            assertTrue(unknown.getMessage(), unknown.getMessage().contains("txnAppId"));
            TableFiles.assertHolds(table, List.of(0L, 1L));
            insert(table, 2);
            TableFiles.assertHolds(table, List.of(0L, 1L, 2L));
        }
    }

    /** As when a token expires in between: what we may do has changed, not what was written. */
    @Test
    public void aRefusalAfterALostAnswerTellsNothing() {
        Path table = table();
        NativeControl.testSwitch("loseAnswer", "1");
        NativeControl.testSwitch("forbidRetry", "1");
        Failures.assertFails(CommitUnknownException.class, "SLUICE_COMMIT_OUTCOME_UNKNOWN", () -> insert(table, 1));
        TableFiles.assertHolds(table, List.of(0L, 1L));
    }

    @Test
    public void aTableMadeByAnUnansweredCommitIsKept() {
        Path table = freshPath("outcome");
        NativeControl.testSwitch("noAnswer", "1");
        Failures.assertFails(CommitUnknownException.class, "SLUICE_COMMIT_OUTCOME_UNKNOWN",
                () -> sql("CREATE TABLE " + byPath(table) + " AS SELECT 7L AS id"));
        TableFiles.assertHolds(table, List.of(7L));
    }

    @Test
    public void aDriverThatDiesAtItsCommitCanBeRunAgain() throws Exception {
        for (Map.Entry<String, Integer> death : Map.of("dieBeforeCommit", 0, "dieAfterCommit", 1).entrySet()) {
            Path table = table();
            try (ChildJvm driver = ChildJvm.start(
                    ChildJvm.Options.NONE, DyingDriver.class, table, death.getKey())) {
                driver.await(ABORTED);
            }
            assertEquals(death.getKey(), 1 + death.getValue(), TableFiles.ids(table).size());
            for (int rerun = 0; rerun < 2; rerun++) {
                DyingDriver.append(spark(), table);
                assertEquals(death.getKey(), List.of(0L, 1L), TableFiles.ids(table));
            }
            assertEquals("files of the dead are kept: they may be committed", 3 - death.getValue(),
                    TableFiles.data(table).size());
        }
    }

    private static Path table() {
        Path table = freshPath("outcome");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
        insert(table, 0);
        return table;
    }

    private static void insert(Path table, long id) {
        sql("INSERT INTO " + byPath(table) + " VALUES (" + id + ")");
    }
}
