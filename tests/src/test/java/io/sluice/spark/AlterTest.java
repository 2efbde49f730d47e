package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.history;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.Test;

/**
 * ALTER TABLE through the catalog, as delta-spark sees it: each statement runs on a table of ours and on a twin that
 * delta-spark alters itself, and both must look the same.
 */
public class AlterTest {
    private Twins twins = new Twins();

    private void create(String columns, String more, String row) {
        twins.create(columns, more, row);
    }

    private void alter(String what) {
        twins.alter(what);
    }

    private void append(String row) {
        twins.append(row);
    }

    private void assertNotAltered(String pattern, String what) {
        twins.assertNotAltered(pattern, what);
    }

    @Test
    public void propertiesAreSetAndUnset() {
        create("id INT, name STRING", "TBLPROPERTIES ('a' = 'b')", "1, 'x'");
        alter("SET TBLPROPERTIES ('k' = 'v', 'delta.checkpointInterval' = '5')");
        alter("SET TBLPROPERTIES ('DELTA.APPENDONLY' = 'false')");
        alter("UNSET TBLPROPERTIES ('k')");
        alter("UNSET TBLPROPERTIES IF EXISTS ('nosuch', 'DELTA.appendOnly')");
        twins.both("COMMENT ON TABLE %s IS 'what it holds'");
        append("2, 'y'");
        assertNotAltered("DELTA_UNKNOWN_CONFIGURATION", "SET TBLPROPERTIES ('delta.nosuch' = 'true')");
        assertNotAltered("DELTA_INVALID_TABLE_PROPERTY_VALUE", "SET TBLPROPERTIES ('delta.appendOnly' = 'perhaps')");
        assertNotAltered("DELTA_INVALID_TABLE_PROPERTY_VALUE", "SET TBLPROPERTIES ('delta.logRetentionDuration' = 'interval 1 month')");
        assertNotAltered("DELTA_UNSUPPORTED_FEATURES_IN_CONFIG", "SET TBLPROPERTIES ('delta.feature.nosuch' = 'supported')");
        assertNotAltered("delta.minWriterVersion", "SET TBLPROPERTIES ('delta.minWriterVersion' = '8')");
    }

    /** delta-spark takes booleans in any case and keeps them as they were typed. */
    @Test
    public void booleansHaveNoCase() {
        create("id INT", "", "1");
        for (String property : List.of("delta.enableInCommitTimestamps", "delta.enableDeletionVectors", "delta.enableTypeWidening", "delta.enableRowTracking")) {
            sql("ALTER TABLE " + byPath(twins.ours) + " SET TBLPROPERTIES ('" + property + "' = 'TRUE')");
            sql("ALTER TABLE delta.`" + twins.theirs + "` SET TBLPROPERTIES ('" + property + "' = 'True')");
            twins.append("2");
            twins.appendCrosswise("3");
        }
        sql("ALTER TABLE " + byPath(twins.theirs) + " ALTER COLUMN id TYPE BIGINT");
        Path made = freshPath("made");
        sql("CREATE TABLE " + byPath(made) + " (id INT) TBLPROPERTIES ('delta.enableRowTracking' = 'TRUE', 'delta.appendOnly' = 'False')");
        sql("INSERT INTO " + byPath(made) + " VALUES (1)");
        sql("INSERT INTO delta.`" + made + "` VALUES (2)");
        assertEquals(2, delta(made).count());
    }

    /** Their lengths are recorded with the column they are in. */
    @Test
    public void lengthsWithinStructsStay() {
        create("id INT, s STRUCT<a: VARCHAR(5), b: INT>, m MAP<STRING, CHAR(3)>", "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')", "1, named_struct('a', 'abc', 'b', 1), map('k', 'xyz')");
        String ours = byPath(twins.ours);
        sql("ALTER TABLE " + ours + " ADD COLUMN s.c INT");
        sql("ALTER TABLE " + ours + " RENAME COLUMN s.b TO d");
        sql("INSERT INTO " + ours + " VALUES (2, named_struct('a', 'abcde', 'd', 2, 'c', 3), map('k', 'abc'))");
        assertFails("EXCEED_LIMIT_LENGTH", () -> sql("INSERT INTO " + ours + " VALUES (3, named_struct('a', 'abcdef', 'd', 2, 'c', 3), NULL)"));
        assertEquals("[[abc,1,null], [abcde,2,3]]", sql("SELECT s.a, s.d, s.c FROM " + ours + " ORDER BY id").collectAsList().toString());
        assertEquals("[[abc,1,null], [abcde,2,3]]", delta(twins.ours).orderBy("id").selectExpr("s.a", "s.d", "s.c").collectAsList().toString());
        for (String change : List.of("RENAME COLUMN s.a TO e", "DROP COLUMN s.a", "ADD COLUMN s.f CHAR(2)")) {
            assertNotAltered("within another column", change);
        }
        sql("ALTER TABLE " + ours + " DROP COLUMN s.d");
        sql("INSERT INTO " + ours + " VALUES (4, named_struct('a', 'abc', 'c', 3), NULL)");
        assertEquals("[[abc,null], [abcde,3], [abc,3]]", sql("SELECT s.* FROM " + ours + " ORDER BY id").collectAsList().toString());
    }

