package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.warehouse;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.Test;

/** CALL history and detail, held row by row against what delta-spark's own statements give of the same tables. */
public class ProcedureTest {
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

    private final Path path = freshPath("called");
    private final String theirs = "delta.`" + path + "`";

    private static Dataset<Row> call(String procedure, Path table) {
        return sql("CALL lake.system." + procedure + "(table => '" + table + "')");
    }

    private static void assertAlike(Path table) {
        for (String procedure : List.of("history", "detail")) {
            Dataset<Row> expected = sql("DESCRIBE " + procedure + " delta.`" + table + "`");
            Dataset<Row> actual = call(procedure, table);
            assertEquals(procedure, expected.schema(), actual.schema());
            assertEquals(procedure, expected.collectAsList(), actual.collectAsList());
        }
    }

    private static List<Long> versions(Dataset<Row> history) {
        return history.collectAsList().stream().map(commit -> commit.<Long>getAs("version")).toList();
    }

    private Path commit(long version) {
        return path.resolve("_delta_log/%020d.json".formatted(version));
    }

    /** A commit that someone else has written. */
    private void commit(long version, String... actions) throws IOException {
        Files.writeString(commit(version), String.join("\n", actions));
    }

    /** Files of commits as they might be in a log that was copied. */
    private void date(long newest) throws IOException {
        for (long version = 0; version <= newest; version++) {
            Instant time = FIRST.plus(Duration.ofHours(version == 3 ? 0 : version));
            Files.setLastModifiedTime(commit(version), FileTime.from(time));
        }
    }

