package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.temporaryDirectory;
import static io.sluice.spark.TwoSessions.delta;
import static io.sluice.spark.TwoSessions.detail;
import static io.sluice.spark.TwoSessions.last;
import static io.sluice.spark.TwoSessions.ours;
import static io.sluice.spark.TwoSessions.place;
import static io.sluice.spark.TwoSessions.rows;
import static io.sluice.spark.TwoSessions.sorted;
import static io.sluice.spark.TwoSessions.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.faults.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.junit.Before;
import org.junit.Test;

/** What a Hive metastore adds to {@link SessionCatalogTest}, which the same run repeats: its own tables, names, restarts. */
public class HiveSessionCatalogTest {
    /** Spark lets the metastore fold names. */
    private final String name = freshName("Hive");

    @Before
    public void isHive() {
        assertEquals("hive", spark().conf().get("spark.sql.catalogImplementation"));
    }

    private static List<String> tables(String pattern) {
        return sql("SHOW TABLES LIKE '" + pattern + "'").collectAsList().stream().map(row -> row.getString(1)).sorted().toList();
    }

    private static String shown(String statement) {
        return sql(statement).collectAsList().stream().map(Row::toString).toList().toString();
    }

    private static String described(String table, String key) {
        return sql("DESCRIBE EXTENDED " + table).where("col_name = '" + key + "'").first().getString(1);
    }

    @Test
    public void namesAreFoldedAndColumnsAreNot() {
        String folded = name.toLowerCase(Locale.ROOT);
        sql("CREATE TABLE " + name + " (Id INT, P STRING) USING delta PARTITIONED BY (P) COMMENT 'mine' TBLPROPERTIES ('k' = 'v')");
        sql("INSERT INTO " + folded + " VALUES (1, 'a')");
        delta("INSERT INTO " + name.toUpperCase(Locale.ROOT) + " VALUES (2, 'b')");
        assertEquals(List.of("[2]"), sorted(sql("SELECT ID FROM DEFAULT." + name + " WHERE p = 'b'")));
        assertEquals(List.of(folded), tables(folded));
        assertEquals(List.of("Id", "P"), List.of(sql("SELECT * FROM " + folded).columns()));
        assertEquals("[[Id], [P]]", shown("SHOW COLUMNS IN " + name));
        assertEquals("MANAGED", described(name, "Type"));
        assertEquals("delta", described(name, "Provider"));
        assertEquals("mine", described(name, "Comment"));
        assertTrue(described(name, "Location").endsWith("/" + folded));
        assertTrue(shown("SHOW TBLPROPERTIES " + name).contains("[k,v]"));
        assertTrue(shown("SHOW TABLE EXTENDED LIKE '" + name + "'").contains("Provider: delta"));
        assertFails("ALREADY_EXISTS", () -> sql("CREATE TABLE " + folded + " USING delta AS SELECT 1 AS id"));
        assertTrue(spark().catalog().tableExists(name) && ours().catalog().tableExists(folded));
    }

    @Test
    public void tablesAreAlteredRenamedAndDropped() {
        sql("CREATE TABLE " + name + " USING delta AS SELECT 1 AS id");
        sql("ALTER TABLE " + name + " ADD COLUMN (s STRUCT<a: INT> COMMENT 'more', t STRING AFTER id)");
        sql("ALTER TABLE " + name + " SET TBLPROPERTIES ('delta.appendOnly' = 'true', 'k' = 'v')");
        sql("ALTER TABLE " + name + " UNSET TBLPROPERTIES ('k')");
        sql("COMMENT ON TABLE " + name + " IS 'altered'");
        assertEquals("altered", described(name, "Comment"));
        assertEquals("Map(delta.appendOnly -> true)", detail(name, "properties"));
        String renamed = name + "_Renamed";
        Path old = place(name);
        sql("ALTER TABLE " + name + " RENAME TO " + renamed);
        assertFalse(Files.exists(old));
        assertEquals(List.of("[1,null,null]"), rows(renamed));
        sql("INSERT INTO " + renamed + " VALUES (2, 't', named_struct('a', 3))");
        assertEquals(List.of("[1,null,null]", "[2,t,[3]]"), rows(renamed));
        Path place = place(renamed);
        sql("DROP TABLE " + renamed);
        assertFalse(Files.exists(place));
        assertFalse(spark().catalog().tableExists(renamed));
        assertEquals(List.of(), tables(name.toLowerCase(Locale.ROOT) + "*"));
    }

    @Test
    public void dataFramesSaveTables() throws Exception {
        for (String mode : List.of("append", "append", "ignore")) {
            ours().range(2).toDF("id").write().format("delta").mode(mode).saveAsTable(name);
        }
        assertEquals(4, rows(name).size());
        assertFails("ALREADY_EXISTS", () -> ours().range(2).write().format("delta").saveAsTable(name));
        ours().range(3).toDF("id").write().format("delta").mode("overwrite").saveAsTable(name);
        ours().range(3, 4).toDF("id").writeTo(name).append();
        ours().range(4, 5).toDF("id").write().insertInto(name);
        assertEquals(List.of("[0]", "[1]", "[2]", "[3]", "[4]"), rows(name));
        assertTrue(last(name, "engineInfo").contains("Sluice"));
        assertEquals(4, sql("SELECT * FROM " + name + " VERSION AS OF 1").count());
    }

