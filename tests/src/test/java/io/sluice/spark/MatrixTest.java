package io.sluice.spark;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.history;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.jni.NativeControl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.After;
import org.junit.BeforeClass;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;

/**
 * Every type × layout × column mapping × table feature × creator × entry point × time zone × codec, pairwise: each
 * table gets 13 appends, so that a checkpoint is crossed, and delta-spark reads it back from that checkpoint on.
 */
@RunWith(Parameterized.class)
public class MatrixTest {
    private static final int APPENDS = 13;
    private static final int ROWS = 3;

    /** Partition columns, together every type that may partition; none; and clustering. */
    private static final List<List<String>> LAYOUTS = List.of(
            List.of(), List.of("CLUSTER BY", "id", "c_string", "c_timestamp"),
            List.of("c_boolean", "c_date"), List.of("c_byte", "c_string"), List.of("c_short", "c_dec9", "c_timestamp"),
            List.of("c_int", "c_varchar", "c_dec38"), List.of("c_long", "c_ntz"), List.of("c_float", "c_binary", "c_dec18"),
            List.of("c_double", "c_char", "c_dec19"));

    enum Mapping { none, name, id }
    enum Creator { OURS, CTAS, DELTA }
    enum Entry { WRITE_TO, INSERT, SAVE }
    enum Types { PLAIN, NTZ, VARIANT }

    private static final List<String> ZONES = List.of("UTC", "America/Los_Angeles", "Asia/Kathmandu");
    private static final List<String> CODECS = List.of("zstd", "snappy", "gzip");
    /** Pairs, of which a table has the first, the second or both. */
    private static final List<List<String>> FEATURES = List.of(
            List.of("delta.enableDeletionVectors", "delta.enableChangeDataFeed"),
            List.of("delta.enableRowTracking", "delta.enableInCommitTimestamps"),
            List.of("delta.checkpointPolicy", "delta.appendOnly"),
            List.of("delta.enableTypeWidening", "DEFAULT"));

    private static final int AXES = 9;

    /** One of 27 tables: (a, b) picks the layout, and c + i·a + j·b (mod 3) each other axis, which covers all pairs. */
    record Case(int number) {
        int layout() {
            return number / 3;
        }

        int level(int axis) {
            int a = number / 9;
            int b = number / 3 % 3;
            return (number + axis / 3 * a + axis % 3 * b) % 3;
        }

        Mapping mapping() {
            return Mapping.values()[level(0)];
        }

        Creator creator() {
            return Creator.values()[level(1)];
        }

        Entry entry() {
            return Entry.values()[level(2)];
        }

        Types types() {
            return layoutColumns().contains("c_ntz") ? Types.NTZ : Types.values()[level(3)];
        }

        List<String> layoutColumns() {
            return LAYOUTS.get(layout());
        }

        boolean clustered() {
            return layoutColumns().contains("CLUSTER BY");
        }

        List<String> partitionColumns() {
            return clustered() ? List.of() : layoutColumns();
        }

        List<String> features() {
            return IntStream.range(0, FEATURES.size()).boxed().flatMap(pair -> {
                int level = level(5 + pair);
                return FEATURES.get(pair).stream().filter(f -> level == 2 || f.equals(FEATURES.get(pair).get(level)));
            }).toList();
        }

        String zone() {
            return ZONES.get(level(4));
        }

        String codec() {
            return CODECS.get(level(4));
        }

        @Override
        public String toString() {
            return number + " " + String.join("+", layoutColumns()) + " " + mapping() + " " + creator() + " " + entry() + " "
                    + types() + " " + zone() + " " + features();
        }
    }

    @Parameterized.Parameters(name = "{0}")
    public static List<Case> cases() {
        return IntStream.range(0, 27).mapToObj(Case::new).toList();
    }

    private static final Map<Types, SampleColumns.Source> SOURCES = new HashMap<>();

    private final Case test;
    private final Path path;
    private final String name;

    public MatrixTest(Case test) {
        this.test = test;
        String table = "t" + test.number();
        this.path = SparkFixture.warehouse().resolve("matrix").resolve(table);
        this.name = "lake.matrix." + table;
    }

    @After
    public void resetZone() {
        spark().conf().set("spark.sql.session.timeZone", "UTC");
    }

    @Test
    public void readBackEqual() throws Exception {
        var source = SOURCES.computeIfAbsent(test.types(), types -> SampleColumns.parts(columns(), APPENDS, ROWS));
        spark().conf().set("spark.sql.session.timeZone", test.zone());
        int first = create(source.parts().get(0));
        for (Dataset<Row> part : source.parts().subList(first, APPENDS)) {
            append(part);
        }
        resetZone();
        assertEquals("maintenance left", 0, NativeControl.awaitMaintenance(60_000));
        checkHistory();
        forgetJsonBeforeCheckpoint();
        Dataset<Row> read = delta(path);
        Dataset<Row> expected = Rows.emptyAsNull(source.all(), test.partitionColumns());
        Rows.assertSame(test.toString(), expected, read);
        Rows.assertSame(test + ", read by us", expected, spark().table(byPath(path)));
        checkSkipping(read);
    }

