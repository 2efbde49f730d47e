package io.sluice.spark.table;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VarcharType;

/**
 * CHAR and VARCHAR within structs, arrays and maps. Delta has strings there, and Spark remembers the limits of all of
 * them in one text at the top-level column, by names.
 */
public final class NestedLimits {
  private static final Set<String> PARTS = Set.of("element", "key", "value");

  private NestedLimits() {}

  /**
   * A type as it is stored, with the limits that the remembered one has for its strings.
   *
   * @param remembered may be of before fields were added, dropped, renamed or widened
   */
  static DataType in(DataType stored, DataType remembered) {
    if (stored instanceof StructType struct && remembered instanceof StructType old) {
      return new StructType(Arrays.stream(struct.fields()).map(field -> in(field, old)).toArray(StructField[]::new));
    } else if (stored instanceof ArrayType array && remembered instanceof ArrayType old) {
      return new ArrayType(in(array.elementType(), old.elementType()), array.containsNull());
    } else if (stored instanceof MapType map && remembered instanceof MapType old) {
      return new MapType(
          in(map.keyType(), old.keyType()), in(map.valueType(), old.valueType()), map.valueContainsNull());
    }
    return stored instanceof StringType && isLimited(remembered) ? remembered : stored;
  }

  private static StructField in(StructField field, StructType old) {
    return field(old, field.name())
        .map(found -> new StructField(field.name(), in(field.dataType(), found.dataType()), field.nullable(), field.metadata()))
        .orElse(field);
  }

  /**
   * Checks that a change leaves the limits where they are remembered.
   *
   * @param schema as Spark is shown it
   * @throws InvalidInputException for one that sets, moves, drops or lifts a limit within a column
   */
  public static void check(String table, StructType schema, TableChange.ColumnChange change) {
    List<String> path = List.of(change.fieldNames());
    if (path.size() > 1 && touches(schema, path, change)) {
      throw Unchecked.raise(new InvalidInputException("DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP", "Cannot alter column "
          + String.join(".", path) + " of table " + table + ": the length of a CHAR or VARCHAR within another column is "
          + "recorded with that one as a whole. Use STRING, or replace the table", null));
    }
  }

  private static boolean touches(StructType schema, List<String> path, TableChange.ColumnChange change) {
    boolean hasLimits = at(schema, path).map(NestedLimits::hasLimits).orElse(false);
    if (change instanceof TableChange.AddColumn add) {
      return hasLimits(add.dataType());
    } else if (change instanceof TableChange.UpdateColumnType type) {
      // The type of an element, key or value is changed with the collection's.
      boolean isPart = PARTS.contains(path.get(path.size() - 1).toLowerCase(Locale.ROOT));
      List<String> changed = isPart ? path.subList(0, path.size() - 1) : path;
      return hasLimits(type.newDataType()) || at(schema, changed).map(NestedLimits::hasLimits).orElse(false);
    }
    return hasLimits && (change instanceof TableChange.RenameColumn || change instanceof TableChange.DeleteColumn);
  }

  private static boolean isLimited(DataType type) {
    return type instanceof CharType || type instanceof VarcharType;
  }

  static boolean hasLimits(DataType type) {
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields()).anyMatch(field -> hasLimits(field.dataType()));
    } else if (type instanceof ArrayType array) {
      return hasLimits(array.elementType());
    } else if (type instanceof MapType map) {
      return hasLimits(map.keyType()) || hasLimits(map.valueType());
    }
    return isLimited(type);
  }

  /** The type at a path as Spark writes it: with {@code element}, {@code key} and {@code value} for collections. */
  private static Optional<DataType> at(DataType type, List<String> path) {
    if (path.isEmpty()) {
      return Optional.of(type);
    }
    List<String> rest = path.subList(1, path.size());
    String name = path.get(0);
    if (type instanceof StructType struct) {
      return field(struct, name).flatMap(field -> at(field.dataType(), rest));
    } else if (type instanceof ArrayType array && name.equalsIgnoreCase("element")) {
      return at(array.elementType(), rest);
    } else if (type instanceof MapType map && name.equalsIgnoreCase("key")) {
      return at(map.keyType(), rest);
    } else if (type instanceof MapType map && name.equalsIgnoreCase("value")) {
      return at(map.valueType(), rest);
    }
    return Optional.empty();
  }

  private static Optional<StructField> field(StructType struct, String name) {
    return Arrays.stream(struct.fields()).filter(field -> field.name().equalsIgnoreCase(name)).findFirst();
  }
}