    @Test
    public void tablesOfHiveAreHives() {
        sql("CREATE TABLE " + name + " (Id INT) PARTITIONED BY (p STRING) STORED AS ORC");
        sql("INSERT INTO " + name + " PARTITION (p = 'x') VALUES (1)");
        sql("ALTER TABLE " + name + " ADD PARTITION (p = 'y')");
        assertEquals("[[p=x], [p=y]]", shown("SHOW PARTITIONS " + name));
        sql("MSCK REPAIR TABLE " + name);
        sql("ALTER TABLE " + name + " ADD COLUMNS (more INT)");
        assertEquals(List.of("[1,null,x]"), sorted(sql("SELECT * FROM " + name)));
        sql("TRUNCATE TABLE " + name);
        assertEquals("hive", described(name, "Provider"));
        sql("CREATE TABLE " + name + "_text STORED AS TEXTFILE AS SELECT 1 AS id");
        sql("CREATE TABLE " + name + "_parquet USING parquet AS SELECT 1 AS id");
        sql("ANALYZE TABLE " + name + "_parquet COMPUTE STATISTICS");
        sql("CREATE TABLE " + name + "_delta USING delta AS SELECT 2 AS id");
        sql("CREATE VIEW " + name + "_view AS SELECT id FROM " + name + "_text UNION SELECT id FROM " + name + "_parquet UNION SELECT id FROM " + name + "_delta");
        assertEquals(List.of("[1]", "[2]"), sorted(sql("SELECT * FROM " + name + "_view")));
        assertFails("replace", () -> sql("CREATE OR REPLACE TABLE " + name + "_text USING delta AS SELECT 1 AS id"));
        assertFails("ALREADY_EXISTS|VIEW", () -> sql("CREATE TABLE " + name + "_view USING delta AS SELECT 1 AS id"));
        sql("ALTER TABLE " + name + "_text RENAME TO " + name + "_text2");
        sql("DROP VIEW " + name + "_view");
        for (String table : List.of(name, name + "_text2", name + "_parquet", name + "_delta")) {
            sql("DROP TABLE " + table);
        }
        assertEquals(List.of(), tables(name.toLowerCase(Locale.ROOT) + "*"));
    }

    @Test
    public void databasesHavePlaces() {
        Path place = freshPath("database");
        sql("CREATE DATABASE " + name + " LOCATION '" + place + "'");
        sql("CREATE TABLE " + name + ".T USING delta AS SELECT 1 AS id");
        assertEquals(place.resolve("t"), place(name + ".t"));
        assertFails("SCHEMA_NOT_EMPTY", () -> sql("DROP DATABASE " + name));
        sql("DROP DATABASE " + name + " CASCADE");
        assertFalse(Files.exists(place.resolve("t")));
    }

    @Test
    public void namesTheMetastoreCannotHaveLeaveNothing() throws Exception {
        for (String statement : List.of("(id INT) USING delta", "USING delta AS SELECT 1 AS id")) {
            assertFails("INVALID_SCHEMA_OR_RELATION_NAME", () -> sql("CREATE TABLE `" + name + " of two` " + statement));
        }
        Path warehouse = Path.of(java.net.URI.create(sql("DESCRIBE DATABASE default").where("info_name = 'Location'").first().getString(1)));
        try (var files = Files.list(warehouse)) {
            assertEquals(List.of(), files.filter(file -> file.toString().contains("two")).toList());
        }
    }

    /** Arguments: whose the catalog is, then statements; prints the rows of the last. */
    static final class Restarted {
        private Restarted() {}

        public static void main(String[] arguments) {
            List<Row> last = List.of();
            for (int i = 1; i < arguments.length; i++) {
                last = (arguments[0].equals("ours") ? sql(arguments[i]) : delta(arguments[i])).collectAsList();
            }
            System.out.println("rows: " + last);
        }
    }

    @Test
    public void tablesOutliveTheSession() throws Exception {
        Path metastore = temporaryDirectory("restart");
        Path external = freshPath("restart");
        var options = ChildJvm.Options.jvm("-Dsluice.test.metastore=" + metastore);
        ChildJvm.run(options, Restarted.class, "ours",
                "CREATE TABLE Managed USING delta PARTITIONED BY (p) AS SELECT id, id % 2 AS p FROM range(3)",
                "CREATE TABLE elsewhere (id INT) USING delta LOCATION '" + external + "'");
        String theirs = ChildJvm.run(options, Restarted.class, "delta",
                "INSERT INTO managed VALUES (3, 1)",
                "INSERT INTO elsewhere VALUES (1)",
                "CREATE TABLE theirs USING delta AS SELECT 4 AS id",
                "SELECT sum(id) FROM managed");
        assertTrue(theirs, theirs.contains("rows: [[6]]"));
        String ours = ChildJvm.run(options, Restarted.class, "ours",
                "INSERT INTO Theirs VALUES (5)",
                "SELECT (SELECT sum(id) FROM managed), (SELECT count(*) FROM elsewhere), (SELECT sum(id) FROM theirs)");
        assertTrue(ours, ours.contains("rows: [[6,1,9]]"));
    }
}
