package io.sluice.spark;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.spark.faults.Midway;
import io.sluice.spark.faults.TableFiles;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.AlterationBasis;
import io.sluice.spark.jni.message.StorageLocation;
import io.sluice.spark.jni.message.TableRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.write.LogicalWriteInfoImpl;
import org.apache.spark.sql.connector.write.PhysicalWriteInfoImpl;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.execution.SparkSqlParser;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.Test;

/** CHECK constraints, and the tables whose protocol speaks of them, whether they have some or not. */
public class ConstraintTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VIOLATION = "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES";

    private static Path created(String columns, String more) {
        Path table = freshPath("constraint");
        sql("CREATE TABLE delta.`" + table + "` (" + columns + ") USING delta " + more);
        return table;
    }

    /** Spark computes what a constraint says twice in a step of its own. */
    @Test
    public void whatIsSaidTwiceIsCheckedToo() {
        for (String constraint : List.of("length(s) BETWEEN 1 AND 3", "id + length(s) BETWEEN 0 AND 4", "NULLIF(trim(s), '') IS NOT NULL")) {
            Path table = constrained("id INT, s STRING", constraint);
            sql("INSERT INTO " + byPath(table) + " VALUES (1, 'abc')");
            Failures.assertFails(VIOLATION, () -> sql("INSERT INTO " + byPath(table) + " VALUES (10, '')"));
            assertEquals(constraint, 1, delta(table).count());
            Path ours = created("id INT, s STRING", "");
            sql("ALTER TABLE " + byPath(ours) + " ADD CONSTRAINT rule CHECK (" + constraint + ")");
            Failures.assertFails(VIOLATION, () -> sql("INSERT INTO " + byPath(ours) + " VALUES (100, '    ')"));
        }
    }

    /** A table of delta-spark's with a constraint. */
    private static Path constrained(String columns, String constraint) {
        Path table = created(columns, "");
        sql("ALTER TABLE delta.`" + table + "` ADD CONSTRAINT Rule CHECK (" + constraint + ")");
        return table;
    }

    private static Path log(Path table, long version, String suffix) {
        return table.resolve("_delta_log").resolve("%020d.".formatted(version) + suffix);
    }

    private static JsonNode action(Path commit, String name) throws Exception {
        for (String line : Files.readAllLines(commit)) {
            JsonNode action = JSON.readTree(line).get(name);
            if (action != null) {
                return action;
            }
        }
        return null;
    }

    // ---- features that are listed and not used

    private static Map<String, String> protocols() {
        Map<String, String> protocols = new LinkedHashMap<>();
        for (String versions : List.of("1,3", "1,4", "2,5", "2,6")) {
            String[] parts = versions.split(",");
            protocols.put(versions, "TBLPROPERTIES ('delta.minReaderVersion' = '" + parts[0] + "', 'delta.minWriterVersion' = '" + parts[1] + "')");
        }
        protocols.put("mapped", "TBLPROPERTIES ('delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '6', 'delta.columnMapping.mode' = 'name')");
        String listed = "'delta.feature.checkConstraints' = 'supported', 'delta.feature.generatedColumns' = 'supported',"
                + " 'delta.feature.identityColumns' = 'supported', 'delta.feature.invariants' = 'supported'";
        protocols.put("1,7", "TBLPROPERTIES (" + listed + ")");
        protocols.put("3,7", "TBLPROPERTIES (" + listed + ", 'delta.enableDeletionVectors' = 'true', 'delta.checkpointPolicy' = 'v2')");
        protocols.put("clustered", "CLUSTER BY (id) TBLPROPERTIES (" + listed
                + ", 'delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true', 'delta.enableChangeDataFeed' = 'true')");
        return protocols;
    }

    @Test
    public void tablesThatOnlyListFeaturesAreWritten() throws Exception {
        for (var protocol : protocols().entrySet()) {
            Path table = created("id BIGINT, name STRING", protocol.getValue());
            sql("INSERT INTO delta.`" + table + "` VALUES (0, 'zero')");
            for (int i = 1; i <= 12; i++) {
                sql("INSERT INTO " + byPath(table) + " VALUES (" + i + ", 'row " + i + "')");
            }
            assertWrittenTruly(protocol.getKey(), table, 13);
            sql("INSERT INTO delta.`" + table + "` VALUES (13, 'thirteen')");
            sql("INSERT INTO " + byPath(table) + " VALUES (14, 'fourteen')");
            assertWrittenTruly(protocol.getKey(), table, 15);
        }
    }

    /** Log, checksums and checkpoint tell the protocol that delta-spark gave the table, and delta-spark reads them. */
    private static void assertWrittenTruly(String what, Path table, int rows) throws Exception {
        TableFiles.state(table);
        JsonNode protocol = action(log(table, 0, "json"), "protocol");
        for (int version = 1; version < rows; version++) {
            assertEquals(what, null, action(log(table, version, "json"), "protocol"));
            assertEquals(what, null, action(log(table, version, "json"), "metaData"));
            JsonNode checksum = JSON.readTree(Files.readString(log(table, version, "crc")));
            assertEquals(what + " in checksum " + version, normal(protocol), normal(checksum.get("protocol")));
            assertEquals(what, version, checksum.get("numFiles").asInt());
        }
        try (Stream<Path> files = Files.list(table.resolve("_delta_log"))) {
            List<Path> checkpoints = files.filter(file -> file.getFileName().toString().matches("0+10\\.checkpoint.*\\.parquet")).toList();
            assertEquals(what, 1, checkpoints.size());
            Row kept = spark().read().parquet(checkpoints.get(0).toString()).where("protocol IS NOT NULL").selectExpr("to_json(protocol)").first();
            assertEquals(what + " in the checkpoint", normal(protocol), normal(JSON.readTree(kept.getString(0))));
        }
        DeltaLog.clearCache();
        var snapshot = DeltaLog.forTable(spark(), table.toString()).unsafeVolatileSnapshot();
        assertTrue(what, snapshot.validateChecksum(snapshot.validateChecksum$default$1()));
        assertEquals(what, rows, delta(table).select("id").distinct().count());
        assertEquals(what, rows, spark().table(byPath(table)).select("id").distinct().count());
    }

    /** Where nobody has written a checksum, the first comes from the log, and the next one from the first. */
    @Test
    public void checksumsBeginAnywhere() throws Exception {
        Path table = created("id BIGINT", protocols().get("2,5"));
        sql("INSERT INTO delta.`" + table + "` VALUES (0)");
        Files.delete(log(table, 0, "crc"));
        Files.delete(log(table, 1, "crc"));
        for (int version = 2; version <= 4; version++) {
            sql("INSERT INTO " + byPath(table) + " VALUES (" + version + ")");
            TableFiles.state(table);
            JsonNode checksum = JSON.readTree(Files.readString(log(table, version, "crc")));
            assertEquals(normal(action(log(table, 0, "json"), "protocol")), normal(checksum.get("protocol")));
            assertEquals(version, checksum.get("numFiles").asInt());
        }
        DeltaLog.clearCache();
        assertEquals(4, delta(table).count());
    }

    private static JsonNode normal(JsonNode protocol) {
        ObjectNode copy = protocol.deepCopy();
        for (String list : List.of("readerFeatures", "writerFeatures")) {
            if (copy.has(list)) {
                var names = JSON.createArrayNode();
                StreamSupport.stream(copy.get(list).spliterator(), false).map(JsonNode::asText).sorted().forEach(names::add);
                copy.set(list, names);
            }
        }
        return copy;
    }

    @Test
    public void tablesOfLegacyVersionsAreReplaced() {
        Path table = created("id BIGINT", protocols().get("1,4"));
        sql("INSERT INTO delta.`" + table + "` VALUES (0)");
        sql("CREATE OR REPLACE TABLE " + byPath(table) + " AS SELECT 1 AS a, 2 AS b");
        assertEquals("[[1,2]]", delta(table).collectAsList().toString());
        sql("INSERT INTO " + byPath(table) + " VALUES (3, 4)");
        sql("INSERT INTO delta.`" + table + "` VALUES (5, 6)");
        assertEquals(3, delta(table).count());
    }

    @Test
    public void tablesOfLegacyVersionsAreAltered() {
        Path table = created("id BIGINT", protocols().get("2,6"));
        sql("ALTER TABLE " + byPath(table) + " ADD COLUMN name STRING");
        sql("INSERT INTO " + byPath(table) + " VALUES (1, 'x')");
        assertEquals("[[1,x]]", delta(table).collectAsList().toString());
    }

    @Test
    public void columnsWithRulesOfTheirOwnAreNamed() throws Exception {
        Map<String, String> tables = Map.of(
                "'p' is a generated column", "id BIGINT, p INT GENERATED ALWAYS AS (CAST(id AS INT))",
                "'i' is an identity column", "id BIGINT, p INT, i BIGINT GENERATED BY DEFAULT AS IDENTITY");
        for (var columns : tables.entrySet()) {
            Path table = created(columns.getValue(), "");
            var before = TableFiles.state(table);
            Failures.assertFails("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE.*" + columns.getKey(),
                    () -> sql("INSERT INTO " + byPath(table) + " (id, p) VALUES (1, 1)"));
            TableFiles.assertUnchanged(columns.getKey(), before, table);
        }
    }

    // ---- constraints

    @Test
    public void rowsAreCheckedHoweverTheyAreWritten() throws Exception {
        Path table = constrained("id BIGINT, s STRUCT<a: INT, l: ARRAY<INT>>", "id > 0 AND coalesce(s.l[0], 1) < 5");
        String columns = "id, named_struct('a', CAST(id AS INT), 'l', array(CAST(id AS INT))) AS s";
        // One task: another one that still runs when a job fails may leave its file behind.
        Dataset<Row> good = spark().range(1, 4, 1, 1).selectExpr(columns.split(", (?=named)"));
        Dataset<Row> bad = spark().range(0, 4, 1, 1).selectExpr(columns.split(", (?=named)"));
        Dataset<Row> nestedBad = spark().range(1, 9, 1, 1).selectExpr(columns.split(", (?=named)"));
        Path stored = freshPath("source");
        bad.write().parquet(stored.toString());
        for (Dataset<Row> rows : List.of(bad, nestedBad, spark().read().parquet(stored.toString()))) {
            rows.createOrReplaceTempView("bad_rows");
            assertViolates(table, () -> rows.writeTo(byPath(table)).append());
            assertViolates(table, () -> rows.write().insertInto(byPath(table)));
            assertViolates(table, () -> rows.write().mode("append").saveAsTable(byPath(table)));
            assertViolates(table, () -> rows.write().format("sluice").mode("append").save(table.toString()));
            assertViolates(table, () -> sql("INSERT INTO " + byPath(table) + " SELECT * FROM bad_rows"));
            assertViolates(table, () -> sql("INSERT INTO " + byPath(table) + " (s, id) SELECT s, id FROM bad_rows"));
        }
        good.writeTo(byPath(table)).append();
        good.write().format("sluice").mode("append").save(table.toString());
        assertEquals(6, delta(table).count());
        assertEquals(6, delta(table).where("id > 0").count());
    }

    private static void assertViolates(Path table, Failures.Action write) {
        var before = TableFiles.state(table);
        Failures.assertFails(VIOLATION + ".*rule \\(id > 0 AND coalesce", write);
        TableFiles.assertUnchanged("", before, table);
    }

    /** As delta-spark has it: what is not true is a violation. */
    @Test
    public void nullIsNotTrue() {
        Path table = constrained("id BIGINT", "id > 0");
        for (String name : List.of("delta.`" + table + "`", byPath(table))) {
            Failures.assertFails(VIOLATION, () -> sql("INSERT INTO " + name + " VALUES (NULL)"));
        }
        Failures.assertFails("with id = null", () -> sql("INSERT INTO " + byPath(table) + " VALUES (NULL)"));
        assertEquals(0, delta(table).count());
    }

    /** A row that a join drops is not written, so nothing can be wrong with it. */
    @Test
    public void onlyRowsThatAreWrittenAreChecked() {
        Path table = constrained("id BIGINT", "id > 0");
        spark().range(-5, 5).createOrReplaceTempView("some_ids");
        spark().range(3, 9).createOrReplaceTempView("more_ids");
        sql("INSERT INTO " + byPath(table) + " SELECT a.id FROM some_ids a JOIN more_ids b ON a.id = b.id");
        assertEquals(2, delta(table).count());
        Failures.assertFails(VIOLATION,
                () -> sql("INSERT INTO " + byPath(table) + " SELECT a.id FROM more_ids b LEFT JOIN some_ids a ON a.id = b.id"));
        assertEquals(2, delta(table).count());
    }

    @Test
    public void aConstraintNobodyUnderstandsStopsTheWrite() throws Exception {
        for (String expression : List.of("nosuch > 0", "id +", "id + 1", "id > (SELECT max(id) FROM other)", "sum(id) > 0")) {
            Path table = constrained("id BIGINT", "id > 0");
            ObjectNode metadata = (ObjectNode) action(log(table, 1, "json"), "metaData");
            ((ObjectNode) metadata.get("configuration")).put("delta.constraints.rule", expression);
            Files.writeString(log(table, 2, "json"), JSON.createObjectNode().<ObjectNode>set("metaData", metadata) + "\n");
            spark().range(1).createOrReplaceTempView("other");
            var before = TableFiles.state(table);
            Failures.assertRefused("DELTA_.*CHECK_CONSTRAINT.*", () -> sql("INSERT INTO " + byPath(table) + " VALUES (1)"));
            TableFiles.assertUnchanged(expression, before, table);
        }
    }

    @Test
    public void aConstraintAddedMeanwhileIsAConflict() throws Exception {
        Path table = created("id BIGINT", "");
        Dataset<Row> rows = spark().range(0, 100, 1, 1).select(Midway.at(50,
                task -> sql("ALTER TABLE delta.`" + table + "` ADD CONSTRAINT positive CHECK (id > 0)")));
        Failures.assertFails("DELTA_PROTOCOL_CHANGED|DELTA_METADATA_CHANGED",
                () -> rows.writeTo(byPath(table)).option("sluice.batchRows", "10").append());
        assertEquals(0, delta(table).count());
        TableFiles.assertNoOrphans(table);
    }

    /** The plan of a write looks at the table once, its job later again. */
    @Test
    public void aConstraintAddedBeforeTheJobIsAConflict() throws Exception {
        Path table = created("id BIGINT", "");
        TableCatalog lake = (TableCatalog) ((org.apache.spark.sql.classic.SparkSession) spark()).sessionState().catalogManager().catalog("lake");
        SupportsWrite loaded = (SupportsWrite) lake.loadTable(Identifier.of(new String[] {"delta"}, table.toString()));
        var write = loaded.newWriteBuilder(new LogicalWriteInfoImpl("q", delta(table).schema(), CaseInsensitiveStringMap.empty(), Optional.empty(), Optional.empty())).build();
        sql("ALTER TABLE delta.`" + table + "` ADD CONSTRAINT positive CHECK (id > 0)");
        Failures.assertFails(ConflictException.class.getName() + ".*DELTA_METADATA_CHANGED.*'positive'",
                () -> write.toBatch().createBatchWriterFactory(new PhysicalWriteInfoImpl(1)));
        assertEquals(2, versions(table));
    }

    // ---- ALTER TABLE

    private static final List<Function<String, Dataset<Row>>> PARSERS = List.of(SparkFixture::sql, ConstraintTest::plainSql);

    /** As Spark alone reads a statement; the session's parser is delta-spark's, which has words of its own for constraints. */
    private static Dataset<Row> plainSql(String statement) {
        var session = (org.apache.spark.sql.classic.SparkSession) spark();
        return org.apache.spark.sql.classic.Dataset.ofRows(session, new SparkSqlParser().parsePlan(statement));
    }

    @Test
    public void constraintsOfOursBindEverybody() {
        for (var parsed : PARSERS) {
            Path table = created("id BIGINT, name STRING", "");
            sql("INSERT INTO delta.`" + table + "` VALUES (1, 'x')");
            parsed.apply("ALTER TABLE " + byPath(table) + " ADD CONSTRAINT Positive CHECK (id > 0 AND name <> 'no')");
            for (String name : List.of("delta.`" + table + "`", byPath(table))) {
                sql("INSERT INTO " + name + " VALUES (2, 'y')");
                Failures.assertFails(VIOLATION, () -> sql("INSERT INTO " + name + " VALUES (-2, 'y')"));
            }
            assertTrue(sql("SHOW TBLPROPERTIES " + byPath(table)).collectAsList().toString().contains("[delta.constraints.positive,id > 0 AND name <> 'no']"));
            assertTrue(sql("DESCRIBE EXTENDED " + byPath(table)).collectAsList().toString().contains("delta.constraints.positive"));
            parsed.apply("ALTER TABLE " + byPath(table) + " DROP CONSTRAINT POSITIVE");
            sql("INSERT INTO " + byPath(table) + " VALUES (-3, 'z')");
            sql("INSERT INTO delta.`" + table + "` VALUES (-4, 'z')");
            parsed.apply("ALTER TABLE " + byPath(table) + " DROP CONSTRAINT IF EXISTS positive");
            assertEquals(5, delta(table).count());
        }
    }

    private static void assertNotAdded(Path table, String errorClass, String constraint) {
        for (var parsed : PARSERS) {
            var before = TableFiles.state(table);
            Failures.assertFails(errorClass, () -> parsed.apply("ALTER TABLE " + byPath(table) + " ADD CONSTRAINT c " + constraint));
            TableFiles.assertUnchanged(constraint, before, table);
        }
    }

    @Test
    public void constraintsThatCannotBeAreNotAdded() {
        Path table = created("id BIGINT, name CHAR(3)", "");
        sql("INSERT INTO delta.`" + table + "` VALUES (1, 'x'), (NULL, 'y'), (3, 'z')");
        assertNotAdded(table, "NEW_CHECK_CONSTRAINT_VIOLATION", "CHECK (id < 3)");
        assertNotAdded(table, "DELTA_NEW_CHECK_CONSTRAINT_VIOLATION.*\\b1 rows", "CHECK (id > 0)");
        assertNotAdded(table, "(?i)boolean", "CHECK (id + 1)");
        assertNotAdded(table, "DELTA_INVALID_CHECK_CONSTRAINT_REFERENCES|UNRESOLVED_COLUMN", "CHECK (nosuch > 0)");
        assertNotAdded(table, "NON_DETERMINISTIC|NONDETERMINISTIC", "CHECK (rand() < 2)");
        Failures.assertFails("DELTA_INVALID_CONSTRAINT_NAME",
                () -> sql("ALTER TABLE " + byPath(table) + " ADD CONSTRAINT __CHAR_VARCHAR_STRING_LENGTH_CHECK__ CHECK (true)"));
        for (String other : List.of("PRIMARY KEY (id)", "UNIQUE (id)", "FOREIGN KEY (id) REFERENCES other (id)")) {
            Failures.assertFails("Delta tables have CHECK constraints", () -> plainSql("ALTER TABLE " + byPath(table) + " ADD CONSTRAINT c " + other));
        }
        assertEquals(2, versions(table));
    }

    @Test
    public void newTablesHaveConstraints() {
        Path table = freshPath("constraint");
        for (String create : List.of("CREATE TABLE ", "CREATE OR REPLACE TABLE ", "REPLACE TABLE ")) {
            plainSql(create + byPath(table) + " (id BIGINT CHECK (id > 0), name STRING, CONSTRAINT Known CHECK (name <> 'no'))");
            for (String name : List.of("delta.`" + table + "`", byPath(table))) {
                sql("INSERT INTO " + name + " VALUES (2, 'y')");
                for (String row : List.of("(3, 'no')", "(0, 'z')", "(NULL, 'z')")) {
                    Failures.assertFails(VIOLATION, () -> sql("INSERT INTO " + name + " VALUES " + row));
                }
            }
            assertEquals(create, 2, delta(table).count());
        }
        plainSql("CREATE OR REPLACE TABLE " + byPath(table) + " (id BIGINT)");
        sql("INSERT INTO " + byPath(table) + " VALUES (0)");
        assertEquals(1, delta(table).count());
    }

    @Test
    public void newTablesHaveNoConstraintsThatNoneCanBe() {
        Path table = freshPath("constraint");
        Map<String, String> refused = new LinkedHashMap<>();
        refused.put("CONSTRAINT k PRIMARY KEY (id)", "Delta tables have CHECK constraints");
        refused.put("UNIQUE (id)", "Delta tables have CHECK constraints");
        refused.put("CHECK (id > 0) RELY", "Leave RELY out");
        refused.put("CHECK (missing > 0)", "UNRESOLVED_COLUMN|DELTA_INVALID_CHECK_CONSTRAINT_REFERENCES");
        refused.put("CHECK (id + 1)", "DATATYPE_MISMATCH");
        refused.put("CHECK (id > rand())", "NON_DETERMINISTIC|NONDETERMINISTIC");
        refused.put("CONSTRAINT __CHAR_VARCHAR_STRING_LENGTH_CHECK__ CHECK (true)", "DELTA_INVALID_CONSTRAINT_NAME");
        for (String create : List.of("CREATE TABLE ", "CREATE OR REPLACE TABLE ")) {
            refused.forEach((constraint, why) -> {
                Failures.assertFails(why, () -> plainSql(create + byPath(table) + " (id BIGINT, " + constraint + ")"));
                assertTrue(Files.notExists(table));
            });
        }
        Failures.assertFails("DELTA_ADD_CONSTRAINTS.*delta.constraints.c", () -> sql("CREATE TABLE " + byPath(table) + " (id BIGINT) TBLPROPERTIES ('delta.constraints.c' = 'id > 0')"));
        assertTrue(Files.notExists(table));
    }

    @Test
    public void limitedTextsAreCheckedWhateverTheSessionShows() {
        spark().conf().set("spark.sql.preserveCharVarcharTypeInfo", "true");
        try {
            Path table = freshPath("constraint");
            plainSql("CREATE TABLE " + byPath(table) + " (c CHAR(5), v VARCHAR(5), CHECK (v <> 'no'))");
            plainSql("ALTER TABLE " + byPath(table) + " ADD CONSTRAINT chars CHECK (c = 'ab   ')");
            sql("INSERT INTO " + byPath(table) + " VALUES ('ab', 'yes')");
            Failures.assertFails(VIOLATION, () -> sql("INSERT INTO " + byPath(table) + " VALUES ('ab', 'no')"));
            Failures.assertFails(VIOLATION, () -> sql("INSERT INTO " + byPath(table) + " VALUES ('x', 'yes')"));
        } finally {
            spark().conf().unset("spark.sql.preserveCharVarcharTypeInfo");
        }
    }

    /** Not as the cause of a job that was aborted, with the whole stack in its message. */
    @Test
    public void violationsAreShownAsTheyAre() {
        Path table = created("id BIGINT", "");
        sql("ALTER TABLE " + byPath(table) + " ADD CONSTRAINT rule CHECK (id > 0)");
        var violation = org.junit.Assert.assertThrows(io.sluice.spark.ConstraintException.class, () -> sql("INSERT INTO " + byPath(table) + " VALUES (0)"));
        assertEquals(VIOLATION, violation.getCondition());
    }

    @Test
    public void constraintsAreShown() {
        plainSql("CREATE TABLE lake.shown.constrained (id BIGINT, CONSTRAINT Known CHECK (id <> 7))");
        String described = sql("DESCRIBE EXTENDED lake.shown.constrained").collectAsList().toString();
        assertTrue(described, described.contains("[# Constraints,,], [known,CHECK (id <> 7) ENFORCED"));
        String created = sql("SHOW CREATE TABLE lake.shown.constrained").first().getString(0);
        assertTrue(created, created.contains("CONSTRAINT known CHECK (id <> 7) ENFORCED NORELY"));
        sql("DROP TABLE lake.shown.constrained");
        plainSql(created);
        Failures.assertFails(VIOLATION, () -> sql("INSERT INTO lake.shown.constrained VALUES (7)"));
        assertEquals(created, sql("SHOW CREATE TABLE lake.shown.constrained").first().getString(0));
        sql("DROP TABLE lake.shown.constrained");
    }

    @Test
    public void columnsOfConstraintsStayAsTheyAre() {
        Path table = created("id INT, s STRUCT<a: INT, b: INT>, free INT", "TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true')");
        sql("ALTER TABLE " + byPath(table) + " ADD CONSTRAINT rule CHECK (Id > 0 OR s.a > 0)");
        var before = TableFiles.state(table);
        for (String change : List.of("RENAME COLUMN id TO key", "DROP COLUMN id", "ALTER COLUMN id TYPE BIGINT", "RENAME COLUMN s.a TO z", "DROP COLUMN s.a",
                "RENAME COLUMN s TO t", "DROP COLUMN s")) {
            Failures.assertFails("DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE.*rule \\(", () -> sql("ALTER TABLE " + byPath(table) + " " + change));
        }
        TableFiles.assertUnchanged("", before, table);
        sql("ALTER TABLE " + byPath(table) + " RENAME COLUMN s.b TO c");
        sql("ALTER TABLE " + byPath(table) + " ALTER COLUMN free TYPE BIGINT");
        sql("ALTER TABLE " + byPath(table) + " DROP COLUMN free");
        sql("INSERT INTO " + byPath(table) + " VALUES (1, NULL)");
        Failures.assertFails(VIOLATION, () -> sql("INSERT INTO " + byPath(table) + " VALUES (0, named_struct('a', 0, 'c', 1))"));
        assertEquals(1, delta(table).count());
    }

    /** Between the look at the rows and the commit, others write. */
    @Test
    public void whatWasLookedAtMustStillBeSo() throws Exception {
        Path table = created("id BIGINT", "");
        TableRef ref = new TableRef("t", new StorageLocation(table.toUri().toString(), Map.of()));
        List<Map<String, Object>> add = List.of(Map.of("kind", "addConstraint", "name", "c", "expression", "id > 0"));
        var empty = basis(ref);
        sql("INSERT INTO delta.`" + table + "` VALUES (-1)");
        assertNotAltered("DELTA_CONCURRENT_APPEND", ref, add, empty);
        sql("DELETE FROM delta.`" + table + "` WHERE id < 0");
        sql("INSERT INTO delta.`" + table + "` SELECT id FROM range(1, 9)");
        var withRows = basis(ref);
        sql("INSERT INTO delta.`" + table + "` SELECT id FROM range(1, 9)");
        assertNotAltered("DELTA_CONCURRENT_APPEND", ref, add, withRows);
        var all = basis(ref);
        sql("OPTIMIZE delta.`" + table + "`");
        NativeControl.alterTable(ref, add, all, "test");
        List<Map<String, Object>> rename = List.of(Map.of("kind", "renameColumn", "path", List.of("id"), "to", "key"));
        assertNotAltered("DELTA_METADATA_CHANGED", ref, rename, all);
        sql("DROP TABLE " + byPath(table));
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
        assertNotAltered("DELTA_METADATA_CHANGED", ref, add, all);
        assertNotAltered("SLUICE_INTERNAL_ERROR", ref, add, null);
    }

    private static AlterationBasis basis(TableRef ref) {
        var table = NativeControl.describeTable(ref);
        return new AlterationBasis(table.version(), table.id(), Map.of());
    }

    private static void assertNotAltered(String errorClass, TableRef ref, List<Map<String, Object>> change, AlterationBasis basis) {
        Failures.assertRefused(errorClass, () -> NativeControl.alterTable(ref, change, basis, "test"));
    }
}
