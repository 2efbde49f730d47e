package io.sluice.spark.write;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.LiteralValue;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * CHAR columns in the conditions of overwrites: stored values have their spaces, and Spark gives them to the literals of
 * reads and deletes only.
 */
final class CharPadding {
  private static final UTF8String SPACE = UTF8String.fromString(" ");

  private final Map<String, Integer> lengths = new TreeMap<>();

  /** @param columns of the table, with char as a type; null if there is none */
  CharPadding(StructType columns) {
    for (StructField field : columns == null ? new StructField[0] : columns.fields()) {
      if (field.dataType() instanceof CharType text) {
        lengths.put(field.name(), text.length());
      }
    }
  }

  /** The same predicate, its literals beside CHAR columns as long as these. */
  Predicate padded(Predicate predicate) {
    return lengths.isEmpty() ? predicate : (Predicate) paddedParts(predicate);
  }

  private Expression paddedParts(Expression expression) {
    if (!(expression instanceof Predicate predicate)) {
      return expression;
    }
    int length = Arrays.stream(predicate.children())
        .filter(NamedReference.class::isInstance)
        .map(column -> String.join(".", ((NamedReference) column).fieldNames()))
        .mapToInt(name -> lengths.getOrDefault(name, 0))
        .max()
        .orElse(0);
    Expression[] children = Arrays.stream(predicate.children())
        .map(child -> child instanceof Literal<?> literal ? padded(literal, length) : paddedParts(child))
        .toArray(Expression[]::new);
    return new Predicate(predicate.name(), children);
  }

  private static Literal<?> padded(Literal<?> literal, int length) {
    boolean isShort = literal.value() instanceof UTF8String text && text.numChars() < length;
    return isShort
        ? new LiteralValue<>(((UTF8String) literal.value()).rpad(length, SPACE), DataTypes.StringType)
        : literal;
  }
}
