package io.sluice.spark;

import static org.junit.Assert.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.unsafe.types.VariantVal;

/** Rows compared bit by bit: before Spark turns them into objects, which hides invalid text, NaN bits and old dates. */
public final class Rows {
    private Rows() {}

    /** The same rows, in whatever order, under the same column names and types. */
    public static void assertSame(String what, Dataset<Row> expected, Dataset<Row> actual) {
        assertEquals(what + ": columns", columns(expected), columns(actual));
        assertEquals(what, text(expected), text(actual));
    }

    private static String text(Dataset<Row> rows) {
        return String.join("\n", of(rows));
    }

    private static String columns(Dataset<Row> rows) {
        return Arrays.stream(rows.schema().fields()).map(f -> f.name() + " " + f.dataType().sql()).collect(Collectors.joining(", "));
    }

    /** Each row as a text that no other row has, sorted. */
    public static List<String> of(Dataset<Row> rows) {
        var schema = rows.schema();
        InternalRow[] collected = rows.queryExecution().executedPlan().executeCollect();
        return Arrays.stream(collected).map(row -> struct(row, schema)).sorted().toList();
    }

    /** The rows in which empty text and empty bytes of partition columns are null, as Delta stores them. */
    static Dataset<Row> emptyAsNull(Dataset<Row> rows, List<String> partitionColumns) {
        for (String name : partitionColumns) {
            if (rows.schema().apply(name).dataType().sql().matches("STRING|BINARY")) {
                var column = functions.col(name);
                rows = rows.withColumn(name, functions.when(functions.length(column).gt(0), column));
            }
        }
        return rows;
    }

    private static String struct(SpecializedGetters row, StructType type) {
        StructField[] fields = type.fields();
        return IntStream.range(0, fields.length)
                .mapToObj(i -> fields[i].name() + "=" + at(row, i, fields[i].dataType())).collect(Collectors.joining(" ", "{", "}"));
    }

    private static String at(SpecializedGetters values, int i, DataType type) {
        return values.isNullAt(i) ? "null" : value(values.get(i, type), type);
    }

    private static String value(Object value, DataType type) {
        if (value instanceof UTF8String text) {
            return "'" + new String(text.getBytes(), StandardCharsets.ISO_8859_1) + "'";
        } else if (value instanceof byte[] bytes) {
            return "X" + HexFormat.of().formatHex(bytes);
        } else if (value instanceof Float number) {
            return number + "f" + Integer.toHexString(Float.floatToRawIntBits(number));
        } else if (value instanceof Double number) {
            return number + "d" + Long.toHexString(Double.doubleToRawLongBits(number));
        } else if (value instanceof VariantVal variant) {
            var hex = HexFormat.of();
            return "V" + hex.formatHex(variant.getValue()) + "/" + hex.formatHex(variant.getMetadata());
        } else if (value instanceof MapData map) {
            var entries = (MapType) type;
            return "map" + list(map.keyArray(), entries.keyType()) + list(map.valueArray(), entries.valueType());
        } else if (value instanceof ArrayData array) {
            return list(array, ((ArrayType) type).elementType());
        } else if (value instanceof InternalRow row) {
            return struct(row, (StructType) type);
        }
        return value.toString();
    }

    private static String list(ArrayData array, DataType element) {
        return IntStream.range(0, array.numElements()).mapToObj(i -> at(array, i, element)).collect(Collectors.joining(",", "[", "]"));
    }
}
