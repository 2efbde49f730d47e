package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.warehouse;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import io.sluice.spark.table.SparkTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NamespaceAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.Before;
import org.junit.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What Spark asks of any catalog, asked of ours through the Java interfaces and SQL: results and exceptions. */
public class CatalogContractTest {
    private static final Transform[] NO_TRANSFORMS = new Transform[0];
    private static final Column[] COLUMNS = {Column.create("id", DataTypes.LongType), Column.create("data", DataTypes.StringType)};

    private final SluiceCatalog catalog = new SluiceCatalog();
    /** Names that want quoting, and that no directory can have as they are. */
    private final String[] namespace = {"`", ".", freshName("ns é")};
    private final Identifier ident = Identifier.of(namespace, "test table");
    private final Identifier other = Identifier.of(namespace, "_other.table%41~42");

    @Before
    public void initialize() {
        spark();
        catalog.initialize("lake", new CaseInsensitiveStringMap(Map.of("warehouse", warehouse().resolve("contract").toString())));
    }

    private Table create(Identifier ident) throws Exception {
        return catalog.createTable(ident, COLUMNS, NO_TRANSFORMS, Map.of());
    }

    private static Set<String> names(String[][] namespaces) {
        return Arrays.stream(namespaces).map(parts -> String.join("/", parts)).collect(Collectors.toSet());
    }

    private static List<String> columns(Table table) {
        return Arrays.stream(table.columns()).map(column -> column.name() + " " + column.dataType().simpleString()).toList();
    }

    @Test
    public void tablesAreCreatedAndLoaded() throws Exception {
        Table created = create(ident);
        assertEquals(List.of("lake", "`", ".", namespace[2], "test table"),
                CollectionConverters.asJava(new CatalystSqlParser().parseMultipartIdentifier(created.name())));
        assertEquals(List.of("id bigint", "data string"), columns(created));
        Table loaded = catalog.loadTable(ident);
        assertEquals(created.name(), loaded.name());
        assertTrue(catalog.tableExists(ident));
        assertThrows(TableAlreadyExistsException.class, () -> create(ident));
        assertThrows(TableAlreadyExistsException.class, () -> catalog.stageCreate(ident, COLUMNS, NO_TRANSFORMS, Map.of()));
        catalog.invalidateTable(ident);
        assertEquals(loaded.name(), catalog.loadTable(ident).name());
        catalog.invalidateTable(other);
    }

    /** Tools ask a catalog through its Java interfaces alone. */
    @Test
    public void noSessionIsNeeded() throws Exception {
        SparkSession session = spark();
        SparkSession.clearActiveSession();
        SparkSession.clearDefaultSession();
        try {
            create(ident);
            catalog.alterTable(ident, TableChange.setProperty("mine", "yes"));
            assertEquals("yes", catalog.loadTable(ident).properties().get("mine"));
            assertArrayEquals(new Identifier[] {ident}, catalog.listTables(namespace));
            assertTrue(catalog.dropTable(ident));
        } finally {
            SparkSession.setActiveSession(session);
            SparkSession.setDefaultSession(session);
        }
    }

    @Test
    public void tablesTellIdAndVersion() throws Exception {
        SparkTable created = (SparkTable) create(ident);        // Spark 4.0's Table has neither
        assertEquals("0", created.version());
        SparkTable altered = (SparkTable) catalog.alterTable(ident, TableChange.setProperty("a", "1"));
        assertEquals("1", altered.version());
        assertEquals(created.id(), altered.id());
        assertEquals("0", ((SparkTable) catalog.loadTable(ident, "0")).version());
        catalog.dropTable(ident);
        assertFalse("another table", ((SparkTable) create(ident)).id().equals(created.id()));
    }

    @Test
    public void missingTablesAreMissing() {
        assertFalse(catalog.tableExists(ident));
        assertThrows(NoSuchTableException.class, () -> catalog.loadTable(ident));
        assertThrows(NoSuchTableException.class, () -> catalog.alterTable(ident, TableChange.setProperty("a", "b")));
        assertThrows(NoSuchTableException.class, () -> catalog.renameTable(ident, other));
        assertThrows(NoSuchTableException.class, () -> catalog.stageReplace(ident, COLUMNS, NO_TRANSFORMS, Map.of()));
        assertFalse(catalog.dropTable(ident));
        assertFalse(catalog.purgeTable(ident));
    }

