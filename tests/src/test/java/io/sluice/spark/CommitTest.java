package io.sluice.spark;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.history;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** What a commit says of itself: history, metadata of the user, idempotence, checksum, checkpoint. */
public class CommitTest {
    private static final String DELTA_CONF = "spark.databricks.delta.";

    private Path path;

    @Before
    public void createTable() {
        path = freshPath("commit");
        sql("CREATE TABLE " + byPath(path) + " (id BIGINT, p BIGINT) PARTITIONED BY (p)");
    }

    @After
    public void unset() {
        for (String key : new String[] {"commitInfo.userMetadata", "write.txnAppId", "write.txnVersion"}) {
            spark().conf().unset(DELTA_CONF + key);
        }
    }

    private static Dataset<Row> rows(int count) {
        return spark().range(0, count, 1, 2).selectExpr("id", "id % 2 AS p");
    }

    private void append(Map<String, String> options) throws Exception {
        rows(4).writeTo(byPath(path)).options(options).append();
    }

    private Row last() {
        var log = history(path);
        return log.get(log.size() - 1);
    }

    private Path log(String suffix) {
        return path.resolve("_delta_log").resolve(suffix);
    }

    private JsonNode action(int version, String name) throws Exception {
        for (String line : Files.readAllLines(log("%020d.json".formatted(version)))) {
            JsonNode action = new ObjectMapper().readTree(line).get(name);
            if (action != null) {
                return action;
            }
        }
        return null;
    }

    @Test
    public void historyTellsTheTruth() throws Exception {
        append(Map.of());
        Row commit = last();
        Map<String, String> metrics = commit.getJavaMap(commit.fieldIndex("operationMetrics"));
        long bytes = 0;
        String[] files = delta(path).inputFiles();
        for (String file : files) {
            bytes += Files.size(Path.of(java.net.URI.create(file)));
        }
        assertEquals("4", metrics.get("numOutputRows"));
        assertEquals(String.valueOf(files.length), metrics.get("numFiles"));
        assertEquals(String.valueOf(bytes), metrics.get("numOutputBytes"));
        assertEquals("WRITE", commit.getAs("operation"));
        Map<String, String> parameters = commit.getJavaMap(commit.fieldIndex("operationParameters"));
        assertEquals("Append", parameters.get("mode"));
        assertEquals("[\"p\"]", parameters.get("partitionBy"));
        assertTrue(commit.<String>getAs("engineInfo"), commit.<String>getAs("engineInfo").matches("Apache-Spark/4\\S+ Sluice/\\S+"));
        assertEquals(true, commit.getAs("isBlindAppend"));
        assertEquals(0L, commit.<Long>getAs("readVersion").longValue());
        assertNull(commit.getAs("userMetadata"));
    }

    @Test
    public void addsDescribeTheirFiles() throws Exception {
        append(Map.of());
        JsonNode add = action(1, "add");
        assertTrue(add.get("dataChange").asBoolean());
        assertEquals(Files.size(path.resolve(add.get("path").asText())), add.get("size").asLong());
        JsonNode stats = new ObjectMapper().readTree(add.get("stats").asText());
        assertTrue(stats.get("numRecords").asLong() > 0);
        assertTrue(stats.get("minValues").has("id"));
        assertFalse("partition columns have no statistics", stats.get("minValues").has("p"));
    }

    @Test
    public void userMetadataComesFromOptionThenSession() throws Exception {
        spark().conf().set(DELTA_CONF + "commitInfo.userMetadata", "from session");
        append(Map.of());
        assertEquals("from session", last().getAs("userMetadata"));
        append(Map.of("userMetadata", "{\"from\": \"option é\"}"));
        assertEquals("{\"from\": \"option é\"}", last().getAs("userMetadata"));
    }

    @Test
    public void aRepeatedTransactionIsSkipped() throws Exception {
        for (String version : new String[] {"5", "5", "3", "6", "6"}) {
            append(Map.of("txnAppId", "app", "txnVersion", version));
        }
        assertEquals(8, delta(path).count());
        assertEquals(2L, last().<Long>getAs("version").longValue());
        append(Map.of("txnAppId", "other", "txnVersion", "1"));
        assertEquals(12, delta(path).count());
        assertEquals("app", action(2, "txn").get("appId").asText());
        assertEquals("no file of a skipped write is left", delta(path).inputFiles().length, parquetFiles());
    }

