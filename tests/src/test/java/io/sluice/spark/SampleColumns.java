package io.sluice.spark;

import static io.sluice.spark.SparkFixture.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A column of every type Delta stores, each with the values that are easy to get wrong. */
public final class SampleColumns {
    /** @param type as in DDL */
    public record Column(String name, String type, List<String> values) {
        /** The source's type: char and varchar exist in tables only. */
        String sourceType() {
            return type.matches("(VAR)?CHAR.*") ? "STRING" : type;
        }

        boolean isText() {
            return sourceType().equals("STRING");
        }

        /** The value of row {@code id}; columns take turns at different lengths, so that combinations vary. */
        private String expression() {
            var typed = values.stream().map(v -> "CAST(" + v + " AS " + sourceType() + ")").collect(Collectors.joining(","));
            return "array(" + typed + ")[CAST(id % " + values.size() + " AS INT)] AS " + name;
        }
    }

    /** Text that breaks paths, encodings and comparisons; the last ones are longer than what statistics keep. */
    private static final List<String> STRINGS = texts("", "a b", "a/b", "100%41", "Zürich-東京", "\uD83D\uDE00", "x\\u0000y", "k=v:w#?&\\\\ \\t\\n",
            "__HIVE_DEFAULT_PARTITION__", ".hidden", "~", "m".repeat(40), "\uDBFF\uDFFF".repeat(33), "ÿ".repeat(31) + "\uFFFF\uFFFF");

    static final Column INVALID_UTF8 = column("c_text", "STRING", "CAST(X'61FF62' AS STRING)", "CAST(X'C328' AS STRING)",
            "CAST(X'EDA080' AS STRING)", "'fine'", "CAST(X'FFFFFF' AS STRING)", "NULL");

    public static final List<Column> FLAT = List.of(
            column("c_boolean", "BOOLEAN", "true", "false", "NULL"),
            column("c_byte", "TINYINT", "-128", "0", "NULL", "127"),
            column("c_short", "SMALLINT", "-32768", "NULL", "32767", "1", "0"),
            column("c_int", "INT", "-2147483648", "2147483647", "0", "NULL", "-1", "7"),
            column("c_long", "BIGINT", "CAST('-9223372036854775808' AS BIGINT)", "9223372036854775807", "NULL", "9007199254740993"),
            floats("c_float", "FLOAT", "1.4E-45", "3.4028235E38", "16777217"),
            floats("c_double", "DOUBLE", "4.9E-324", "1.7976931348623157E308", "9007199254740993"),
            column("c_dec9", "DECIMAL(9,2)", "9999999.99", "-9999999.99", "0", "NULL", "0.01"),
            column("c_dec18", "DECIMAL(18,6)", "999999999999.999999", "-999999999999.999999", "NULL", "-0.000001"),
            column("c_dec19", "DECIMAL(19,0)", "9999999999999999999BD", "NULL", "-9999999999999999999BD", "-1", "18446744073"),
            column("c_dec38", "DECIMAL(38,10)", "9999999999999999999999999999.9999999999BD", "NULL", "0",
                    "-9999999999999999999999999999.9999999999BD", "0.0000000001BD", "-255", "256"),
            new Column("c_string", "STRING", STRINGS),
            new Column("c_char", "CHAR(4)", texts("abcd", "  y ", "日本語x", "a%/b")),
            new Column("c_varchar", "VARCHAR(40)", texts("", "v", "with space", "w".repeat(40), "é/è%2F")),
            column("c_binary", "BINARY", "X''", "X'00'", "X'616263'", "NULL", "X'2F25'"),
            column("c_date", "DATE", "'0001-01-01'", "'1582-10-04'", "'1582-10-15'", "NULL", "'1969-12-31'", "'9999-12-31'", "'2024-02-29'"),
            column("c_timestamp", "TIMESTAMP", "'0001-01-03 00:00:00.000001Z'", "'1582-10-04 23:59:59.999999Z'", "NULL", "'1969-12-31 23:59:59.999999Z'",
                    "'2024-03-10 10:30:00.123456Z'", "'9999-12-29 23:59:59.999999Z'", "'2024-11-03 08:30:00Z'"));

