package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.warehouse;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.expr;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.SetTransaction;
import org.apache.spark.sql.functions;
import org.junit.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What tables say of themselves, against delta-spark's snapshot of their logs and what it reads of their rows. */
public class MetadataTablesTest {
    private static final String ROWS = "SELECT id, IF(id % 3 = 0, NULL, concat('text ', id)) AS s, struct(id * 2 AS a, CAST(id AS FLOAT) / 4 AS b) AS n,"
            + " CAST(id / 7 AS DECIMAL(20, 4)) AS dec, date_add(DATE'1999-12-30', CAST(id AS INT)) AS day, timestamp_seconds(id * 86399 - 5000000000) AS at,"
            + " CAST(id % 2 AS INT) AS p, IF(id % 4 = 3, NULL, concat('a b/%', id % 2)) AS q FROM range($from, $to, 1, 2)";
    private static final String COLUMNS = "id BIGINT, s STRING, n STRUCT<a: BIGINT, b: FLOAT>, dec DECIMAL(20, 4), day DATE, at TIMESTAMP, p INT, q STRING";
    private static final String LEAVES = "id, s, n.a, n.b, dec, day, at";

    private static Snapshot snapshot(Path table) {
        DeltaLog.clearCache();
        return DeltaLog.forTable(spark(), table.toString()).unsafeVolatileSnapshot();
    }

    private static Dataset<Row> metadata(Path table, String kind) {
        return spark().table(byPath(table) + "." + kind);
    }

    private static Path create(int rows, String rest, String... properties) {
        Path table = freshPath("metadata");
        sql("CREATE TABLE delta.`" + table + "` (" + COLUMNS + ") USING delta " + rest + " TBLPROPERTIES ('delta.checkpointInterval' = '2'"
                + String.join("", properties) + ")");
        for (int first = 0; first < 3 * rows; first += rows) {
            sql("INSERT INTO delta.`" + table + "` " + ROWS.replace("$from", String.valueOf(first)).replace("$to", String.valueOf(first + rows)));
        }
        return table;
    }

    @Test
    public void partitionedTables() {
        Path table = create(100, "PARTITIONED BY (p, q)");
        assertFilesAlike(table, "stats");
        assertRowsAlike(table, List.of("p", "q"));
        assertStatsAlike(table, List.of("p", "q"));
        Path days = create(4, "PARTITIONED BY (day, at, dec)");
        assertRowsAlike(days, List.of("day", "at", "dec"));
        spark().conf().set("spark.sql.session.timeZone", "America/Los_Angeles");
        try {
            assertRowsAlike(days, List.of("day", "at", "dec"));
        } finally {
            spark().conf().set("spark.sql.session.timeZone", "UTC");
        }
    }

    @Test
    public void tablesWithFeatures() {
        Path table = create(100, "PARTITIONED BY (p)", ", 'delta.enableDeletionVectors' = 'true', 'delta.enableRowTracking' = 'true',"
                + " 'delta.columnMapping.mode' = 'name'");
        sql("DELETE FROM delta.`" + table + "` WHERE id % 5 = 1");
        sql("ALTER TABLE delta.`" + table + "` RENAME COLUMN s TO `s.new name`");
        assertEquals("deletion vectors", 12, metadata(table, "files").where("deletion_vector.cardinality > 0").count());
        assertFilesAlike(table, "stats");
        assertRowsAlike(table, List.of("p"));
        assertEquals(properties(sql("SHOW TBLPROPERTIES delta.`" + table + "`")), properties(metadata(table, "properties")));
        Rows.assertSame("history", sql("DESCRIBE HISTORY delta.`" + table + "`"), metadata(table, "history"));
        Rows.assertSame("snapshots", metadata(table, "history").selectExpr("version", "nullif(version - 1, -1) AS parent_version", "timestamp", "operation",
                "operationMetrics AS summary"), metadata(table, "snapshots"));
        assertEquals(2, sql("SELECT * FROM " + byPath(table) + ".history VERSION AS OF 1").count());
        assertEquals(2, sql("SELECT version FROM " + byPath(table) + ".history LIMIT 2").collectAsList().size());
        Path clustered = create(100, "CLUSTER BY (id)", ", 'delta.checkpoint.writeStatsAsJson' = 'false', 'delta.checkpoint.writeStatsAsStruct' = 'true'");
        // Statistics without a text there have one of whoever writes it.
        assertFilesAlike(clustered, "from_json(stats, 'numRecords LONG, nullCount STRUCT<s: LONG>') AS stats");
        assertRowsAlike(clustered, List.of());
        assertStatsAlike(clustered, List.of());
    }

