package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What Delta asks of a new table's schema, checked before anything is created. */
final class SchemaRules {
  private static final String INVALID_CHARACTERS = " ,;{}()\n\t=";

  private SchemaRules() {}

  /**
   * @param anyCharacters whether column mapping lets names hold any character
   * @throws InvalidInputException naming the columns
   */
  static void check(StructType schema, boolean anyCharacters) {
    List<String> names = new ArrayList<>();
    collect(schema, "", names);
    checkDuplicates(names);
    if (!anyCharacters) {
      checkCharacters(names);
    }
    checkNestedNotNull(schema, "", false);
  }

  /** Full names of all fields at every depth; elements, keys and values under Delta's names for them. */
  private static void collect(DataType type, String path, List<String> names) {
    if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        String name = field.name().contains(".") ? "`" + field.name() + "`" : field.name();
        names.add(path + name);
        collect(field.dataType(), path + name + ".", names);
      }
    } else if (type instanceof ArrayType array) {
      collect(array.elementType(), path + "element.", names);
    } else if (type instanceof MapType map) {
      collect(map.keyType(), path + "key.", names);
      collect(map.valueType(), path + "value.", names);
    }
  }

  private static void checkDuplicates(List<String> names) {
    Set<String> seen = new HashSet<>();
    Set<String> twice = new TreeSet<>();
    for (String name : names) {
      if (!seen.add(name.toLowerCase(Locale.ROOT))) {
        twice.add(name);
      }
    }
    if (!twice.isEmpty()) {
      throw invalid("DELTA_DUPLICATE_COLUMNS_FOUND",
          "use the same column name more than once, whatever its case: " + twice);
    }
  }

  private static void checkCharacters(List<String> names) {
    List<String> bad = names.stream()
        .filter(name -> name.chars().anyMatch(c -> INVALID_CHARACTERS.indexOf(c) >= 0))
        .toList();
    if (!bad.isEmpty()) {
      throw invalid("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "use the column names " + bad
          + ": they hold characters among ' ,;{}()\\n\\t='. Rename them, or set the table property "
          + "delta.columnMapping.mode=name");
    }
  }

  /** Inside arrays and maps nobody enforces NOT NULL, so Delta refuses the promise. */
  private static void checkNestedNotNull(DataType type, String path, boolean inCollection) {
    if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        String name = path.isEmpty() ? field.name() : path + "." + field.name();
        if (inCollection && !field.nullable()) {
          throw invalid("DELTA_NESTED_NOT_NULL_CONSTRAINT",
              "declare " + name + " NOT NULL: it lies within an array or map. Remove NOT NULL there");
        }
        checkNestedNotNull(field.dataType(), name, inCollection);
      }
    } else if (type instanceof ArrayType array) {
      checkNestedNotNull(array.elementType(), path + ".element", true);
    } else if (type instanceof MapType map) {
      checkNestedNotNull(map.keyType(), path + ".key", true);
      checkNestedNotNull(map.valueType(), path + ".value", true);
    }
  }

  private static RuntimeException invalid(String errorClass, String what) {
    return Unchecked.raise(new InvalidInputException(errorClass, "Cannot " + what, null));
  }
}
