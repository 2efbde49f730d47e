package io.sluice.spark.everyday;

import io.sluice.spark.SluiceSessionCatalog;
import io.sluice.spark.SparkFixture;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What the suites of everyday use share, which every supported Spark runs: a session with Spark's own settings, in which both
 * `lake` and the built-in catalog are ours.
 */
final class Everyday {
    private Everyday() {}

    private static final class Holder {
        static final SparkSession SESSION = start();

        private static SparkSession start() {
            SparkSession session = SparkFixture.spark().newSession();
            session.conf().set("spark.sql.catalog.spark_catalog", SluiceSessionCatalog.class.getName());
            session.conf().set("spark.sql.codegen.wholeStage", "true");
            session.conf().set("spark.sql.codegen.factoryMode", "FALLBACK");
            try {
                session.sql("CREATE NAMESPACE lake.everyday");
                session.sql("SHOW TABLES"); // Loads the catalog that the active session names, once for all.
            } finally {
                SparkSession.setActiveSession(SparkFixture.spark());
            }
            return session;
        }
    }

    static SparkSession session() {
        return Holder.SESSION;
    }

    static Dataset<Row> sql(String statement) {
        try {
            return session().sql(statement);
        } finally {
            SparkSession.setActiveSession(SparkFixture.spark());
        }
    }

    /** Whether the running Spark is of this line or a later one: {@code since("4.1")}. */
    static boolean since(String line) {
        return Arrays.compare(numbers(session().version()), numbers(line)) >= 0;
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("\\D+")).limit(2).mapToInt(Integer::parseInt).toArray();
    }

    /** A table that is yet to be made: its name, and where it will lie. */
    record Table(String name, Path path) {
        /** Made with these columns, and what more the statement is to say. */
        Table create(String columns, String more) {
            sql("CREATE TABLE " + name + " (" + columns + ") USING delta " + more);
            return this;
        }

        Dataset<Row> read() {
            return session().table(name);
        }

        /** As Sluice reads it, which must be what the other reader finds at its path. */
        List<String> rows() {
            List<String> rows = sorted(read());
            assertStored(rows);
            return rows;
        }

        private void assertStored(List<String> rows) {
            List<String> stored = sorted(SparkFixture.delta(path));
            if (!stored.equals(rows)) {
                throw new AssertionError(name + " holds " + stored + " and is read as " + rows);
            }
        }
    }

    /** A new name in each catalog. */
    static List<Table> tables(String prefix) {
        return List.of(lake(prefix), builtIn(prefix));
    }

    static Table lake(String prefix) {
        String name = SparkFixture.freshName(prefix);
        return new Table("lake.everyday." + name, SparkFixture.warehouse().resolve("everyday").resolve(name));
    }

    private static Table builtIn(String prefix) {
        String name = SparkFixture.freshName(prefix);
        String warehouse = session().conf().get("spark.sql.warehouse.dir").replaceFirst("^file:", "");
        return new Table("spark_catalog.default." + name, Path.of(warehouse).resolve(name));
    }

    static List<String> sorted(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Everyday::text).sorted().toList();
    }

    private static String text(Row row) {
        return IntStream.range(0, row.size()).mapToObj(row::get)
                .map(value -> value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value))
                .collect(Collectors.joining(",", "[", "]"));
    }

    static List<String> rows(String query) {
        return sorted(sql(query));
    }

    /** What SHOW or DESCRIBE says, its rows as text one after the other. */
    static String said(String statement) {
        return sql(statement).collectAsList().toString();
    }
}
