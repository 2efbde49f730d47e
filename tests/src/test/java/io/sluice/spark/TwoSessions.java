package io.sluice.spark;

import static io.sluice.spark.SparkFixture.spark;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Two sessions over one built-in catalog: in the one it is ours, in the other delta-spark's. */
final class TwoSessions {
    private TwoSessions() {}

    private static final class Holder {
        static final SparkSession OURS = spark().newSession();

        static {
            OURS.conf().set("spark.sql.catalog.spark_catalog", SluiceSessionCatalog.class.getName());
            OURS.sql("SHOW TABLES"); // Loads the catalog that the active session names, once for all.
            SparkSession.setActiveSession(spark());
        }
    }

    static SparkSession ours() {
        return Holder.OURS;
    }

    static Dataset<Row> sql(String statement) {
        try {
            return ours().sql(statement);
        } finally {
            SparkSession.setActiveSession(spark());
        }
    }

    static Dataset<Row> delta(String statement) {
        return spark().sql(statement);
    }

    /** A table's rows as delta-spark reads them. */
    static List<String> rows(String table) {
        return sorted(delta("SELECT * FROM " + table));
    }

    static List<String> sorted(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    static String detail(String table, String field) {
        return delta("DESCRIBE DETAIL " + table).first().getAs(field).toString();
    }

    static String last(String table, String field) {
        return delta("DESCRIBE HISTORY " + table).first().getAs(field).toString();
    }

    static Path place(String table) {
        return Path.of(URI.create(detail(table, "location")));
    }
}
