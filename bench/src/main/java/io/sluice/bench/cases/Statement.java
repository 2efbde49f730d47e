package io.sluice.bench.cases;

import io.sluice.bench.data.Source;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A statement of DELETE, UPDATE or MERGE on lineitem rows.
 *
 * @param text with the table's name as {@code %s}
 * @param merged the rows that are merged in, as the view {@code merged}; null for none
 */
record Statement(String name, String described, String text, Merged merged) {
  private static final String ROW = "xxhash64(l_orderkey, l_linenumber)";
  private static final String MATCHED = "t.l_orderkey = s.l_orderkey AND t.l_linenumber = s.l_linenumber";
  /** Far above all keys. */
  private static final String NEW_KEYS = "l_orderkey + 1000000000000";

  /** The rows of a source that a MERGE is given, from those of the table. */
  @FunctionalInterface
  interface Merged {
    Dataset<Row> of(Dataset<Row> all);
  }

  /** All statements on {@code rows} rows. */
  static List<Statement> all(long rows) {
    long keys = rows / 7;
    return List.of(
        of("delete-1pct", "Deleting a hundredth of the rows, spread over all files", "DELETE FROM %s WHERE pmod(" + ROW + ", 100) = 0"),
        of("delete-range", "Deleting a twentieth of the rows, of neighbouring keys",
            "DELETE FROM %s WHERE l_orderkey BETWEEN " + keys / 2 + " AND " + (keys / 2 + keys / 20)),
        of("update-5pct", "Updating a twentieth of the rows, spread over all files",
            "UPDATE %s SET l_discount = 0.5, l_comment = 'updated' WHERE pmod(" + ROW + ", 20) = 0"),
        new Statement("merge-upsert", "Merging: a tenth updated, a tenth inserted",
            upsert(), all -> updates(all, 10).unionByName(inserts(all, 10))),
        new Statement("merge-small", "Merging 100 rows: half updated, half inserted", upsert(),
            all -> all.where("l_linenumber = 1").limit(50).unionByName(inserts(all.where("l_linenumber = 1").limit(50), 1))),
        new Statement("merge-insert-only", "Merging to insert a tenth, of which half is there",
            "MERGE INTO %s t USING merged s ON " + MATCHED + " WHEN NOT MATCHED THEN INSERT *",
            all -> updates(all, 20).unionByName(inserts(all, 20))));
  }

  private static Statement of(String name, String described, String text) {
    return new Statement(name, described, text, null);
  }

  private static String upsert() {
    return "MERGE INTO %s t USING merged s ON " + MATCHED + " WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *";
  }

  private static Dataset<Row> updates(Dataset<Row> all, int share) {
    return all.where("pmod(" + ROW + ", " + share + ") = 1").selectExpr(replacing(all, "l_comment", "'merged'"));
  }

  private static Dataset<Row> inserts(Dataset<Row> all, int share) {
    return all.where("pmod(" + ROW + ", " + share + ") = " + (share > 1 ? 2 : 0)).selectExpr(replacing(all, "l_orderkey", NEW_KEYS));
  }

  private static String[] replacing(Dataset<Row> all, String column, String value) {
    return Stream.of(all.columns()).map(name -> name.equals(column) ? value + " AS " + name : name).toArray(String[]::new);
  }

  /** The statement for a table; what it merges in is made a view of the session. */
  String sql(Lab lab, SparkSession session, Source source, String table) {
    if (merged != null) {
      merged.of(lab.read(source, session)).createOrReplaceTempView("merged");
    }
    return String.format(text, table);
  }
}