    @Test
    public void operationsOfDeltaSpark() {
        sql("CREATE TABLE " + theirs + " (id INT, p STRING) USING delta PARTITIONED BY (p) COMMENT 'what' TBLPROPERTIES ('mine' = 'yes')");
        sql("INSERT INTO " + theirs + " VALUES (1, 'a'), (2, 'b')");
        spark().conf().set("spark.databricks.delta.commitInfo.userMetadata", "a \"note\"");
        try {
            sql("INSERT OVERWRITE " + theirs + " VALUES (3, 'a'), (4, 'b')");
        } finally {
            spark().conf().unset("spark.databricks.delta.commitInfo.userMetadata");
        }
        sql("DELETE FROM " + theirs + " WHERE id = 4");
        sql("MERGE INTO " + theirs + " t USING (SELECT 6 AS id, 'a' AS p) s ON t.id = s.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT *");
        sql("ALTER TABLE " + theirs + " ADD COLUMN more STRUCT<x: INT>");
        sql("ALTER TABLE " + theirs + " SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
        sql("OPTIMIZE " + theirs);
        sql("RESTORE TABLE " + theirs + " TO VERSION AS OF 2");
        assertAlike(path);
    }

    @Test
    public void operationsOfOurs() {
        String ours = byPath(path);
        sql("CREATE TABLE " + ours + " (id INT, p STRING) PARTITIONED BY (p) TBLPROPERTIES ('mine' = 'yes')");
        sql("INSERT INTO " + ours + " VALUES (1, 'a'), (2, 'b')");
        sql("SELECT 3 AS id, 'c' AS p").write().format("sluice").option("userMetadata", "a \"note\"").mode("append").save(path.toString());
        sql("INSERT OVERWRITE " + ours + " PARTITION (p = 'a') VALUES (4)");
        sql("DELETE FROM " + ours + " WHERE p = 'b'");
        sql("ALTER TABLE " + ours + " ADD COLUMN more INT");
        sql("CREATE OR REPLACE TABLE " + ours + " CLUSTER BY (id, s.`x y`) TBLPROPERTIES ('delta.columnMapping.mode' = 'name') "
                + "AS SELECT 1 AS id, named_struct('x y', 2, 'a.b', 3) AS s");
        assertAlike(path);
        sql("ALTER TABLE " + ours + " CLUSTER BY (s.`a.b`)");
        assertAlike(path);
        Row detail = call("detail", path).first();
        assertNotNull(detail.getAs("createdAt"));
        assertEquals("file:" + path, detail.getAs("location"));
    }

    /** Others write what they like of where a commit comes from; what is there in other forms than Delta's is text. */
    @Test
    public void commitsOfOthers() throws IOException {
        sql("CREATE TABLE " + theirs + " (id INT) USING delta TBLPROPERTIES ('delta.minWriterVersion' = '5')");
        String txn = "{\"txn\":{\"appId\":\"a\",\"version\":1}}";
        commit(1, txn, "{\"commitInfo\":{\"operation\":\"O\",\"userId\":\"u\",\"userName\":\"n\",\"clusterId\":\"c\",\"job\":{\"jobId\":\"1\",\"jobName\":\"j\","
                + "\"jobRunId\":\"2\",\"runId\":\"3\",\"jobOwnerId\":\"o\",\"triggerType\":\"t\",\"more\":1},\"notebook\":{\"notebookId\":\"nb\"},\"readVersion\":0,"
                + "\"isBlindAppend\":false,\"operationParameters\":{\"z\":\"text\",\"n\":1,\"b\":true,\"none\":null,\"e\":\"\"},\"operationMetrics\":{\"n\":2,\"f\":2.5}}}", txn);
        commit(2, "{\"commitInfo\":{\"operation\":5,\"operationParameters\":null,\"operationMetrics\":null,\"job\":{},\"notebook\":null,\"userMetadata\":12}}");
        commit(3, "{\"commitInfo\":{}}", "{\"commitInfo\":{\"operation\":\"second\"}}");
        commit(4, txn);
        commit(5, txn);
        date(5);
        assertAlike(path);
        commit(5, "{\"commitInfo\":{\"operationParameters\":{\"list\":[\"a\",1]},\"operationMetrics\":{\"map\":{\"k\":null}},\"job\":\"x\",\"clusterId\":[2]}}");
        Row odd = call("history", path).first();
        assertEquals("[\"a\",1]", odd.getJavaMap(odd.fieldIndex("operationParameters")).get("list"));
        assertEquals("{\"k\":null}", odd.getJavaMap(odd.fieldIndex("operationMetrics")).get("map"));
        assertEquals("[2]", odd.getAs("clusterId"));
        assertNull(odd.getAs("job"));
    }

    /** With a limit nothing is read but the newest commits: those that are no JSON are not among them. */
    @Test
    public void commitsThatAreGoneAndLimits() throws IOException {
        sql("CREATE TABLE " + theirs + " (id INT) USING delta TBLPROPERTIES ('delta.checkpointInterval' = '5')");
        for (int i = 1; i <= 6; i++) {
            sql("INSERT INTO " + theirs + " VALUES (" + i + ")");
        }
        Files.delete(commit(0));
        Files.delete(commit(2));
        DeltaLog.clearCache();
        assertAlike(path);
        for (int limit : List.of(0, 1, 4, 5, 100)) {
            Dataset<Row> ours = sql("CALL lake.system.history('" + path + "', " + limit + ")");
            assertEquals(sql("DESCRIBE HISTORY " + theirs + " LIMIT " + limit).collectAsList(), ours.collectAsList());
        }
        commit(1, "no JSON");
        assertEquals(List.of(6L, 5L, 4L), versions(sql("CALL lake.system.history(limit => 3, table => '" + path + "')")));
        assertFails("Cannot read table .*00000001.json", () -> call("history", path));
        assertFails("SLUICE_INVALID_ARGUMENT.*limit -1", () -> sql("CALL lake.system.history('" + path + "', -1)"));
        assertEquals(versions(sql("CALL lake.system.history('" + path + "', 3)")),
                versions(sql("CALL lake.system.history('" + path + "', CAST(3 AS SMALLINT))")));
    }

    @Test
    public void timesInCommits() throws IOException {
        sql("CREATE TABLE " + theirs + " (id INT) USING delta");
        sql("INSERT INTO " + theirs + " VALUES (1)");
        sql("ALTER TABLE " + theirs + " SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')");
        sql("INSERT INTO " + byPath(path) + " VALUES (2)");
        date(3);
        assertAlike(path);
        Path always = freshPath("timed");
        sql("CREATE TABLE " + byPath(always) + " (id INT) TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')");
        sql("INSERT INTO " + byPath(always) + " VALUES (2)");
        assertAlike(always);
    }

    @Test
    public void moreCommitsThanAThreadReadsAtOnce() throws IOException {
        sql("CREATE TABLE " + theirs + " (id INT) USING delta");
        for (int version = 1; version <= 300; version++) {
            commit(version, "{\"commitInfo\":{\"operation\":\"O\",\"readVersion\":" + (version - 1) + "}}");
        }
        List<Row> commits = call("history", path).collectAsList();
        assertEquals(LongStream.rangeClosed(0, 300).map(i -> 300 - i).boxed().toList(), commits.stream().map(commit -> commit.getLong(0)).toList());
        assertTrue(commits.stream().limit(300).allMatch(commit -> commit.<Long>getAs("readVersion") == commit.getLong(0) - 1));
    }

    @Test
    public void tablesAreNamedAsInSql() {
        String db = freshName("called");
        sql("CREATE NAMESPACE lake." + db);
        sql("CREATE TABLE lake." + db + ".`a table` (id INT)");
        List<String> names = List.of(db + ".`a table`", "lake." + db + ".`a table`", "`" + db + "`.`a table`", "LAKE." + db + ".`a table`");
        for (String name : names) {
            assertEquals("lake." + db + ".`a table`", sql("CALL lake.system.detail('" + name + "')").first().getAs("name"));
        }
        Path place = warehouse().resolve(db).resolve("a table");
        for (String name : List.of(place.toString(), "file:" + place, "delta.`" + place + "`", "`" + place + "`")) {
            assertNull(sql("CALL lake.system.detail('" + name + "')").first().getAs("name"));
        }
        sql("USE lake." + db);
        try {
            assertEquals("lake." + db + ".`a table`", sql("CALL system.detail('`a table`')").first().getAs("name"));
            assertEquals("lake." + db + ".`a table`", sql("DESCRIBE DETAIL `a table`").first().getAs("name"));
        } finally {
            sql("USE spark_catalog.default");
        }
    }

    @Test
    public void errorsNameWhatIsWrong() {
        assertFails("TABLE_OR_VIEW_NOT_FOUND.*`nowhere`.`t`", () -> sql("CALL lake.system.history('nowhere.t')"));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("CALL lake.system.detail('" + freshPath("nothing") + "')"));
        assertFails("PARSE_SYNTAX_ERROR", () -> sql("CALL lake.system.history('db.')"));
        assertFails("SLUICE_INVALID_ARGUMENT.*lake.system.history.*NULL", () -> sql("CALL lake.system.history(NULL)"));
        assertFails("ROUTINE_NOT_FOUND.*lake.system.nothing.*lake.system.detail and lake.system.history", () -> sql("CALL lake.system.nothing('t')"));
        assertFails("ROUTINE_NOT_FOUND", () -> sql("CALL lake.history('t')"));
        assertFails("UNRECOGNIZED_PARAMETER_NAME.*limitt", () -> sql("CALL lake.system.history(table => 't', limitt => 1)"));
        assertFails("REQUIRED_PARAMETER_NOT_FOUND.*table", () -> sql("CALL lake.system.history(limit => 1)"));
        sql("CREATE TABLE " + byPath(path) + " (id INT)");
        assertFails("SLUICE_PINNED_TABLE.*Cannot call history for table .*version 0", () -> sql("CALL lake.system.history('" + path + "@v0')"));
    }

    @Test
    public void proceduresAreListed() {
        assumeTrue("Spark 4.0 does not list procedures", spark().version().compareTo("4.1") >= 0);
        for (String namespace : List.of("lake", "lake.system")) {
            List<String> names = sql("SHOW PROCEDURES IN " + namespace).collectAsList().stream().map(row -> row.<String>getAs("procedure_name")).toList();
            assertEquals(List.of("detail", "history"), names);
        }
        assertTrue(sql("DESCRIBE PROCEDURE lake.system.history").collectAsList().toString().contains("newest first"));
    }
}