    @Test
    public void propertiesThatAreNotKeptToMayAskForNothing() {
        create("id INT", "", "1");
        alter("SET TBLPROPERTIES ('delta.rowTrackingSuspended' = 'false', 'DELTA.dropFeatureTruncateHistory.retentionDuration' = 'interval 2 days')");
        alter("UNSET TBLPROPERTIES ('delta.ROWTrackingSuspended')");
        for (String property : List.of("'delta.rowTrackingSuspended' = 'true'", "'delta.enableVariantShredding' = 'true'", "'delta.universalFormat.enabledFormats' = 'iceberg'")) {
            assertNotAltered("SLUICE_UNSUPPORTED_PROPERTY.* is delta-spark's and not supported", "SET TBLPROPERTIES (" + property + ")");
            assertFails("SLUICE_UNSUPPORTED_PROPERTY", () -> sql("CREATE TABLE " + byPath(freshPath("property")) + " (id INT) TBLPROPERTIES (" + property + ")"));
        }
        assertNotAltered("Cannot drop the feature deletionVectors of .*delta-spark", "DROP FEATURE deletionVectors");
    }

    @Test
    public void readersAreGivenFeaturesWithWriters() {
        create("id INT", "", "1");
        twins.assertRefused("ALTER TABLE %s SET TBLPROPERTIES ('delta.minReaderVersion' = '3')");
        twins.assertRefused("ALTER TABLE %s SET TBLPROPERTIES ('delta.minReaderVersion' = '3', 'delta.minWriterVersion' = '4')");
        sql("ALTER TABLE " + byPath(twins.ours) + " SET TBLPROPERTIES ('delta.minReaderVersion' = '3', 'delta.minWriterVersion' = '7')");
        append("2");
        for (String versions : List.of("'delta.minReaderVersion' = '3'", "'delta.minReaderVersion' = '3', 'delta.minWriterVersion' = '5'")) {
            assertFails("DELTA_READ_FEATURE_PROTOCOL_REQUIRES_WRITE", () -> sql("CREATE TABLE " + byPath(freshPath("versions")) + " (id INT) TBLPROPERTIES (" + versions + ")"));
        }
    }

    @Test
    public void featuresFollowProperties() {
        create("id INT, name STRING", "", "1, 'x'");
        alter("SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')");
        append("2, 'y'");
        alter("SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.checkpointPolicy' = 'v2')");
        append("3, 'z'");
        alter("SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')");
        append("4, 'z'");
        alter("SET TBLPROPERTIES ('a' = 'b')");
        alter("SET TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')");
        alter("ALTER COLUMN id SET DEFAULT 7");
        twins.both("INSERT INTO %s (name) VALUES ('default')");
        assertEquals(1, delta(twins.ours).where("id = 7").count());
        alter("ALTER COLUMN id DROP DEFAULT");
        append("5, 'z'");
        assertNotAltered("cannot be changed by Sluice", "UNSET TBLPROPERTIES ('delta.feature.deletionVectors')");
    }