    @Test
    public void aRepeatedTransactionIsSkippedWhereTheFirstMadeTheTable() throws Exception {
        Map<String, String> first = Map.of("txnAppId", "app", "txnVersion", "1");
        Path made = freshPath("made");
        for (int i = 0; i < 2; i++) {
            rows(4).write().format("sluice").mode("append").options(first).save(made.toString());
        }
        assertEquals(4, delta(made).count());
        rows(4).writeTo(byPath(path)).options(first).createOrReplace();
        rows(8).writeTo(byPath(path)).options(first).createOrReplace();
        assertEquals("not replaced again", 4, delta(path).count());
        append(first);
        assertEquals(4, delta(path).count());
        append(Map.of("txnAppId", "app", "txnVersion", "2"));
        assertEquals(8, delta(path).count());
    }

    /** Not when the job began. */
    @Test
    public void theTimeOfACommitIsThatOfTheCommit() throws Exception {
        Path made = freshPath("made");
        long begin = System.currentTimeMillis();
        spark().range(0, 10, 1, 1).select(io.sluice.spark.faults.Midway.at(5, task -> Thread.sleep(500)))
                .writeTo(byPath(made)).tableProperty("delta.enableInCommitTimestamps", "true").create();
        String commit = Files.readString(made.resolve("_delta_log/00000000000000000000.json"));
        for (String line : commit.split("\n")) {
            JsonNode info = new ObjectMapper().readTree(line).get("commitInfo");
            if (info != null) {
                assertTrue(commit, info.get("inCommitTimestamp").asLong() >= begin + 500);
                assertTrue(commit, info.get("timestamp").asLong() >= begin + 500);
            }
        }
        assertEquals(10, delta(made).count());
    }

    private long parquetFiles() throws Exception {
        try (var files = Files.walk(path)) {
            return files.filter(f -> f.toString().endsWith(".parquet") && !f.toString().contains("_delta_log")).count();
        }
    }

    @Test
    public void transactionsOfTheSessionAndOfDeltaCount() throws Exception {
        spark().conf().set(DELTA_CONF + "write.txnAppId", "app");
        spark().conf().set(DELTA_CONF + "write.txnVersion", "1");
        append(Map.of());
        append(Map.of());
        assertEquals(4, delta(path).count());
        rows(4).write().format("delta").mode("append").option("txnAppId", "app").option("txnVersion", "2").save(path.toString());
        append(Map.of("txnAppId", "app", "txnVersion", "2"));
        assertEquals(8, delta(path).count());
    }

    @Test
    public void checkpointsFollowTheirInterval() throws Exception {
        Path often = freshPath("often");
        sql("CREATE TABLE " + byPath(often) + " (id BIGINT, p BIGINT) TBLPROPERTIES ('delta.checkpointInterval' = '3')");
        path = often;
        for (int i = 1; i <= 7; i++) {
            append(Map.of());
        }
        assertEquals(0, NativeControl.awaitMaintenance(60_000));
        for (int version = 1; version <= 7; version++) {
            assertTrue("checksum " + version, Files.exists(log("%020d.crc".formatted(version))));
            assertEquals("checkpoint " + version, version % 3 == 0, Files.exists(log("%020d.checkpoint.parquet".formatted(version))));
        }
        JsonNode hint = new ObjectMapper().readTree(Files.readString(log("_last_checkpoint")));
        assertEquals(6, hint.get("version").asInt());
        JsonNode crc = new ObjectMapper().readTree(Files.readString(log("%020d.crc".formatted(7))));
        var detail = sql("DESCRIBE DETAIL delta.`" + path + "`").select("numFiles", "sizeInBytes").first();
        assertEquals(detail.getLong(0), crc.get("numFiles").asLong());
        assertEquals(detail.getLong(1), crc.get("tableSizeBytes").asLong());
    }

