package io.sluice.spark;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Predicates on every column of a table, about the values that are there: each of them a scan might decide wrongly. */
final class Predicates {
    private static final List<String> COMPARISONS = List.of("=", "<>", "<", "<=", ">", ">=", "<=>");
    /** Values of a column that are compared with. */
    private static final int VALUES = 4;

    private final Random random;
    private final List<String> made = new ArrayList<>();

    private Predicates(long seed) {
        this.random = new Random(seed);
    }

    /** A choice of {@code count} predicates on single columns and as many mixes of them; the same for the same seed. */
    static List<String> of(Dataset<Row> rows, long seed, int count) {
        var predicates = new Predicates(seed);
        for (StructField field : rows.schema().fields()) {
            predicates.add(rows, quoted(field.name()), field.dataType());
        }
        return predicates.choose(count);
    }

    private List<String> choose(int count) {
        java.util.Collections.shuffle(made, random);
        var chosen = new ArrayList<>(made.subList(0, Math.min(count, made.size())));
        for (int i = 0; i < count; i++) {
            chosen.add(mix(2));
        }
        return chosen;
    }

    private String mix(int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return made.get(random.nextInt(made.size()));
        }
        return switch (random.nextInt(5)) {
            case 0 -> "NOT (" + mix(depth - 1) + ")";
            case 1, 2 -> "(" + mix(depth - 1) + " AND " + mix(depth - 1) + ")";
            default -> "(" + mix(depth - 1) + " OR " + mix(depth - 1) + ")";
        };
    }

    private void add(Dataset<Row> rows, String column, DataType type) {
        made.add(column + " IS NULL");
        made.add(column + " IS NOT NULL");
        if (type instanceof StructType struct) {
            for (StructField field : struct.fields()) {
                add(rows, column + "." + quoted(field.name()), field.dataType());
            }
        } else if (type instanceof ArrayType || type instanceof MapType) {
            made.add("size(" + column + ") > 0");
        } else if (!type.equals(DataTypes.NullType) && !type.typeName().equals("variant")) {
            compare(column, literals(rows, column, type), type);
        }
    }

    private void compare(String column, List<String> values, DataType type) {
        if (type.equals(DataTypes.BooleanType)) {
            made.add(column);
            made.add("NOT " + column);
        }
        for (String value : values) {
            for (String comparison : COMPARISONS) {
                made.add(column + " " + comparison + " " + value);
            }
            made.add("NOT " + value + " <=> " + column);
        }
        made.add(column + " IN (" + String.join(", ", values) + ")");
        made.add(column + " NOT IN (" + String.join(", ", values) + ")");
        if (values.size() > 1) {
            made.add(column + " BETWEEN " + values.get(0) + " AND " + values.get(1));
            made.add(column + " IN (" + values.get(0) + ", NULL)");
        }
        if (type instanceof StringType) {
            for (String value : values) {
                made.add("startswith(" + column + ", left(" + value + ", " + random.nextInt(3) + "))");
            }
            made.add(column + " LIKE '%a%'");
        }
    }

    /** Some of the values, as SQL. */
    private List<String> literals(Dataset<Row> rows, String column, DataType type) {
        var texts = new TreeSet<String>();
        for (InternalRow row : rows.selectExpr(column).queryExecution().executedPlan().executeCollect()) {
            if (!row.isNullAt(0)) {
                texts.add(literal(row.get(0, type), type));
            }
        }
        if (type instanceof DoubleType || type instanceof FloatType) {
            texts.addAll(List.of(number("0.0", type), number("-0.0", type), number("NaN", type)));
        }
        var values = new ArrayList<>(texts);
        java.util.Collections.shuffle(values, random);
        return values.isEmpty() ? List.of("CAST(NULL AS " + type.sql() + ")") : values.subList(0, Math.min(VALUES, values.size()));
    }

    private static String literal(Object value, DataType type) {
        if (value instanceof UTF8String text) {
            return text.isValid() ? new Literal(text, DataTypes.StringType).sql() : "CAST(X'" + HexFormat.of().formatHex(text.getBytes()) + "' AS STRING)";
        } else if (type instanceof BinaryType) {
            return "X'" + HexFormat.of().formatHex((byte[]) value) + "'";
        } else if (type instanceof DoubleType || type instanceof FloatType) {
            return number(value.toString(), type);
        }
        return "CAST(" + new Literal(value, type).sql() + " AS " + type.sql() + ")";
    }

    private static String number(String value, DataType type) {
        return "CAST('" + value + "' AS " + type.sql() + ")";
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }
}