    @BeforeClass
    public static void everyPairOfLevelsOccurs() {
        for (int one = 0; one < AXES; one++) {
            for (int two = 0; two < AXES; two++) {
                var pairs = new HashSet<List<Integer>>();
                var withLayout = new HashSet<List<Integer>>();
                for (Case c : cases()) {
                    pairs.add(List.of(c.level(one), c.level(two)));
                    withLayout.add(List.of(c.level(one), c.layout()));
                }
                assertEquals(one + " × " + two, one == two ? 3 : 9, pairs.size());
                assertEquals(one + " × layout", 27, withLayout.size());
            }
        }
    }

    private List<SampleColumns.Column> columns() {
        var columns = new ArrayList<>(SampleColumns.FLAT);
        columns.addAll(SampleColumns.NESTED);
        columns.addAll(test.types() == Types.NTZ ? SampleColumns.NTZ : test.types() == Types.VARIANT ? SampleColumns.VARIANT : List.of());
        return columns;
    }

    /** Creates the table and returns how many of the parts it holds. */
    private int create(Dataset<Row> first) {
        String layout = layoutClause();
        String properties = " TBLPROPERTIES (" + properties() + ")";
        switch (test.creator()) {
            case OURS -> sql("CREATE TABLE " + name + " (" + SampleColumns.ddl(columns()) + ")" + layout + properties);
            case CTAS -> {
                first.createOrReplaceTempView("first_part");
                sql("CREATE TABLE " + name + layout + properties + " AS SELECT * FROM first_part");
                return 1;
            }
            case DELTA -> {
                String ddl = SampleColumns.ddl(columns());
                String typed = hasDefaults() ? ddl.replace("c_int INT,", "c_int INT DEFAULT 42,") : ddl;
                sql("CREATE TABLE delta.`" + path + "` (" + typed + ") USING delta" + layout + properties);
            }
        }
        return 0;
    }

    private boolean hasDefaults() {
        return test.features().contains("DEFAULT");
    }

    private String layoutClause() {
        if (test.clustered()) {
            return " CLUSTER BY (" + String.join(", ", test.layoutColumns().subList(1, test.layoutColumns().size())) + ")";
        }
        return test.layoutColumns().isEmpty() ? "" : " PARTITIONED BY (" + String.join(", ", test.layoutColumns()) + ")";
    }

    private String properties() {
        var properties = new HashMap<String, String>();
        properties.put("delta.columnMapping.mode", test.mapping().name());
        for (String feature : test.features()) {
            if (feature.equals("DEFAULT")) {
                if (test.creator() == Creator.DELTA) {
                    properties.put("delta.feature.allowColumnDefaults", "supported");
                }
            } else {
                properties.put(feature, feature.equals("delta.checkpointPolicy") ? "v2" : "true");
            }
        }
        return properties.entrySet().stream().map(p -> "'" + p.getKey() + "' = '" + p.getValue() + "'").collect(Collectors.joining(", "));
    }

    private void append(Dataset<Row> part) throws Exception {
        String target = test.creator() == Creator.DELTA ? byPath(path) : name;
        switch (test.entry()) {
            case WRITE_TO -> part.writeTo(target).option("compression", test.codec()).append();
            case INSERT -> {
                part.createOrReplaceTempView("part");
                sql("INSERT INTO " + target + " SELECT * FROM part");
            }
            case SAVE -> part.write().format("sluice").mode("append").option("compression", test.codec()).save(path.toString());
        }
    }

    private void checkHistory() throws Exception {
        List<Row> history = history(path);
        int creates = test.creator() == Creator.CTAS ? 0 : 1;
        assertEquals(APPENDS + creates, history.size());
        long files = 0;
        long bytes = 0;
        for (Row commit : history.subList(creates, history.size())) {
            Map<String, String> metrics = commit.getJavaMap(commit.fieldIndex("operationMetrics"));
            assertEquals("version " + commit.getAs("version"), String.valueOf(ROWS), metrics.get("numOutputRows"));
            files += Long.parseLong(metrics.get("numFiles"));
            bytes += Long.parseLong(metrics.get("numOutputBytes"));
        }
        var detail = sql("DESCRIBE DETAIL delta.`" + path + "`").select("numFiles", "sizeInBytes").first();
        assertEquals(detail.getLong(0), files);
        assertEquals(detail.getLong(1), bytes);
    }

    /** What is left is readable only if the checkpoint holds all that the commits before it said. */
    private void forgetJsonBeforeCheckpoint() throws Exception {
        Path log = path.resolve("_delta_log");
        List<String> names;
        try (var files = Files.list(log)) {
            names = files.map(f -> f.getFileName().toString()).toList();
        }
        String checkpoint = "%020d.checkpoint".formatted(10);
        assertTrue("no checkpoint in " + names, names.stream().anyMatch(n -> n.startsWith(checkpoint)));
        for (String version : names) {
            if (version.matches("\\d{20}\\.(json|crc)") && version.compareTo(checkpoint) < 0) {
                Files.delete(log.resolve(version));
            }
        }
        assertTrue("no checksum of the last version", Files.exists(log.resolve("%020d.crc".formatted(APPENDS - (test.creator() == Creator.CTAS ? 1 : 0)))));
        DeltaLog.clearCache();
    }

    private void checkSkipping(Dataset<Row> read) {
        String last = "id >= " + (APPENDS - 1) * ROWS;
        int opened = read.where(last).inputFiles().length;
        assertTrue(last + " opened " + opened, opened >= 1 && opened <= ROWS);
        assertTrue("all files", read.inputFiles().length >= APPENDS);
    }
}