    /** The kernel loses count of the files at every commit that is not one of rows. */
    @Test
    public void checksumsGoOnAfterEveryStatement() throws Exception {
        String table = byPath(path);
        append(Map.of("txnAppId", "app", "txnVersion", "1"));
        for (String statement : new String[] {"ALTER TABLE %s SET TBLPROPERTIES ('mine' = 'yes')", "INSERT INTO %s VALUES (7, 1)",
                "ALTER TABLE %s ADD COLUMN more INT", "ALTER TABLE %s SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')",
                "INSERT INTO %s VALUES (8, 1, 2)", "COMMENT ON TABLE %s IS 'told'",
                "CREATE OR REPLACE TABLE %s PARTITIONED BY (p) AS SELECT 9L AS id, 1L AS p", "INSERT INTO %s VALUES (10, 1)"}) {
            sql(statement.formatted(table));
            assertEquals(0, NativeControl.awaitMaintenance(60_000));
            assertChecksumHolds(statement);
        }
        append(Map.of("txnAppId", "app", "txnVersion", "1"));
        assertEquals("the transaction is remembered", 2, delta(path).count());
        sql("ALTER TABLE delta.`" + path + "` SET TBLPROPERTIES ('theirs' = 'yes')");
        Files.delete(log("%020d.crc".formatted(versions(path) - 1)));
        append(Map.of());
        assertEquals(0, NativeControl.awaitMaintenance(60_000));
        assertChecksumHolds("another engine's commit without a checksum");
    }

    private void assertChecksumHolds(String what) throws Exception {
        Path checksum = log("%020d.crc".formatted(versions(path) - 1));
        assertTrue(what + ": " + checksum, Files.exists(checksum));
        DeltaLog.clearCache();
        var snapshot = DeltaLog.forTable(spark(), path.toString()).unsafeVolatileSnapshot();
        assertTrue(what, snapshot.validateChecksum(snapshot.validateChecksum$default$1()));
        JsonNode written = new ObjectMapper().readTree(Files.readString(checksum));
        assertEquals(what, snapshot.numOfFiles(), written.get("numFiles").asLong());
        assertEquals(what, snapshot.sizeInBytes(), written.get("tableSizeBytes").asLong());
    }

    @Test
    public void deltaAndSluiceTakeTurns() throws Exception {
        for (int i = 0; i < 6; i++) {
            append(Map.of());
            rows(4).write().format("delta").mode("append").save(path.toString());
        }
        sql("DELETE FROM delta.`" + path + "` WHERE p = 1");
        append(Map.of());
        sql("OPTIMIZE delta.`" + path + "`");
        append(Map.of());
        assertEquals(12 * 2 + 8, delta(path).count());
        assertEquals(0, delta(path).except(rows(4)).count());
    }

    @Test
    public void transactionsAreForgottenAfterTheirTime() throws Exception {
        List<Path> forgetful = new ArrayList<>();
        for (String interval : new String[] {"interval 1 second", "1 second", "INTERVAL 1 SECONDS", "interval 0 days 1 second"}) {
            path = freshPath("forgetful");
            sql("CREATE TABLE " + byPath(path) + " (id BIGINT, p BIGINT) TBLPROPERTIES ('delta.setTransactionRetentionDuration' = '" + interval + "')");
            append(Map.of("txnAppId", "app", "txnVersion", "5"));
            append(Map.of("txnAppId", "app", "txnVersion", "5"));
            assertEquals(interval, 4, delta(path).count());
            forgetful.add(path);
        }
        Thread.sleep(1001);
        for (Path table : forgetful) {
            path = table;
            append(Map.of("txnAppId", "app", "txnVersion", "5"));
            assertEquals(8, delta(path).count());
        }
    }

    @Test
    public void anOverwriteWithoutRowsIsATransactionToo() throws Exception {
        path = freshPath("commit");
        sql("CREATE TABLE " + byPath(path) + " (id BIGINT, p BIGINT) PARTITIONED BY (p)");
        Map<String, String> options = Map.of("partitionOverwriteMode", "dynamic", "txnAppId", "app", "txnVersion", "6");
        rows(4).limit(0).writeTo(byPath(path)).options(options).overwritePartitions();
        rows(4).writeTo(byPath(path)).options(options).overwritePartitions();
        assertEquals("the repetition is skipped", 0, delta(path).count());
        assertEquals(6, action(1, "txn").get("version").asInt());
    }

    @Test
    public void theTimeOfAReplacementIsThatOfTheCommit() throws Exception {
        Path made = freshPath("replaced");
        sql("CREATE TABLE " + byPath(made) + " AS SELECT 1 AS id");
        long begin = System.currentTimeMillis();
        spark().range(0, 10, 1, 1).select(io.sluice.spark.faults.Midway.at(5, task -> Thread.sleep(500)))
                .writeTo(byPath(made)).option("txnAppId", "app").option("txnVersion", "1").replace();
        path = made;
        assertTrue(action(1, "commitInfo").get("timestamp").asLong() >= begin + 500);
        assertTrue(action(1, "txn").get("lastUpdated").asLong() >= begin + 500);
    }
}