    /** Bytes of every kind; Delta can keep them as data but not as a partition, whose values are text. */
    public static final List<Column> NESTED = List.of(
            INVALID_UTF8,
            column("c_bytes", "BINARY", "X'FF00FE'", "NULL", "X''", "repeat('\\u0000', 50)"),
            column("c_struct", "STRUCT<a: INT, b: STRING, c: STRUCT<d: DOUBLE, e: DATE>>", "NULL",
                    "named_struct('a', 1, 'b', 'x', 'c', named_struct('d', double('NaN'), 'e', date'1500-01-01'))",
                    "named_struct('a', NULL, 'b', NULL, 'c', NULL)",
                    "named_struct('a', NULL, 'b', '', 'c', named_struct('d', NULL, 'e', NULL))"),
            column("c_array", "ARRAY<STRING>", "NULL", "array()", "array(NULL)", "array('', NULL, '\uD83D\uDE00', 'x')"),
            column("c_matrix", "ARRAY<ARRAY<DECIMAL(20,3)>>", "array(array(1.5, NULL), NULL, array())", "NULL", "array()"),
            column("c_structs", "ARRAY<STRUCT<x: SMALLINT, y: ARRAY<TIMESTAMP>>>", "NULL",
                    "array(named_struct('x', 1, 'y', array(timestamp'1400-01-01 00:00:00Z', NULL)), NULL, named_struct('x', NULL, 'y', NULL))", "array()"),
            column("c_map", "MAP<STRING, INT>", "NULL", "map()", "map('', NULL, 'b', 2)", "map('z', 1, 'a', 2, 'm', 3)"),
            column("c_maps", "MAP<DATE, MAP<INT, STRUCT<f: FLOAT, g: BINARY>>>", "NULL",
                    "map(date'0001-01-01', map(1, named_struct('f', float('-0.0'), 'g', X''), 2, NULL), date'9999-12-31', NULL)", "map()"),
            column("c_keys", "MAP<STRUCT<k: INT, l: STRING>, ARRAY<BOOLEAN>>", "map(named_struct('k', 1, 'l', NULL), array(true, NULL))", "NULL"));

    public static final List<Column> NTZ = List.of(
            column("c_ntz", "TIMESTAMP_NTZ", "'0001-01-01 00:00:00.000001'", "'1582-10-10 12:00:00'", "'9999-12-31 23:59:59.999999'", "NULL", "'2024-03-10 02:30:00.5'"),
            column("c_ntzs", "STRUCT<n: ARRAY<TIMESTAMP_NTZ>>", "NULL", "named_struct('n', array(timestamp_ntz'2024-03-10 02:30:00', NULL))"));

    public static final List<Column> VARIANT = List.of(
            column("c_variant", "VARIANT", "parse_json('{\"a\": [1, null, \"x\"], \"b\": 1.5}')", "NULL", "parse_json('null')", "parse_json('\"\"')", "to_variant_object(array(1L))"),
            column("c_variants", "STRUCT<v: VARIANT, w: ARRAY<VARIANT>, x: MAP<STRING, VARIANT>>", "NULL",
                    "named_struct('v', parse_json('1'), 'w', array(NULL, parse_json('{}')), 'x', map('k', parse_json('[]'), 'l', NULL))",
                    "named_struct('v', NULL, 'w', NULL, 'x', NULL)"));

    private SampleColumns() {}

    /** Rows, and the same ones in parts. */
    public record Source(Dataset<Row> all, List<Dataset<Row>> parts) {}

    /** The columns with a unique {@code id} before them, in {@code count} parts of {@code rows} rows each. */
    public static Source parts(List<Column> columns, int count, int rows) {
        var expressions = columns.stream().map(Column::expression).collect(Collectors.joining(", "));
        var all = spark().range(0, (long) count * rows, 1, 1).selectExpr("id", "struct(" + expressions + ") AS c").select("id", "c.*").localCheckpoint();
        return new Source(all, IntStream.range(0, count).mapToObj(i -> all.where("id DIV " + rows + " = " + i)).toList());
    }

    public static String ddl(List<Column> columns) {
        return "id BIGINT, " + columns.stream().map(c -> c.name() + " " + c.type()).collect(Collectors.joining(", "));
    }

    private static Column column(String name, String type, String... values) {
        return new Column(name, type, List.of(values));
    }

    private static Column floats(String name, String type, String least, String greatest, String inexact) {
        var special = List.of("'NaN'", "'Infinity'", "'-Infinity'", "'-0.0'", "'0.0'", "NULL");
        var values = new ArrayList<>(special);
        values.addAll(List.of("'" + least + "'", "'" + greatest + "'", "'-" + greatest + "'", "'" + inexact + "'", "'0.1'"));
        return new Column(name, type, values);
    }

    /** SQL literals of texts, and NULL. */
    private static List<String> texts(String... texts) {
        var literals = new ArrayList<String>(List.of("NULL"));
        Arrays.stream(texts).forEach(text -> literals.add("'" + text + "'"));
        return literals;
    }
}