    /** A catalog's own name stands for its empty namespace. */
    @Test
    public void theWarehouseIsNotDropped() throws Exception {
        create(ident);
        for (boolean cascade : List.of(false, true)) {
            assertThrows(UnsupportedOperationException.class, () -> catalog.dropNamespace(new String[0], cascade));
        }
        assertFails("Cannot drop the catalog lake", () -> sql("DROP NAMESPACE lake CASCADE"));
        assertTrue(catalog.tableExists(ident));
    }

    @Test
    public void namesThatNoDirectoryHasAreMissing() throws Exception {
        for (String name : List.of("a/b", "/a", "")) {
            Identifier table = Identifier.of(namespace, name);
            assertFalse(catalog.tableExists(table));
            assertFalse(catalog.dropTable(table));
            assertThrows(NoSuchTableException.class, () -> catalog.loadTable(table));
            assertThrows(NoSuchTableException.class, () -> catalog.loadTable(table, "0"));
            assertThrows(InvalidInputException.class, () -> create(table));
            String[] below = {"db", name};
            assertFalse(catalog.namespaceExists(below));
            assertFalse(catalog.dropNamespace(below, true));
            assertThrows(NoSuchNamespaceException.class, () -> catalog.listTables(below));
            assertThrows(NoSuchNamespaceException.class, () -> catalog.listNamespaces(below));
            assertThrows(NoSuchNamespaceException.class, () -> catalog.loadNamespaceMetadata(below));
        }
        sql("DROP TABLE IF EXISTS lake.db.`a/b`");
    }

    @Test
    public void tablesMoveToOtherNamespacesButNotIntoTables() throws Exception {
        create(ident);
        create(other);
        Identifier inside = Identifier.of(new String[] {namespace[0], namespace[1], namespace[2], other.name()}, "t");
        assertThrows(InvalidInputException.class, () -> catalog.renameTable(ident, inside));
        assertTrue(catalog.tableExists(ident));
        Identifier far = Identifier.of(new String[] {freshName("far"), "deep"}, "t");
        catalog.renameTable(ident, far);
        assertFalse(catalog.tableExists(ident));
        assertEquals(List.of("id bigint", "data string"), columns(catalog.loadTable(far)));
        assertTrue(catalog.dropTable(other));
    }

    /** A checksum or checkpoint that came late would be taken for the next table's. */
    @Test
    public void upkeepEndsBeforeATableGoes() throws Exception {
        String db = freshName("upkeep");
        Path directory = warehouse().resolve("contract").resolve(db);
        Identifier table = Identifier.of(new String[] {db}, "t");
        Identifier moved = Identifier.of(new String[] {db}, "u");
        for (int round = 0; round < 20; round++) {
            create(table);
            catalog.alterTable(table, TableChange.setProperty("round", "a" + round));
            catalog.alterTable(table, TableChange.setProperty("round", "b" + round));
            if (round % 2 == 0) {
                catalog.renameTable(table, moved);
                assertFalse(Files.exists(directory.resolve("t")));
                catalog.alterTable(moved, TableChange.setProperty("round", "c" + round));
                catalog.dropTable(moved);
            } else {
                catalog.dropTable(table);
            }
            assertFalse(Files.exists(directory.resolve("t")));
            assertFalse(Files.exists(directory.resolve("u")));
        }
    }

    /** What cannot be read can be dropped all the same. */
    @Test
    public void brokenTablesAreDropped() throws Exception {
        Identifier broken = Identifier.of(new String[] {"broken"}, freshName("log"));
        create(broken);
        Path log = warehouse().resolve("contract/broken").resolve(broken.name()).resolve("_delta_log");
        Files.deleteIfExists(log.resolve("00000000000000000000.crc"));
        Files.writeString(log.resolve("00000000000000000000.json"), "{ no commit");
        Identifier lost = Identifier.of(new String[] {"broken"}, freshName("lost"));
        Path place = SparkFixture.freshPath("lost");
        catalog.createTable(lost, COLUMNS, NO_TRANSFORMS, Map.of("location", place.toString()));
        SparkFixture.delete(place);
        for (Identifier table : List.of(broken, lost)) {
            assertThrows(Exception.class, () -> catalog.loadTable(table));
            assertTrue(catalog.tableExists(table));
            assertTrue(catalog.dropTable(table));
            assertFalse(catalog.tableExists(table));
            create(table);
            assertTrue(catalog.dropTable(table));
        }
    }