    /** What the rows come to, file by file and partition by partition. */
    private static void assertRowsAlike(Path table, List<String> partition) {
        var rows = delta(table).select(col("*"), col("_metadata.file_path").as("path"));
        Rows.assertSame("counts and partitions", rows.groupBy(columns("path", partition)).agg(expr("count(*) AS record_count")),
                metadata(table, "files").select(columns("path", inPartition(partition), "record_count")));
        Rows.assertSame("partitions", rows.groupBy(columns(null, partition)).agg(count_distinct(col("path")).as("file_count"), expr("count(*) AS record_count")),
                metadata(table, "partitions").select(columns(null, inPartition(partition), "file_count", "record_count")));
        assertEquals(metadata(table, "partitions").selectExpr("sum(size)", "max(last_modified)").first(),
                metadata(table, "files").selectExpr("sum(size)", "max(modification_time)").first());
    }

    private static void assertFilesAlike(Path table, String stats) {
        var files = snapshot(table).allFiles().toDF().selectExpr("reverse(split(path, '/'))[0] AS name", "size", "modificationTime AS modified",
                "deletionVector.storageType", "deletionVector.pathOrInlineDv", "deletionVector.offset", "deletionVector.sizeInBytes",
                "deletionVector.cardinality", "baseRowId", "defaultRowCommitVersion", "clusteringProvider", "tags", stats);
        Rows.assertSame("files", files, metadata(table, "files").selectExpr("reverse(split(path, '/'))[0] AS name", "size",
                "unix_millis(modification_time) AS modified", "deletion_vector.storage_type AS storageType",
                "deletion_vector.path_or_inline_dv AS pathOrInlineDv", "deletion_vector.offset", "deletion_vector.size_in_bytes AS sizeInBytes",
                "deletion_vector.cardinality", "base_row_id AS baseRowId", "default_row_commit_version AS defaultRowCommitVersion",
                "clustering_provider AS clusteringProvider", "tags", stats));
    }

    /** Without deletion vectors, all statistics are those of the rows that there are. */
    private static void assertStatsAlike(Path table, List<String> partition) {
        List<String> leaves = Arrays.stream(LEAVES.split(", ")).filter(leaf -> !partition.contains(leaf)).toList();
        var expected = delta(table).groupBy(col("_metadata.file_path")).agg(expr("1"), leaves.stream()
                .flatMap(leaf -> Stream.of("min(" + leaf + ")", "max(" + leaf + ")", "count_if(" + leaf + " IS NULL)")).map(functions::expr).toArray(Column[]::new));
        var shown = metadata(table, "files").select(columns("path", List.of("1"), leaves.stream()
                .flatMap(leaf -> Stream.of("lower_bounds." + leaf, "upper_bounds." + leaf, "null_counts." + leaf)).toArray(String[]::new)));
        Rows.assertSame("statistics", expected.toDF(shown.columns()), shown);
    }

    private static Column[] columns(String first, List<String> more, String... rest) {
        return Stream.of(Stream.ofNullable(first), more.stream(), Arrays.stream(rest)).flatMap(names -> names).map(functions::expr).toArray(Column[]::new);
    }

    private static List<String> inPartition(List<String> columns) {
        return columns.stream().map(column -> "partition." + column).toList();
    }

    private static List<String> properties(Dataset<Row> properties) {
        return properties.selectExpr("concat(key, '=', value)").collectAsList().stream().map(row -> row.getString(0)).sorted().toList();
    }