    @Test
    public void columnsAreAdded() {
        create("id INT, s STRUCT<a: INT, b: ARRAY<STRUCT<x: INT>>>, m MAP<STRING, STRUCT<k: INT>>", "", "1, named_struct('a', 1, 'b', array(named_struct('x', 2))), NULL");
        assertNotAltered("DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT", "ADD COLUMN t TIMESTAMP_NTZ");
        alter("ADD COLUMNS (n DECIMAL(10, 2) COMMENT 'a number' FIRST, s.c STRING AFTER a, v VARCHAR(5) AFTER id)");
        alter("ADD COLUMN s.b.element.y DOUBLE");
        alter("SET TBLPROPERTIES ('delta.feature.timestampNtz' = 'supported')");
        alter("ADD COLUMNS (m.value.z DATE, t TIMESTAMP_NTZ, late STRUCT<q: INT, r: ARRAY<STRUCT<w: CHAR(3)>>>)");
        append("1.5, 2, 'abc', named_struct('a', 1, 'c', 'c', 'b', array(named_struct('x', 2, 'y', 2.5D))), map('k', named_struct('k', 1, 'z', DATE'2024-01-01')),"
                + " TIMESTAMP_NTZ'2024-01-01 00:00:00', NULL");
        assertNotAltered("DELTA_OPERATION_NOT_ALLOWED", "ADD COLUMN x INT NOT NULL");
        assertNotAltered("ADD_COLUMN_NOT_SUPPORTED", "ADD COLUMN x INT DEFAULT 5");
        assertNotAltered("FIELD_ALREADY_EXISTS|FIELDS_ALREADY_EXISTS", "ADD COLUMN ID INT");
        assertNotAltered("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "ADD COLUMN `a b` INT");
        assertNotAltered("DELTA_UNSUPPORTED_DATA_TYPES", "ADD COLUMN i INTERVAL DAY");
    }

    @Test
    public void columnsAreChanged() {
        create("id INT NOT NULL, name VARCHAR(5), c CHAR(2), s STRUCT<a: INT, b: INT>", "", "1, 'x', 'c', NULL");
        alter("ALTER COLUMN name COMMENT 'of whom'");
        alter("ALTER COLUMN s.b COMMENT 'nested'");
        alter("ALTER COLUMN name FIRST");
        alter("ALTER COLUMN s.b FIRST");
        alter("ALTER COLUMN id AFTER s");
        alter("ALTER COLUMN id DROP NOT NULL");
        alter("ALTER COLUMN name TYPE VARCHAR(9)");
        alter("ALTER COLUMN name TYPE STRING");
        append("'yy', 'c', named_struct('b', 2, 'a', 1), NULL");
        assertNotAltered("DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP|NOT_SUPPORTED_CHANGE_COLUMN", "ALTER COLUMN id TYPE BIGINT");
        assertNotAltered("DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP|NOT_SUPPORTED_CHANGE_COLUMN", "ALTER COLUMN name TYPE INT");
        assertNotAltered("non-nullable|NOT NULL", "ALTER COLUMN id SET NOT NULL");
        assertNotAltered("FEATURE_NOT_ENABLED", "ALTER COLUMN id SET DEFAULT 4");
        assertNotAltered("DELTA_UNSUPPORTED_RENAME_COLUMN", "RENAME COLUMN id TO key");
        assertNotAltered("DELTA_UNSUPPORTED_DROP_COLUMN", "DROP COLUMN id");
        assertNotAltered("nosuch", "DROP COLUMN nosuch");
    }

    @Test
    public void typesAreWidened() {
        create("b BYTE, i INT, f FLOAT, d DECIMAL(10, 2), t DATE, a ARRAY<INT>, s STRUCT<x: SHORT>", "TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')",
                "1, 2, 3, 4, DATE'2024-01-01', array(1), named_struct('x', 1S)");
        for (String change : List.of("b TYPE INT", "i TYPE BIGINT", "f TYPE DOUBLE", "d TYPE DECIMAL(14, 4)", "t TYPE TIMESTAMP_NTZ", "s.x TYPE INT", "a.element TYPE BIGINT", "i TYPE DECIMAL(20, 0)")) {
            alter("ALTER COLUMN " + change);
        }
        append("100000, 12345678901, 1.5, 12345.6789, TIMESTAMP_NTZ'2024-01-01 01:02:03', array(12345678901), named_struct('x', 100000)");
        assertNotAltered("NOT_SUPPORTED_CHANGE_COLUMN|CHANGE_COL_OP", "ALTER COLUMN d TYPE DECIMAL(14, 5)");
        assertNotAltered("NOT_SUPPORTED_CHANGE_COLUMN|CHANGE_COL_OP", "ALTER COLUMN b TYPE SHORT");
    }

    @Test
    public void columnsAreRenamedAndDropped() {
        create("id INT, s STRUCT<a: INT, b: INT>, p INT, late STRING", "PARTITIONED BY (p)", "1, named_struct('a', 1, 'b', 2), 3, 'x'");
        alter("SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.dataSkippingStatsColumns' = 'id,s.b')");
        append("2, named_struct('a', 2, 'b', 3), 4, 'y'");
        alter("RENAME COLUMN id TO key");
        alter("RENAME COLUMN s.a TO `a part`");
        alter("RENAME COLUMN p TO part");
        append("3, named_struct('a', 2, 'b', 3), 4, 'y'");
        alter("DROP COLUMN late");
        alter("SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'key')");
        alter("DROP COLUMNS (s.b)");
        alter("ADD COLUMNS (late INT, s.b STRING)");
        append("4, named_struct('a part', 5, 'b', 'new'), 6, 7");
        assertNotAltered("DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN", "REPLACE COLUMNS (key INT)");
        assertNotAltered("DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN", "DROP COLUMN part");
        assertNotAltered("FIELD_ALREADY_EXISTS|FIELDS_ALREADY_EXISTS", "RENAME COLUMN late TO KEY");
        assertNotAltered("DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE", "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'id')");
        assertNotAltered("DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE", "UNSET TBLPROPERTIES ('delta.columnMapping.mode')");
    }

    @Test
    public void columnsAreReplaced() {
        create("id INT NOT NULL COMMENT 'number', s STRUCT<a: INT, b: INT>, name STRING", "", "1, named_struct('a', 1, 'b', 2), 'x'");
        alter("REPLACE COLUMNS (name STRING COMMENT 'whose', ID INT, s STRUCT<b: INT, c: STRING, a: INT>, late DATE)");
        append("'y', 2, named_struct('b', 3, 'c', 'c', 'a', 4), DATE'2024-01-01'");
        for (String columns : List.of("id INT, name STRING, late DATE", "id INT, s STRUCT<a: INT>, name STRING, late DATE",
                "id STRING, s STRUCT<a: INT, b: INT, c: STRING>, name STRING, late DATE", "id BIGINT, s STRUCT<a: INT, b: INT, c: STRING>, name STRING, late DATE")) {
            assertNotAltered("DELTA_UNSUPPORTED_ALTER_TABLE_REPLACE_COL_OP", "REPLACE COLUMNS (" + columns + ")");
            twins.assertRefused("ALTER TABLE %s REPLACE COLUMNS (" + columns + ")");
        }
        alter("SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true')");
        alter("REPLACE COLUMNS (name STRING, id BIGINT, s STRUCT<a: BIGINT, b: INT, c: STRING, d: ARRAY<INT>>, late DATE)");
        append("'z', 12345678901, named_struct('a', 12345678901, 'b', 1, 'c', 'c', 'd', array(1)), NULL");
        alter("REPLACE COLUMNS (s STRUCT<a: BIGINT, d: ARRAY<BIGINT>>, id BIGINT)");
        append("named_struct('a', 5, 'd', array(12345678901)), 3");
        for (String columns : List.of("id2 BIGINT", "id BIGINT, s STRUCT<a: BIGINT, e: INT>")) {
            assertNotAltered("DELTA_UNSUPPORTED_ALTER_TABLE_REPLACE_COL_OP", "REPLACE COLUMNS (" + columns + ")");
            twins.assertRefused("ALTER TABLE %s REPLACE COLUMNS (" + columns + ")");
        }
    }

    /** delta-spark refuses any REPLACE COLUMNS of a table that has such a column. */
    @Test
    public void limitsOnTextAreReplaced() {
        create("id INT, name VARCHAR(5)", "", "1, 'x'");
        sql("ALTER TABLE " + byPath(twins.ours) + " REPLACE COLUMNS (id INT COMMENT 'kept', name VARCHAR(7))");
        sql("INSERT INTO " + byPath(twins.ours) + " VALUES (2, 'xxxxxxx')");
        assertNotAltered("DELTA_UNSUPPORTED_ALTER_TABLE_REPLACE_COL_OP", "REPLACE COLUMNS (id INT, name VARCHAR(6))");
        assertEquals("[[id,int,kept], [name,varchar(7),null]]", sql("DESCRIBE TABLE " + byPath(twins.ours)).collectAsList().toString());
    }

    @Test
    public void replacedColumnsKeepToConstraints() {
        create("id INT, name STRING", "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')", "1, 'x'");
        alter("ADD CONSTRAINT positive CHECK (id > 0)");
        alter("REPLACE COLUMNS (other STRING, name STRING, id INT)");
        append("'y', 'z', 2");
        assertNotAltered("DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE", "REPLACE COLUMNS (other STRING, name STRING)");
        assertNotAltered("DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE", "REPLACE COLUMNS (other STRING, name STRING, id BIGINT)");
    }

    @Test
    public void clusteringIsChanged() {
        create("id INT, s STRUCT<x: INT, b: BINARY>, name STRING", "", "1, NULL, 'x'");
        alter("CLUSTER BY (id)");
        append("2, named_struct('x', 1, 'b', NULL), 'y'");
        alter("CLUSTER BY (s.x, name)");
        append("3, named_struct('x', 1, 'b', NULL), 'y'");
        alter("CLUSTER BY NONE");
        append("4, NULL, NULL");
        assertNotAltered("DATATYPE_NOT_SUPPORTED", "CLUSTER BY (s.b)");
    }

    @Test
    public void columnsTheTableIsClusteredByStay() {
        create("id INT, name STRING", "CLUSTER BY (id) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')", "1, 'x'");
        alter("RENAME COLUMN id TO key");
        append("2, 'y'");
        assertNotAltered("DELTA_UNSUPPORTED_DROP_CLUSTERING_COLUMN", "DROP COLUMN key");
    }

    @Test
    public void constraintsAreAddedAndDropped() {
        create("id INT, name STRING, s STRUCT<a: INT>", "", "1, 'x', NULL");
        alter("ADD CONSTRAINT Positive CHECK (id > 0)");
        append("2, 'y', named_struct('a', 1)");
        alter("ADD CONSTRAINT nested CHECK (coalesce(s.a, 1) < 5 AND name IN ('x', 'y'))");
        append("3, 'y', named_struct('a', 2)");
        assertNotAltered("CONSTRAINT_ALREADY_EXISTS", "ADD CONSTRAINT POSITIVE CHECK (id > 1)");
        alter("DROP CONSTRAINT POSITIVE");
        alter("DROP CONSTRAINT IF EXISTS positive");
        assertNotAltered("CONSTRAINT_DOES_NOT_EXIST", "DROP CONSTRAINT positive");
        append("-3, 'y', named_struct('a', 2)");
        alter("DROP CONSTRAINT nested");
        append("4, 'z', named_struct('a', 9)");
        assertNotAltered("delta.constraints.positive", "SET TBLPROPERTIES ('delta.constraints.positive' = 'id > 0')");
    }

    @Test
    public void constraintsRaiseEveryProtocolAsDeltaDoes() {
        for (String properties : List.of("'delta.minWriterVersion' = '7'", "'delta.minReaderVersion' = '1', 'delta.minWriterVersion' = '4'",
                "'delta.enableChangeDataFeed' = 'true'", "'delta.enableDeletionVectors' = 'true'", "'delta.columnMapping.mode' = 'name'")) {
            twins = new Twins();
            create("id INT", "TBLPROPERTIES (" + properties + ")", "1");
            alter("ADD CONSTRAINT positive CHECK (id > 0)");
            append("2");
        }
    }

    @Test
    public void tablesOfOursAreAlteredByEither() {
        Path ours = freshPath("alter");
        sql("CREATE TABLE " + byPath(ours) + " (id INT NOT NULL, name STRING) CLUSTER BY (id)");
        sql("ALTER TABLE " + byPath(ours) + " ADD COLUMN more INT");
        sql("ALTER TABLE delta.`" + ours + "` SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        sql("ALTER TABLE " + byPath(ours) + " DROP COLUMN more");
        sql("ALTER TABLE delta.`" + ours + "` RENAME COLUMN name TO title");
        sql("INSERT INTO " + byPath(ours) + " VALUES (1, 'x')");
        assertEquals("[[1,x]]", delta(ours).collectAsList().toString());
        assertEquals("title", sql("DESCRIBE TABLE " + byPath(ours)).collectAsList().get(1).getString(0));
        assertEquals(List.of("CREATE TABLE", "ADD COLUMNS", "SET TBLPROPERTIES", "DROP COLUMNS", "RENAME COLUMN", "WRITE"),
                history(ours).stream().map(row -> row.<String>getAs("operation")).toList());
        assertTrue(history(ours).get(1).<String>getAs("engineInfo").contains("Sluice"));
        assertFalse(history(ours).get(1).<String, String>getJavaMap(history(ours).get(1).fieldIndex("operationParameters")).isEmpty());
    }
}