    @Test
    public void tablesAreListedInTheirNamespaceOnly() throws Exception {
        assertThrows(NoSuchNamespaceException.class, () -> catalog.listTables(namespace));
        create(ident);
        create(other);
        String[] inner = {namespace[0], namespace[1], namespace[2], "_inner"};
        Identifier deep = Identifier.of(inner, "t");
        create(deep);
        assertEquals(Set.of(ident, other), Set.of(catalog.listTables(namespace)));
        assertArrayEquals(new Identifier[] {deep}, catalog.listTables(inner));
        assertTrue(catalog.dropTable(ident));
        assertFalse(catalog.dropTable(ident));
        assertEquals(Set.of(other), Set.of(catalog.listTables(namespace)));
        assertTrue(catalog.purgeTable(other));
        assertEquals(0, catalog.listTables(namespace).length);
    }

    @Test
    public void tablesAreRenamed() throws Exception {
        create(ident);
        catalog.alterTable(ident, TableChange.setProperty("mine", "yes"));
        catalog.renameTable(ident, other);
        assertFalse(catalog.tableExists(ident));
        assertEquals("yes", catalog.loadTable(other).properties().get("mine"));
        create(ident);
        assertThrows(TableAlreadyExistsException.class, () -> catalog.renameTable(ident, other));
        assertTrue(catalog.tableExists(ident));
        assertThrows(UnsupportedOperationException.class,
                () -> catalog.renameTable(ident, Identifier.of(new String[] {"delta"}, "/tmp/elsewhere")));
    }

    @Test
    public void tablesAreAltered() throws Exception {
        create(ident);
        Table altered = catalog.alterTable(ident,
                TableChange.setProperty("a", "1"), TableChange.setProperty("b", "2"), TableChange.removeProperty("a"), TableChange.removeProperty("nosuch"));
        assertEquals("2", altered.properties().get("b"));
        assertFalse(altered.properties().containsKey("a"));
        altered = catalog.alterTable(ident,
                TableChange.addColumn(new String[] {"ts"}, DataTypes.TimestampType),
                TableChange.addColumn(new String[] {"first"}, DataTypes.IntegerType, true, "a comment", TableChange.ColumnPosition.first(), null),
                TableChange.updateColumnComment(new String[] {"id"}, "the key"));
        assertEquals(List.of("first int", "id bigint", "data string", "ts timestamp"), columns(altered));
        assertEquals("a comment", altered.columns()[0].comment());
        assertEquals("the key", altered.columns()[1].comment());
        assertEquals(3, version());
    }

    private long version() {
        Row last = sql("DESCRIBE HISTORY delta.`" + location().toString().replace("`", "``") + "`").orderBy(org.apache.spark.sql.functions.col("version").desc()).first();
        return last.<Long>getAs("version") + 1;
    }

    private java.nio.file.Path location() {
        return warehouse().resolve("contract").resolve("`").resolve("~2E").resolve(namespace[2]).resolve("test table");
    }

    @Test
    public void wrongChangesAreRefusedAndChangeNothing() throws Exception {
        create(ident);
        for (TableChange change : List.of(
                TableChange.renameColumn(new String[] {"nosuch"}, "x"),
                TableChange.deleteColumn(new String[] {"nosuch"}, false),
                TableChange.updateColumnType(new String[] {"nosuch"}, DataTypes.LongType),
                TableChange.updateColumnType(new String[] {"id"}, DataTypes.StringType),
                TableChange.updateColumnNullability(new String[] {"nosuch"}, true),
                TableChange.updateColumnComment(new String[] {"data", "nosuch"}, "c"),
                TableChange.addColumn(new String[] {"nosuch", "x"}, DataTypes.LongType),
                TableChange.addColumn(new String[] {"id"}, DataTypes.LongType),
                TableChange.addColumn(new String[] {"required"}, DataTypes.LongType, false),
                TableChange.addColumn(new String[] {"x"}, DataTypes.LongType, true, null, TableChange.ColumnPosition.after("nosuch"), null),
                TableChange.setProperty("delta.nosuch", "1"))) {
            assertThrows(change.toString(), IllegalArgumentException.class,
                    () -> catalog.alterTable(ident, TableChange.setProperty("half", "done"), change));
        }
        assertFalse(catalog.loadTable(ident).properties().containsKey("half"));
        catalog.alterTable(ident, TableChange.setProperty("delta.columnMapping.mode", "name"));
        catalog.alterTable(ident, TableChange.deleteColumn(new String[] {"nosuch"}, true));
        assertThrows(IllegalArgumentException.class, () -> catalog.alterTable(ident,
                TableChange.deleteColumn(new String[] {"id"}, false), TableChange.deleteColumn(new String[] {"data"}, false)));
    }