    @Test
    public void statisticsThatCannotBeReadAreMissing() throws Exception {
        String table = "lake.metadata." + freshName("t");
        sql("CREATE NAMESPACE IF NOT EXISTS lake.metadata");
        sql("CREATE TABLE " + table + " (id INT, at TIMESTAMP)");
        Path log = warehouse().resolve(table.replace("lake.", "").replace('.', '/')).resolve("_delta_log");
        var stats = List.of("{\\\"numRecords\\\":1,\\\"minValues\\\":{\\\"id\\\":1,\\\"at\\\":\\\"+20000-01-01T00:00:00Z\\\"}}", "{\\\"numRecords\\\":2,",
                "{\\\"numRecords\\\":3,\\\"minValues\\\":{\\\"id\\\":{\\\"of\\\":\\\"another shape\\\"}}}");
        var commit = new StringBuilder();
        for (int i = 0; i < stats.size(); i++) {
            commit.append("{\"add\":{\"path\":\"f").append(i).append("\",\"partitionValues\":{},\"size\":1,\"modificationTime\":0,\"dataChange\":true,\"stats\":\"")
                    .append(stats.get(i)).append("\"}}\n");
        }
        java.nio.file.Files.writeString(log.resolve("00000000000000000001.json"), commit);
        assertEquals("[[1,1,null], [null,null,null], [null,null,null]]", sql("SELECT record_count, lower_bounds.id, lower_bounds.at FROM " + table
                + ".files ORDER BY path").collectAsList().toString());
        assertEquals("[[3,null,3]]", sql("SELECT file_count, record_count, size FROM " + table + ".partitions").collectAsList().toString());
        assertEquals("[[null]]", sql("SELECT sum(record_count) FROM " + table + ".files WHERE size > 1").collectAsList().toString());
    }

    @Test
    public void transactionsAndTimeTravel() throws Exception {
        sql("CREATE NAMESPACE IF NOT EXISTS lake.metadata");
        String table = "lake.metadata." + freshName("t");
        Path path = warehouse().resolve(table.replace("lake.", "").replace('.', '/'));
        sql("CREATE TABLE " + table + " (id BIGINT, p INT) PARTITIONED BY (p) TBLPROPERTIES ('mine' = 'old')");
        for (int i = 1; i <= 3; i++) {
            spark().range(10).selectExpr("id", "CAST(id % 2 AS INT) AS p").writeTo(table).option("txnAppId", "app" + i % 2).option("txnVersion", i).append();
        }
        sql("ALTER TABLE " + table + " SET TBLPROPERTIES ('mine' = 'new')");
        List<SetTransaction> expected = CollectionConverters.asJava(snapshot(path).setTransactions());
        assertEquals(expected.stream().map(txn -> txn.appId() + " " + txn.version() + " " + txn.lastUpdated().isDefined()).sorted().toList(),
                sql("SELECT concat(app_id, ' ', version, ' ', last_updated IS NOT NULL) FROM " + table + ".txns").collectAsList().stream()
                        .map(row -> row.getString(0)).sorted().toList());
        assertEquals(12, sql("SELECT * FROM " + table + ".files").count());
        assertEquals(4, sql("SELECT * FROM " + table + ".files VERSION AS OF 1").count());
        assertEquals(8, spark().read().option("versionAsOf", "2").table(table + ".files").count());
        assertEquals(1, sql("SELECT * FROM " + table + ".txns VERSION AS OF 1").count());
        assertEquals("[[old]]", sql("SELECT value FROM " + table + ".properties VERSION AS OF 3 WHERE key = 'mine'").collectAsList().toString());
        assertEquals("[[new]]", sql("SELECT value FROM " + table + ".properties WHERE key = 'mine'").collectAsList().toString());
        String created = SparkFixture.history(path).get(0).getAs("timestamp").toString();
        assertEquals(0, sql("SELECT * FROM " + table + ".partitions TIMESTAMP AS OF '" + created + "'").count());
        assertFails("DELTA_VERSION_NOT_FOUND.*available versions are 0 to 4", () -> sql("SELECT * FROM " + table + ".files VERSION AS OF 9"));
    }

