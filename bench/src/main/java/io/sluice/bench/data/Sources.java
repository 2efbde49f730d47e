package io.sluice.bench.data;

import static org.apache.spark.sql.functions.expr;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The inputs. A value is a hash of its row's id and a number of its column: random in look, the same in every run. */
public final class Sources {
  private static final String WORDS = "array('furiously','carefully','quickly','blithely','slyly','final','special',"
      + "'regular','express','pending','ironic','bold','even','silent','unusual','deposits','requests','accounts',"
      + "'packages','instructions','theodolites','foxes','pinto','beans','dependencies','platelets','excuses','asymptotes',"
      + "'sleep','haggle','nag','wake','cajole','detect','integrate','boost','among','above','along','across')";

  private Sources() {}

  /** TPC-H's lineitem in shape: 16 columns of its types, value ranges and cardinalities. */
  public static Source lineitem(long rows) {
    return generated("lineitem", "lineitem-like, 16 columns", rows,
        "id div 7 + 1 AS l_orderkey",
        below(1, Math.max(1, rows / 30)) + " + 1 AS l_partkey",
        below(2, Math.max(1, rows / 600)) + " + 1 AS l_suppkey",
        "CAST(id % 7 + 1 AS INT) AS l_linenumber",
        "CAST(" + below(3, 50) + " + 1 AS DECIMAL(15,2)) AS l_quantity",
        "CAST((" + below(3, 50) + " + 1) * (90000 + " + below(1, 120001) + ") / 100 AS DECIMAL(15,2)) AS l_extendedprice",
        "CAST(" + below(4, 11) + " / 100 AS DECIMAL(15,2)) AS l_discount",
        "CAST(" + below(5, 9) + " / 100 AS DECIMAL(15,2)) AS l_tax",
        oneOf(6, "array('R','A','N')") + " AS l_returnflag",
        oneOf(7, "array('O','F')") + " AS l_linestatus",
        day(8, 0) + " AS l_shipdate",
        day(8, 30) + " AS l_commitdate",
        "date_add(" + day(8, 0) + ", CAST(" + below(9, 30) + " + 1 AS INT)) AS l_receiptdate",
        oneOf(10, "array('DELIVER IN PERSON','COLLECT COD','NONE','TAKE BACK RETURN')") + " AS l_shipinstruct",
        oneOf(11, "array('REG AIR','AIR','RAIL','SHIP','TRUCK','MAIL','FOB')") + " AS l_shipmode",
        "substring(" + words(12, 5) + ", 1, CAST(10 + " + below(13, 34) + " AS INT)) AS l_comment");
  }

  /** 200 columns of six types. */
  public static Source wide(long rows) {
    List<String> columns = new ArrayList<>();
    for (int c = 0; c < 200; c++) {
      columns.add(switch (c % 10) {
        case 0, 1, 2 -> "CAST(" + below(c, 10L << (c % 20)) + " AS INT)";
        case 3, 4 -> "xxhash64(id, " + c + ")";
        case 5, 6 -> below(c, 1_000_000) + " / 1000D";
        case 7 -> oneOf(c, WORDS);
        case 8 -> day(c, 0);
        default -> "CAST(" + below(c, 1_000_000) + " / 100 AS DECIMAL(15,2))";
      } + " AS c" + c);
    }
    return generated("wide", "200 columns of 6 types", rows, columns.toArray(String[]::new));
  }

  /** Arrays of up to six structs that hold structs. */
  public static Source nested(long rows) {
    return generated("nested", "array of structs of structs", rows,
        "id",
        "transform(slice(array(1,2,3,4,5,6), 1, CAST(" + below(1, 7) + " AS INT)), i -> named_struct("
            + "'sku', CAST(pmod(xxhash64(id, i), 100000) AS INT),"
            + "'name', element_at(" + WORDS + ", CAST(pmod(xxhash64(id, i, 2), 40) + 1 AS INT)),"
            + "'price', CAST(pmod(xxhash64(id, i, 3), 100000) / 100 AS DECIMAL(10,2)),"
            + "'place', named_struct('x', pmod(xxhash64(id, i, 4), 3600) / 10D, 'y', pmod(xxhash64(id, i, 5), 1800) / 10D)"
            + ")) AS items");
  }

  /** Two texts a row, of about 100 and 800 characters. */
  public static Source strings(long rows) {
    return generated("strings", "texts of 100 and 800 characters", rows,
        "id", words(1, 14) + " AS title",
        "array_join(transform(sequence(1, 110), i -> element_at(" + WORDS
            + ", CAST(pmod(xxhash64(id, i), 40) + 1 AS INT))), ' ') AS body");
  }

  /** Decimals of every physical width. */
  public static Source decimals(long rows) {
    return generated("decimals", "decimals of 5 to 38 digits", rows,
        "CAST(" + below(1, 100_000) + " / 100 AS DECIMAL(5,2)) AS d5",
        "CAST(" + below(2, 1_000_000_000) + " / 100 AS DECIMAL(9,2)) AS d9",
        "CAST(" + below(3, 1_000_000_000_000L) + " / 100 AS DECIMAL(12,2)) AS d12",
        "CAST(" + below(4, 100_000_000_000_000_000L) + " / 10000 AS DECIMAL(18,4)) AS d18",
        "CAST(xxhash64(id, 5) AS DECIMAL(25,6)) AS d25",
        "CAST(CAST(xxhash64(id, 6) AS DECIMAL(19,0)) * CAST(" + below(7, 100_000_000)
            + " AS DECIMAL(9,0)) AS DECIMAL(38,10)) AS d38");
  }

  /** A key of 1,000 values in no order: every task sees every partition. */
  public static Source partitioned(long rows) {
    return generated("partitioned", "1,000 partitions, unsorted", rows,
        "CAST(" + below(1, 1000) + " AS INT) AS part", "id",
        "CAST(" + below(2, 100_000) + " / 100 AS DECIMAL(15,2)) AS price", day(3, 0) + " AS day",
        oneOf(4, WORDS) + " AS word", words(5, 4) + " AS comment");
  }

  /** There are three million; fewer rows take the first of them. */
  public static Source flights(long rows) {
    long some = Math.min(rows, 3_000_000);
    return new Source("flights", "real data: flights", some, (spark, data, files) -> Flights.rows(spark, data, some, files));
  }

  private static Source generated(String name, String described, long rows, String... columns) {
    Column[] selected = Stream.of(columns).map(column -> expr(column)).toArray(Column[]::new);
    return new Source(name, described, rows,
        (spark, data, files) -> spark.range(0, rows, 1, files).toDF().select(selected));
  }

  private static String below(int column, long bound) {
    return "pmod(xxhash64(id, " + column + "), " + bound + "L)";
  }

  private static String oneOf(int column, String array) {
    return "element_at(" + array + ", CAST(pmod(xxhash64(id, " + column + "), size(" + array + ")) + 1 AS INT))";
  }

  private static String day(int column, int spread) {
    String later = spread == 0 ? "0" : below(column + 100, spread);
    return "date_add(DATE'1992-01-02', CAST(" + below(column, 2526) + " + " + later + " AS INT))";
  }

  private static String words(int column, int count) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add(oneOf(column * 1000 + i, WORDS));
    }
    return "concat_ws(' ', " + String.join(", ", words) + ")";
  }
}