    @Test
    public void namespacesNestAndList() throws Exception {
        String[] top = {freshName("top")};
        String[] below = {top[0], "be.low"};
        assertFalse(catalog.namespaceExists(below));
        create(Identifier.of(below, "t"));
        assertTrue("made by its table", catalog.namespaceExists(below) && catalog.namespaceExists(top));
        assertTrue(names(catalog.listNamespaces()).contains(top[0]));
        assertTrue(names(catalog.listNamespaces(new String[0])).contains(top[0]));
        assertEquals(Set.of(top[0] + "/be.low"), names(catalog.listNamespaces(top)));
        assertEquals(Set.of(), names(catalog.listNamespaces(below)));
        assertThrows(NoSuchNamespaceException.class, () -> catalog.listNamespaces(new String[] {"nosuch"}));
        assertThrows(NamespaceAlreadyExistsException.class, () -> catalog.createNamespace(below, Map.of()));
        assertTrue(catalog.namespaceExists(new String[0]));
    }

    @Test
    public void namespacesHaveProperties() throws Exception {
        assertThrows(NoSuchNamespaceException.class, () -> catalog.loadNamespaceMetadata(namespace));
        assertThrows(NoSuchNamespaceException.class, () -> catalog.alterNamespace(namespace, NamespaceChange.setProperty("a", "b")));
        catalog.createNamespace(namespace, Map.of("a", "1", "comment", "all of it"));
        assertThrows(NamespaceAlreadyExistsException.class, () -> catalog.createNamespace(namespace, Map.of()));
        catalog.alterNamespace(namespace, NamespaceChange.setProperty("b", "2"), NamespaceChange.removeProperty("a"), NamespaceChange.removeProperty("nosuch"));
        Map<String, String> metadata = catalog.loadNamespaceMetadata(namespace);
        assertEquals("2", metadata.get("b"));
        assertEquals("all of it", metadata.get("comment"));
        assertFalse(metadata.containsKey("a"));
    }

    @Test
    public void namespacesAreDropped() throws Exception {
        assertFalse(catalog.dropNamespace(namespace, false));
        create(ident);
        assertThrows(NonEmptyNamespaceException.class, () -> catalog.dropNamespace(namespace, false));
        assertTrue(catalog.tableExists(ident));
        assertTrue(catalog.dropNamespace(namespace, true));
        assertFalse(catalog.tableExists(ident));
        assertFalse(catalog.namespaceExists(namespace));
    }

    /** Dropping a table deletes its directory, so nothing else may be in it. */
    @Test
    public void tablesAndNamespacesDoNotNest() throws Exception {
        create(ident);
        String[] inside = Arrays.copyOf(namespace, namespace.length + 1);
        inside[namespace.length] = ident.name();
        assertThrows(InvalidInputException.class, () -> catalog.createNamespace(inside, Map.of()));
        assertThrows(InvalidInputException.class, () -> create(Identifier.of(inside, "t")));
        Identifier above = Identifier.of(new String[] {namespace[0], namespace[1]}, namespace[2]);
        assertThrows("tables lie below", InvalidInputException.class, () -> create(above));
        Identifier top = Identifier.of(new String[0], namespace[0]);
        assertThrows("further below, too", InvalidInputException.class, () -> create(top));
        catalog.createNamespace(new String[] {"named"}, Map.of());
        assertThrows("a namespace's name", InvalidInputException.class, () -> create(Identifier.of(new String[0], "named")));
        assertTrue(catalog.dropNamespace(new String[] {"named"}, false));

        String[] partition = Arrays.copyOf(inside, inside.length + 1);
        partition[inside.length] = "p=1";
        Path data = Path.of(catalog.loadTable(ident).properties().get("location").replaceFirst("^file:", "")).resolve("p=1");
        Files.writeString(Files.createDirectories(data).resolve("part.parquet"), "rows");
        assertFalse("a directory of a table is no namespace", catalog.namespaceExists(partition));
        assertFalse(catalog.dropNamespace(partition, true));
        assertThrows(NoSuchNamespaceException.class, () -> catalog.listTables(inside));
        assertThrows(NoSuchNamespaceException.class, () -> catalog.listNamespaces(inside));
        assertTrue(Files.exists(data.resolve("part.parquet")));

        Path table = Path.of(catalog.loadTable(ident).properties().get("location").replaceFirst("^file:", ""));
        Path foreign = Files.createDirectories(table.resolve("other/_delta_log")).resolve("00000000000000000000.json");
        Files.writeString(foreign, "");
        assertThrows(InvalidInputException.class, () -> catalog.dropTable(ident));
        assertTrue(Files.exists(foreign) && catalog.tableExists(ident));
        Files.delete(foreign);
        assertTrue(catalog.dropTable(ident));
    }