    @Test
    public void filtersProjectionsAndJoins() {
        sql("CREATE NAMESPACE IF NOT EXISTS lake.metadata");
        String table = "lake.metadata." + freshName("t");
        sql("CREATE TABLE " + table + " (id BIGINT, p STRING) PARTITIONED BY (p)");
        sql("INSERT INTO " + table + " SELECT id, IF(id % 3 = 2, NULL, concat('p', id % 3)) FROM range(0, 30, 1, 2)");
        sql("INSERT INTO " + table + " SELECT id, 'p0' FROM range(30, 40, 1, 1)");
        var some = sql("SELECT partition.p, count(*), sum(record_count) FROM " + table + ".files WHERE partition.p = 'p0' OR partition.p IS NULL GROUP BY ALL ORDER BY 1");
        assertEquals("[[null,2,10], [p0,3,20]]", some.collectAsList().toString());
        assertTrue(some.queryExecution().executedPlan().toString(), some.queryExecution().executedPlan().toString().contains("filters: [(partition.p = 'p0') OR"));
        assertEquals(2, sql("SELECT * FROM " + table + ".files WHERE partition.p LIKE 'p0' AND record_count < 10").count());
        assertEquals(1, sql("SELECT path FROM " + table + ".files LIMIT 1").collectAsList().size());
        assertEquals(1, sql("SELECT * FROM " + table + ".partitions WHERE partition.p > 'p0'").count());
        var joined = sql("SELECT count(DISTINCT f.path), count(*), sum(IF(t.id BETWEEN f.lower_bounds.id AND f.upper_bounds.id, 1, 0)) FROM " + table + " t JOIN "
                + table + ".files f ON t._metadata.file_path = f.path");
        assertEquals("[[7,40,40]]", joined.collectAsList().toString());
        assertEquals("[[7]]", sql("SELECT file_count FROM (SELECT sum(file_count) AS file_count FROM " + table + ".partitions)").collectAsList().toString());
        String copy = "lake.metadata." + freshName("copy");
        spark().conf().set("spark.sql.codegen.wholeStage", "true");
        try {
            sql("CREATE TABLE " + copy + " AS SELECT * FROM " + table + ".files");
        } finally {
            spark().conf().set("spark.sql.codegen.wholeStage", "false");
        }
        Rows.assertSame("written natively", spark().table(table + ".files"), spark().table(copy));
        sql("INSERT INTO " + table + " SELECT size, path FROM " + table + ".files");
        assertEquals(47, spark().table(table).count());
    }

    @Test
    public void namesAndRefusals() {
        sql("CREATE NAMESPACE IF NOT EXISTS lake.metadata");
        String table = "lake.metadata." + freshName("t");
        sql("CREATE TABLE " + table + " (id INT)");
        assertTrue(spark().catalog().tableExists(table + ".files"));
        assertFalse(spark().catalog().tableExists(table + ".rows"));
        assertEquals(0, sql("SELECT * FROM " + table + ".partitions").count());
        assertFalse(List.of(spark().table(table + ".files").columns()).contains("partition"));
        assertTrue(sql("DESCRIBE TABLE " + table + ".FILES").collectAsList().toString().contains("[path,string,as in _metadata.file_path]"));
        assertEquals(0, sql("SELECT * FROM lake.`" + warehouse().resolve(table.replace("lake.", "").replace('.', '/')) + "`.files").count());
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("SELECT * FROM " + table + ".files.files"));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("SELECT * FROM lake.metadata.nobody.files"));
        String refused = "Cannot %s (lake\\.)?metadata\\.\\w+\\.files: it is a metadata table";
        for (String write : List.of("INSERT INTO $t VALUES (1)", "INSERT OVERWRITE $t SELECT 1", "TRUNCATE TABLE $t")) {
            assertFails(String.format(refused, "write to") + "|does not support", () -> sql(write.replace("$t", table + ".files")));
        }
        assertFails(String.format(refused, "write to"), () -> sql("INSERT INTO " + table + ".files VALUES (1)"));
        assertFails(String.format(refused, "drop"), () -> sql("DROP TABLE " + table + ".files"));
        assertFails(String.format(refused, "alter"), () -> sql("ALTER TABLE " + table + ".files SET TBLPROPERTIES ('a' = 'b')"));
        assertFails(String.format(refused, "rename"), () -> sql("ALTER TABLE " + table + ".files RENAME TO lake.metadata.other"));
        assertFails("does not support", () -> sql("DELETE FROM " + table + ".files WHERE size > 0"));
        assertFails("already exists|ALREADY_EXISTS", () -> sql("CREATE TABLE " + table + ".files (id INT)"));
        assertFails("Cannot", () -> sql("CREATE OR REPLACE TABLE " + table + ".files (id INT)"));
        assertEquals(0, spark().table(table).count());

        sql("CREATE NAMESPACE lake." + table.substring(14));
        sql("CREATE TABLE lake." + table.substring(14) + ".x.files (real INT)");
        assertEquals("a real table goes before", List.of("real"), List.of(spark().table("lake." + table.substring(14) + ".x.files").columns()));
    }
}
