package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** SHOW PARTITIONS, of tables that delta-spark has written and that we have. */
public class PartitionsTest {
    private static final String UNPARTITIONED = "PARTITION_MANAGEMENT_IS_UNSUPPORTED|not partitioned";

    private final Path path = freshPath("partitions");
    private final String table = byPath(path);

    private static List<String> shown(String statement) {
        return sql(statement).collectAsList().stream().map(Row::toString).toList();
    }

    private void create(String columns, String partitions, String more) {
        sql("CREATE TABLE delta.`" + path + "` (" + columns + ") USING delta PARTITIONED BY (" + partitions + ") " + more);
    }

    @Test
    public void partitionsAreThoseOfTheLog() {
        create("id INT, day DATE, name STRING", "day, name", "");
        assertEquals(List.of(), shown("SHOW PARTITIONS " + table));
        sql("INSERT INTO delta.`" + path + "` VALUES (1, DATE'2024-02-29', 'a/b=c d%'), (2, DATE'2024-02-29', ''), (3, NULL, 'Größe')");
        sql("INSERT INTO " + table + " VALUES (4, DATE'1969-12-31', 'x'), (5, NULL, 'Größe')");
        assertEquals(List.of("[day=1969-12-31/name=x]", "[day=2024-02-29/name=a%2Fb%3Dc d%25]", "[day=2024-02-29/name=null]", "[day=null/name=Größe]"),
                shown("SHOW PARTITIONS " + table));
        assertEquals(List.of("[day=2024-02-29/name=a%2Fb%3Dc d%25]", "[day=2024-02-29/name=null]"), shown("SHOW PARTITIONS " + table + " PARTITION (DAY = '2024-02-29')"));
        assertEquals(List.of("[day=1969-12-31/name=x]"), shown("SHOW PARTITIONS " + table + " PARTITION (name = 'x', day = DATE'1969-12-31')"));
        assertEquals(List.of("[day=null/name=Größe]"), shown("SHOW PARTITIONS " + table + " PARTITION (day = null)"));
        assertEquals(List.of(), shown("SHOW PARTITIONS " + table + " PARTITION (name = 'y')"));
        sql("DELETE FROM delta.`" + path + "` WHERE day IS NULL");
        assertEquals(3, shown("SHOW PARTITIONS " + table).size());
        assertEquals(4, spark().read().format("sluice").option("versionAsOf", "2").load(path.toString()).select("day", "name").distinct().count());
    }

    @Test
    public void everyTypeIsShown() {
        create("id INT, b BOOLEAN, y TINYINT, l BIGINT, f FLOAT, d DOUBLE, c DECIMAL(20, 2), t TIMESTAMP, n TIMESTAMP_NTZ, x BINARY, k CHAR(3)", "b, y, l, f, d, c, t, n, x, k", "");
        sql("INSERT INTO " + table + " VALUES (1, true, 1Y, -5, 1.5F, DOUBLE('-Infinity'), 123456789012345678.25BD, TIMESTAMP'2024-01-01 12:00:00.5', TIMESTAMP_NTZ'2024-01-01 12:00:00', X'4142', 'ab'),"
                + " (2, NULL, NULL, NULL, FLOAT('NaN'), 1e300D, NULL, NULL, NULL, NULL, NULL)");
        assertEquals(List.of("[b=null/y=null/l=null/f=NaN/d=1.0E300/c=null/t=null/n=null/x=null/k=null]",
                "[b=true/y=1/l=-5/f=1.5/d=-Infinity/c=123456789012345678.25/t=2024-01-01 12%3A00%3A00.5/n=2024-01-01 12%3A00%3A00/x=AB/k=ab ]"), shown("SHOW PARTITIONS " + table));
        assertEquals(1, shown("SHOW PARTITIONS " + table + " PARTITION (c = 123456789012345678.25, t = '2024-01-01 12:00:00.5', l = -5)").size());
    }

    @Test
    public void columnsAreShownByTheirNames() {
        create("id INT, p INT", "p", "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        sql("INSERT INTO " + table + " VALUES (1, 7)");
        sql("ALTER TABLE " + table + " RENAME COLUMN p TO `a part`");
        sql("INSERT INTO " + table + " VALUES (1, 8)");
        assertEquals(List.of("[a part=7]", "[a part=8]"), shown("SHOW PARTITIONS " + table));
    }

    @Test
    public void partitionsAreNotChanged() {
        create("id INT, p INT", "p", "");
        sql("INSERT INTO " + table + " VALUES (1, 7)");
        assertFails("Cannot add a partition to .*Append rows", () -> sql("ALTER TABLE " + table + " ADD PARTITION (p = 8)"));
        assertFails("UNSUPPORTED_FEATURE.PURGE_PARTITION", () -> sql("ALTER TABLE " + table + " DROP PARTITION (p = 7) PURGE"));
        assertFails("Cannot rename a partition of .*Write its rows anew", () -> sql("ALTER TABLE " + table + " PARTITION (p = 7) RENAME TO PARTITION (p = 9)"));
        assertEquals(List.of("[p=7]"), shown("SHOW PARTITIONS " + table));
        assertTrue(shown("DESCRIBE TABLE " + table).contains("[# Partition Information,,]"));
    }

    @Test
    public void tablesWithoutPartitionsSaySo() {
        sql("CREATE TABLE " + table + " (id INT)");
        assertFails(UNPARTITIONED, () -> sql("SHOW PARTITIONS " + table));
    }

    @Test
    public void partitionsGoWithTheirRows() {
        create("id INT, p INT, q STRING", "p, q", "");
        sql("INSERT INTO " + table + " VALUES (1, 7, 'a'), (2, 7, NULL), (3, 8, 'a'), (4, 6, 'it''s'), (5, 9, 'a'), (6, 9, 'b')");
        sql("ALTER TABLE " + table + " DROP PARTITION (p = 7, q = 'a')");
        sql("ALTER TABLE " + table + " DROP PARTITION (p = 7, q = null), PARTITION (p = 6, q = 'it\\'s')");
        assertEquals(List.of("[3,8,a]", "[5,9,a]", "[6,9,b]"), rowsOf(path));
        sql("TRUNCATE TABLE " + table + " PARTITION (p = 9)");
        assertEquals(List.of("[3,8,a]"), rowsOf(path));
        assertFails("PARTITIONS_NOT_FOUND", () -> sql("ALTER TABLE " + table + " DROP PARTITION (p = 1, q = 'a')"));
        sql("ALTER TABLE " + table + " DROP IF EXISTS PARTITION (p = 1, q = 'a'), PARTITION (p = 8, q = 'a')");
        assertEquals(List.of(), rowsOf(path));
        sql("TRUNCATE TABLE " + table + " PARTITION (p = 99)");
        assertEquals("one commit each", 6, SparkFixture.versions(path));
        sql("INSERT INTO " + table + " SELECT id, 1, string(id) FROM range(0, 300, 1, 1)");
        sql("TRUNCATE TABLE " + table + " PARTITION (p = 1)");
        assertEquals(List.of(), rowsOf(path));
    }

    private static List<String> rowsOf(Path table) {
        return SparkFixture.delta(table).collectAsList().stream().map(Object::toString).sorted().toList();
    }
}