    @Test
    public void tablesMayBeInTheEmptyNamespace() throws Exception {
        Identifier top = Identifier.of(new String[0], freshName("top"));
        create(top);
        assertTrue(Set.of(catalog.listTables(new String[0])).contains(top));
        Identifier renamed = Identifier.of(new String[0], top.name() + "_2");
        catalog.renameTable(top, renamed);
        assertTrue(catalog.tableExists(renamed));
        assertTrue(catalog.dropTable(renamed));
    }

    @Test
    public void sqlShowsWhatIsThere() {
        String db = "lake." + freshName("shown");
        sql("CREATE NAMESPACE " + db + " COMMENT 'of tables' WITH DBPROPERTIES ('k' = 'v')");
        String table = db + ".`a table`";
        sql("CREATE TABLE " + table + " (id BIGINT NOT NULL COMMENT 'key', p STRING) PARTITIONED BY (p) COMMENT 'what' TBLPROPERTIES ('mine' = 'yes')");
        assertEquals(List.of("id", "p"), strings(sql("SHOW COLUMNS IN " + table)));
        List<String> described = sql("DESCRIBE EXTENDED " + table).collectAsList().stream().map(row -> row.getString(0) + "=" + row.getString(1)).toList();
        for (String line : List.of("id=bigint", "Comment=what", "Provider=delta", "Type=MANAGED", spark().version().compareTo("4.2") < 0 ? "Name=" + table : "Table=a table")) {
            assertTrue(line + " in " + described, described.contains(line));
        }
        String create = strings(sql("SHOW CREATE TABLE " + table)).get(0);
        for (String part : List.of("id BIGINT NOT NULL COMMENT 'key'", "USING delta", "PARTITIONED BY (p)", "COMMENT 'what'", "'mine' = 'yes'")) {
            assertTrue(part + " in " + create, create.contains(part));
        }
        Map<String, String> properties = sql("SHOW TBLPROPERTIES " + table).collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getString(1)));
        assertEquals("yes", properties.get("mine"));
        assertFalse("reserved", properties.containsKey("location") || properties.containsKey("provider"));
        assertEquals(List.of("yes"), sql("SHOW TBLPROPERTIES " + table + " ('mine')").collectAsList().stream().map(row -> row.getString(1)).toList());
        sql("COMMENT ON TABLE " + table + " IS 'else'");
        sql("ALTER TABLE " + table + " RENAME TO " + db.substring(5) + ".renamed");
        assertEquals(List.of("renamed"), sql("SHOW TABLES IN " + db).collectAsList().stream().map(row -> row.getString(1)).toList());
        assertEquals(List.of("id:bigint:key"), sql("DESCRIBE TABLE " + db + ".renamed id").collectAsList().stream()
                .map(row -> row.getString(1)).limit(1).map(name -> name + ":bigint:key").toList());
        sql("INSERT INTO " + db + ".renamed VALUES (1, 'x')");
        assertEquals(1, delta(warehouse().resolve(db.substring(5)).resolve("renamed")).count());
        assertTrue(sql("DESCRIBE NAMESPACE EXTENDED " + db).collectAsList().toString().contains("of tables"));
        sql("DROP TABLE " + db + ".renamed PURGE");
        sql("DROP NAMESPACE " + db);
    }

    private static List<String> strings(org.apache.spark.sql.Dataset<Row> rows) {
        return rows.collectAsList().stream().map(row -> row.getString(0)).toList();
    }

    @Test
    public void whatCannotBeIsRefused() {
        String db = "lake." + freshName("refused");
        sql("CREATE NAMESPACE " + db);
        Map.of("CREATE TABLE %s.t (id INT, d DATE) PARTITIONED BY (years(d))", "years",
                "CREATE TABLE %s.t (id INT) CLUSTERED BY (id) INTO 4 BUCKETS", "bucket",
                "CREATE VIEW %s.v AS SELECT 1 AS id", "VIEWS|views",
                "CREATE TABLE %s.t (id INT) USING parquet", "parquet").forEach((statement, pattern) ->
                assertFails(pattern, () -> sql(statement.formatted(db))));
        assertEquals(List.of(), strings(sql("SHOW TABLES IN " + db)));
    }

    @Test
    public void refusalsAreThoseOfTheInterfaces() throws Exception {
        catalog.createNamespace(namespace, Map.of());
        create(ident);
        Transform[] bucket = {org.apache.spark.sql.connector.expressions.Expressions.bucket(4, "id")};
        assertThrows(UnsupportedOperationException.class, () -> catalog.createTable(other, COLUMNS, bucket, Map.of()));
        assertThrows(UnsupportedOperationException.class, () -> catalog.stageCreate(other, COLUMNS, bucket, Map.of()));
        assertThrows(NoSuchTableException.class, () -> catalog.loadTable(other, "Snapshot123"));
        assertThrows(InvalidInputException.class, () -> catalog.loadTable(ident, "Snapshot123"));
        assertThrows(IllegalArgumentException.class, () -> catalog.alterTable(ident, TableChange.setProperty("location", "/elsewhere")));
        var rows = (org.apache.spark.sql.connector.catalog.SupportsDeleteV2) catalog.loadTable(ident);
        var predicates = new org.apache.spark.sql.connector.expressions.filter.Predicate[] {
            new org.apache.spark.sql.connector.expressions.filter.Predicate("=", new org.apache.spark.sql.connector.expressions.Expression[] {
                org.apache.spark.sql.connector.expressions.Expressions.column("id"), org.apache.spark.sql.connector.expressions.Expressions.literal(1L)})};
        assertFalse(rows.canDeleteWhere(predicates));
        assertThrows(IllegalArgumentException.class, () -> rows.deleteWhere(predicates));
        var missing = assertThrows(org.apache.spark.SparkIllegalArgumentException.class,
                () -> catalog.alterTable(ident, TableChange.deleteColumn(new String[] {"nosuch"}, false)));
        assertEquals("FIELD_NOT_FOUND", missing.getCondition());
        assertEquals("`nosuch`", missing.getMessageParameters().get("fieldName"));
        assertEquals("`id`, `data`", missing.getMessageParameters().get("fields"));
        var unclustered = assertThrows(org.apache.spark.sql.AnalysisException.class, () -> catalog.alterTable(ident,
                TableChange.clusterBy(new org.apache.spark.sql.connector.expressions.NamedReference[] {
                    org.apache.spark.sql.connector.expressions.Expressions.column("unknown")})));
        assertEquals("_LEGACY_ERROR_TEMP_3060", unclustered.getCondition());
    }

    @Test
    public void tablesAreSummedUp() throws Exception {
        create(ident);
        catalog.createTable(other, COLUMNS, NO_TRANSFORMS, Map.of("location", SparkFixture.freshPath("summed").toString()));
        // Spark 4.0 has no such classes.
        assumeTrue(spark().version().compareTo("4.1") >= 0);
        Object[] summaries = (Object[]) SluiceCatalog.class.getMethod("listTableSummaries", String[].class).invoke(catalog, (Object) namespace);
        List<String> found = Arrays.stream(summaries).map(Object::toString).sorted().toList();
        assertEquals(2, found.size());
        assertTrue(found.toString(), found.stream().anyMatch(one -> one.contains(ident.name()) && one.contains("tableType=MANAGED")));
        assertTrue(found.toString(), found.stream().anyMatch(one -> one.contains(other.name()) && one.contains("tableType=EXTERNAL")));
    }

    @Test
    public void namespacesHaveTheirPropertiesAlone() throws Exception {
        catalog.createNamespace(namespace, Map.of("property", "value"));
        assertEquals(Map.of("property", "value"), catalog.loadNamespaceMetadata(namespace));
        create(ident);
        assertEquals(Map.of("property", "value"), catalog.loadNamespaceMetadata(namespace));
    }
}
