package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Variants that Spark has shredded read the same here as in Spark. */
public class ShreddedVariantTest {
    private static final String TYPES = "i8 tinyint, i16 smallint, i int, l bigint, f float, d double, n9 decimal(9,2), n18 decimal(18,4), n38 decimal(38,10), b boolean, "
            + "t string, x binary, day date, at timestamp, ntz timestamp_ntz, xs array<int>, ys array<struct<p: int, q: string>>, o struct<a: string, b: struct<c: int>>";

    private static final String TYPED = "named_struct('i8', 1Y, 'i16', -2S, 'i', 300000, 'l', -5000000000L, 'f', CAST(1.5 AS FLOAT), 'd', -2.25D, 'n9', CAST(-1234567.89 AS DECIMAL(9,2)), "
            + "'n18', CAST(-12345678901234.5678 AS DECIMAL(18,4)), 'n38', CAST('-1234567890123456789012345678.0123456789' AS DECIMAL(38,10)), 'b', true, 't', 'täxt', 'x', X'00FF', "
            + "'day', DATE'1969-12-31', 'at', TIMESTAMP'2024-02-29 12:34:56.789012', 'ntz', TIMESTAMP_NTZ'1900-01-01 00:00:00.000001', 'xs', array(1, NULL, 3), "
            + "'ys', array(named_struct('p', 1, 'q', 'one'), named_struct('p', CAST(NULL AS INT), 'q', 'none')), 'o', named_struct('a', 'x', 'b', named_struct('c', 7)))";

    /** Objects that fit the schema, in part, and not at all, with more in them; what are no objects; nulls of both kinds. */
    private static final List<String> VALUES = List.of(
            "to_variant_object(" + TYPED + ")",
            "parse_json('{\"i\": 1, \"t\": \"x\", \"xs\": [1, 2], \"o\": {\"a\": \"y\"}}')",
            "parse_json('{\"i\": \"text\", \"t\": 17, \"xs\": {\"a\": []}, \"o\": [null], \"z\": {\"deep\": [1, {\"er\": 2.5}]}, \"a first\": 1}')",
            "parse_json('{\"xs\": [], \"ys\": [{\"p\": 1, \"r\": true}, 3, null], \"o\": {\"b\": {\"c\": \"no number\", \"more\": null}, \"also\": 1}}')",
            "parse_json('{\"xs\": [1, \"two\", null, [3]], \"d\": null, \"b\": false}')",
            "parse_json('{}')", "parse_json('[]')", "parse_json('null')", "parse_json('\"scalar\"')", "parse_json('123.45')", "CAST(NULL AS VARIANT)");

    private static Path shredded(String columns, String values) {
        Path table = freshPath("shredded");
        sql("CREATE TABLE delta.`" + table + "` (" + columns + ") USING delta TBLPROPERTIES ('delta.enableVariantShredding' = 'true')");
        insertShredded(table, TYPES, values);
        String stored = spark().read().parquet(table.toString()).inputFiles()[0];
        assertTrue(stored, footer(stored).contains("typed_value"));
        return table;
    }

    private static void insertShredded(Path table, String types, String values) {
        Map<String, String> settings = Map.of("spark.sql.variant.writeShredding.enabled", "true", "spark.sql.variant.forceShreddingSchemaForTest", types);
        settings.forEach((key, value) -> spark().conf().set(key, value));
        try {
            sql("INSERT INTO delta.`" + table + "` " + values);
        } finally {
            settings.keySet().forEach(spark().conf()::unset);
        }
    }

    private static String footer(String file) {
        try (var reader = org.apache.parquet.hadoop.ParquetFileReader.open(
                org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file), new org.apache.hadoop.conf.Configuration()))) {
            return reader.getFileMetaData().getSchema().toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String rows() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < VALUES.size(); i++) {
            rows.append(i == 0 ? "" : " UNION ALL ").append("SELECT ").append(i).append(" AS id, ").append(VALUES.get(i)).append(" AS v");
        }
        return rows.toString();
    }

    private static void assertSame(Path table, String... expressions) {
        // Spark has no interpreted way to put some types back together.
        spark().conf().set("spark.sql.codegen.factoryMode", "CODEGEN_ONLY");
        try {
            Dataset<Row> theirs = spark().read().format("delta").load(table.toString());
            assertEquals(theirs.selectExpr(expressions).sort("id").collectAsList(), sluice(table).selectExpr(expressions).sort("id").collectAsList());
        } finally {
            spark().conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
        }
    }

    @Test
    public void everyTypeAndEveryMisfit() {
        Path table = shredded("id INT, v VARIANT, s STRUCT<w: VARIANT, n: INT>",
                "SELECT id, v, if(id % 3 = 1, NULL, named_struct('w', v, 'n', id)) AS s FROM (" + rows() + ")");
        assertEquals(VALUES.size(), sluice(table).count());
        assertSame(table, "id", "to_json(v)", "schema_of_variant(v)", "is_variant_null(v)", "v IS NULL");
        assertSame(table, "id", "to_json(s.w)", "schema_of_variant(s.w)", "s.n", "s IS NULL");
        assertSame(table, "id", "try_variant_get(v, '$.xs[1]', 'int')", "try_variant_get(v, '$.o.b.c', 'string')", "try_variant_get(v, '$.at', 'timestamp')", "try_variant_get(v, '$.n38', 'decimal(38,10)')");
        assertEquals(1, sluice(table).where("try_variant_get(v, '$.i', 'int') = 1").count());
    }

    /** More rows than a batch, over files that are shredded, differently shredded and not shredded, with some rows deleted. */
    @Test
    public void filesOfEveryKindInOneTable() {
        Path table = shredded("id INT, v VARIANT", "SELECT CAST(id AS INT), parse_json(concat('{\"i\": ', id, ', \"t\": \"', repeat('x', CAST(id % 40 AS INT)), '\", \"u\": [', id, ']}')) FROM range(20000)");
        sql("INSERT INTO delta.`" + table + "` SELECT CAST(id AS INT), parse_json(concat('{\"i\": ', id, '}')) FROM range(20000, 20100)");
        insertShredded(table, "i string, u int", "SELECT CAST(id AS INT), parse_json(concat('{\"i\": ', if(id % 2 = 0, CAST(id AS STRING), '\"text\"'), ', \"u\": ', id, '}')) FROM range(30000, 30100)");
        sql("ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
        sql("DELETE FROM delta.`" + table + "` WHERE id % 7 = 3");
        assertSame(table, "id", "to_json(v)");
        sql("INSERT INTO " + byPath(table) + " VALUES (-1, parse_json('{\"i\": []}'))");
        assertSame(table, "id", "to_json(v)");
    }
}
