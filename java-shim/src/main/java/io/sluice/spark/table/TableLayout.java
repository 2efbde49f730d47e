package io.sluice.spark.table;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.UnsupportedTableException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.session.Caller;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.connector.expressions.ClusterByTransform;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.VariantType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How a table's rows are laid out: partitioned, clustered, or neither. Column names are spelled as in the schema.
 *
 * @param clustered whether it has clustering columns, or may have had
 * @param clusteringColumns paths of names, as clustering columns may be nested
 */
public record TableLayout(List<String> partitionColumns, boolean clustered, List<List<String>> clusteringColumns) {
  private static final String CLUSTER_BY = "cluster_by";
  /** What Delta's session extension makes of CLUSTER BY, when both are on one class path. */
  private static final String DELTA_CLUSTER_BY = "temp_cluster_by";
  private static final int MAX_CLUSTERING_COLUMNS = 4;
  /** Would print a clustering by no columns as SQL that Spark does not parse. */
  private static final String SHOW_CREATE = "org.apache.spark.sql.execution.datasources.v2.ShowCreateTableExec";

  /** @throws InvalidInputException if Delta cannot lay the schema out so */
  public static TableLayout of(Transform[] transforms, StructType schema) {
    List<String> partitions = new ArrayList<>();
    List<List<String>> clusters = new ArrayList<>();
    for (Transform transform : transforms) {
      switch (transform.name()) {
        case "identity" -> partitions.add(partitionColumn(onlyReference(transform), schema));
        case CLUSTER_BY, DELTA_CLUSTER_BY -> {
          for (NamedReference reference : transform.references()) {
            clusters.add(clusteringColumn(reference.fieldNames(), schema));
          }
        }
        default -> throw notIdentity(transform);
      }
    }
    return new TableLayout(List.copyOf(partitions), !clusters.isEmpty(), List.copyOf(clusters)).checked(schema);
  }

  Transform[] transforms() {
    boolean isShown = !clusteringColumns.isEmpty() || !Caller.is(SHOW_CREATE);
    if (!clustered || !isShown) {
      return partitionColumns.stream().map(name -> Expressions.identity(quoted(name))).toArray(Transform[]::new);
    }
    List<NamedReference> columns = clusteringColumns.stream().map(TableLayout::reference).toList();
    return new Transform[] {new ClusterByTransform(CollectionConverters.asScala(columns).toSeq())};
  }

  private TableLayout checked(StructType schema) {
    if (!partitionColumns.isEmpty() && !clusteringColumns.isEmpty()) {
      throw invalid("DELTA_CLUSTER_BY_WITH_PARTITIONED_BY",
          "cluster and partition the same table: remove one of the two");
    }
    if (!partitionColumns.isEmpty() && partitionColumns.size() == schema.length()) {
      throw invalid("DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION",
          "partition by all columns " + partitionColumns + ": leave at least one that is not a partition column");
    }
    if (partitionColumns.stream().distinct().count() < partitionColumns.size()) {
      throw invalid("DELTA_DUPLICATE_COLUMNS_FOUND", "partition by a column twice: " + partitionColumns);
    }
    if (clusteringColumns.size() > MAX_CLUSTERING_COLUMNS) {
      throw invalid("DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS", "cluster by " + clusteringColumns.size()
          + " columns: at most " + MAX_CLUSTERING_COLUMNS + " are supported");
    }
    if (clusteringColumns.stream().distinct().count() < clusteringColumns.size()) {
      throw invalid("DELTA_DUPLICATE_COLUMNS_FOUND.CLUSTER_BY", "cluster by a column twice: " + clusteringColumns);
    }
    return this;
  }

  private static String[] onlyReference(Transform transform) {
    return transform.references()[0].fieldNames();
  }

  private static String partitionColumn(String[] path, StructType schema) {
    String name = String.join(".", path);
    StructField column = Optional.of(path).filter(parts -> parts.length == 1)
        .flatMap(parts -> field(schema, parts[0]))
        .orElseThrow(() -> invalid("DELTA_PARTITION_COLUMN_NOT_FOUND",
            "partition by " + name + ": it is not among the columns " + Arrays.toString(schema.fieldNames())));
    if (isComplex(column.dataType())) {
      throw invalid("DELTA_INVALID_PARTITION_COLUMN_TYPE",
          "partition by " + name + ": its type " + column.dataType().simpleString() + " is not a simple one");
    }
    return column.name();
  }

  private static List<String> clusteringColumn(String[] path, StructType schema) {
    List<String> names = new ArrayList<>();
    DataType type = schema;
    for (String part : path) {
      StructField field = (type instanceof StructType struct ? field(struct, part) : Optional.<StructField>empty())
          .orElseThrow(() -> invalid("DELTA_COLUMN_NOT_FOUND_IN_SCHEMA",
              "cluster by " + String.join(".", path) + ": there is no such column"));
      names.add(field.name());
      type = field.dataType();
    }
    if (!hasBounds(type)) {
      throw invalid("DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED", "cluster by " + String.join(".", names)
          + ": its type " + type.simpleString() + " does not support data skipping");
    }
    return List.copyOf(names);
  }

  /** Spark resolves names without case by default, and Delta's names are unique without case. */
  private static Optional<StructField> field(StructType struct, String name) {
    return Arrays.stream(struct.fields()).filter(field -> field.name().equalsIgnoreCase(name)).findFirst();
  }

  private static boolean isComplex(DataType type) {
    return type instanceof StructType || type instanceof ArrayType || type instanceof MapType
        || type instanceof VariantType;
  }

  private static boolean hasBounds(DataType type) {
    return type instanceof NumericType || type instanceof DateType || type instanceof TimestampType
        || type instanceof TimestampNTZType || type instanceof StringType;
  }

  private static NamedReference reference(List<String> path) {
    return Expressions.column(path.stream().map(TableLayout::quoted).collect(Collectors.joining(".")));
  }

  /** Spark's Expressions parse the names they are given. */
  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** The exception that Spark's {@code TableCatalog.createTable} wants. */
  private static UnsupportedTableException notIdentity(Transform transform) {
    return new UnsupportedTableException("DELTA_OPERATION_NOT_ALLOWED", "Cannot partition by " + transform.describe()
        + ": " + transform.name().toUpperCase(Locale.ROOT)
        + " is not supported for Delta tables. Partition by a column that holds the value", null);
  }

  private static RuntimeException invalid(String errorClass, String what) {
    return Unchecked.raise(new InvalidInputException(errorClass, "Cannot " + what, null));
  }
}
