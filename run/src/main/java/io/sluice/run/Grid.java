package io.sluice.run;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/** Rows laid out in columns, numbers to the right. */
record Grid(List<String> lines, boolean cut) {
    private static final int WIDEST = 80;

    static Grid of(Dataset<Row> data, int limit) {
        List<Row> rows = data.takeAsList(limit + 1);
        StructType schema = data.schema();
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of(schema.fieldNames()));
        rows.stream().limit(limit).forEach(row -> cells.add(cellsOf(row)));
        return new Grid(layOut(cells, schema), rows.size() > limit);
    }

    private static List<String> cellsOf(Row row) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            cells.add(text(row.get(i)));
        }
        return cells;
    }

    private static String text(Object value) {
        if (value == null) {
            return "";
        }
        String text = value instanceof Long || value instanceof Integer ? "%,d".formatted(value) : value.toString();
        return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 3) + "...";
    }

    private static List<String> layOut(List<List<String>> cells, StructType schema) {
        int columns = schema.size();
        int[] widths = new int[columns];
        for (List<String> row : cells) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return cells.stream().map(row -> layOut(row, widths, schema)).toList();
    }

    private static String layOut(List<String> row, int[] widths, StructType schema) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String sign = schema.apply(i).dataType() instanceof NumericType ? "" : "-";
            line.append(("%" + sign + Math.max(widths[i], 1) + "s  ").formatted(row.get(i)));
        }
        return line.toString().stripTrailing();
    }
}
