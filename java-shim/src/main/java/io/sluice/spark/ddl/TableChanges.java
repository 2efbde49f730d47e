package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.UnsupportedTableException;
import io.sluice.spark.arrow.ArrowBatchWriter;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.error.Unsupported;
import io.sluice.spark.table.DeltaSchema;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Product;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Spark's {@code TableChange}s as the native side reads them: one map a change, columns as paths of names. */
public final class TableChanges {
  /** Of these properties Spark makes its own use; they cannot be set as a table's. */
  private static final Set<String> RESERVED = Set.of(
      TableCatalog.PROP_LOCATION, TableCatalog.PROP_PROVIDER, TableCatalog.PROP_OWNER, TableCatalog.PROP_EXTERNAL,
      TableCatalog.PROP_IS_MANAGED_LOCATION);

  private final String table;

  private TableChanges(String table) {
    this.table = table;
  }

  /**
   * @param table its name, for messages
   * @throws InvalidInputException for a type Delta cannot store
   * @throws io.sluice.spark.UnsupportedTableException for a change that no table of ours can undergo
   */
  public static List<Map<String, Object>> messages(String table, TableChange... changes) {
    TableChanges messages = new TableChanges(table);
    return Arrays.stream(changes).filter(change -> !messages.isDefaultCollation(change)).map(messages::message).toList();
  }

  /** Whether a change asks for a default collation: for the only one there is, which is recorded nowhere. */
  private boolean isDefaultCollation(TableChange change) {
    boolean isCollation = change instanceof TableChange.SetProperty set && set.property().equals(CreateProperties.COLLATION);
    if (isCollation) {
      CreateProperties.checkCollation("alter " + table, ((TableChange.SetProperty) change).value());
    }
    return isCollation;
  }

  private Map<String, Object> message(TableChange change) {
    if (change instanceof TableChange.SetProperty set) {
      return setProperty(set);
    } else if (change instanceof TableChange.RemoveProperty remove) {
      requireChangeable(remove.property());
      return of("unsetProperty", "key", remove.property());
    } else if (change instanceof TableChange.ClusterBy cluster) {
      return clusterBy(List.of(cluster.clusteringColumns()));
    } else if (change instanceof TableChange.ColumnChange column) {
      return columnChange(column);
    }
    return ConstraintChange.of(change).map(TableChanges::constraintChange)
        .or(() -> deltasClusterBy(change).map(TableChanges::clusterBy))
        .orElseThrow(() -> otherChange(change));
  }

  private static Map<String, Object> constraintChange(ConstraintChange change) {
    if (change instanceof ConstraintChange.Add add) {
      return of("addConstraint", "name", add.name(), "expression", add.expression());
    }
    ConstraintChange.Drop drop = (ConstraintChange.Drop) change;
    return of("dropConstraint", "name", drop.name(), "ifExists", drop.ifExists());
  }

  private static Map<String, Object> clusterBy(List<NamedReference> columns) {
    return of("clusterBy", "columns", columns.stream().map(NamedReference::fieldNames).map(List::of).toList());
  }

  /** What Delta's session extension makes of CLUSTER BY, when both are on one class path: a case class of one Seq. */
  private static Optional<List<NamedReference>> deltasClusterBy(TableChange change) {
    if (change instanceof Product product && product.productPrefix().equals("ClusterBy")
        && product.productArity() == 1 && product.productElement(0) instanceof Seq<?> columns) {
      return Optional.of(CollectionConverters.asJava(columns).stream().map(NamedReference.class::cast).toList());
    }
    return Optional.empty();
  }

  @SuppressWarnings("deprecation") // of the default's text, the only form that Spark 4.0 has
  private Map<String, Object> columnChange(TableChange.ColumnChange change) {
    List<String> path = List.of(change.fieldNames());
    if (change instanceof TableChange.AddColumn add) {
      return addColumn(add);
    } else if (change instanceof TableChange.RenameColumn rename) {
      return of("renameColumn", "path", path, "to", rename.newName());
    } else if (change instanceof TableChange.DeleteColumn delete) {
      return of("dropColumn", "path", path, "ifExists", delete.ifExists());
    } else if (change instanceof TableChange.UpdateColumnType type) {
      return of("setType", "path", path, "column", column("type", type.newDataType(), true, Metadata.empty()));
    } else if (change instanceof TableChange.UpdateColumnNullability nullability) {
      return of("setNullable", "path", path, "nullable", nullability.nullable());
    } else if (change instanceof TableChange.UpdateColumnComment comment) {
      return of("setComment", "path", path, "comment", comment.newComment());
    } else if (change instanceof TableChange.UpdateColumnPosition position) {
      return of("moveColumn", "path", path, "position", position(position.position()));
    } else if (change instanceof TableChange.UpdateColumnDefaultValue value) {
      String sql = value.newDefaultValue();
      return of("setDefault", "path", path, "default", sql == null || sql.isEmpty() ? null : sql);
    }
    throw otherChange(change);
  }

  private Map<String, Object> setProperty(TableChange.SetProperty set) {
    requireChangeable(set.property());
    return of("setProperty", "key", set.property(), "value", set.value());
  }

  private Map<String, Object> addColumn(TableChange.AddColumn add) {
    List<String> path = List.of(add.fieldNames());
    MetadataBuilder metadata = new MetadataBuilder();
    if (add.comment() != null) {
      metadata.putString("comment", add.comment());
    }
    if (add.defaultValue() != null) {
      metadata.putString("CURRENT_DEFAULT", add.defaultValue().getSql());
    }
    String name = path.get(path.size() - 1);
    VoidColumns.warnOf(table, new StructType().add(name, add.dataType()));
    return of("addColumn",
        "parent", path.subList(0, path.size() - 1),
        "column", column(name, add.dataType(), add.isNullable(), metadata.build()),
        "position", add.position() == null ? null : position(add.position()));
  }

  /** Delta's schema JSON of a table with this column alone. */
  private static String column(String name, DataType type, boolean nullable, Metadata metadata) {
    StructType schema = new StructType(new StructField[] {new StructField(name, type, nullable, metadata)});
    ArrowBatchWriter.checkSupported(schema);
    return DeltaSchema.json(schema);
  }

  private static Object position(TableChange.ColumnPosition position) {
    return position instanceof TableChange.After after ? Map.of("after", after.column()) : "first";
  }

  private void requireChangeable(String property) {
    if (property.equals(TableCatalog.PROP_LOCATION)) {
      throw Unsupported.operation("set the location of " + table,
          "its place is where its name says. Create a table by path for data elsewhere");
    }
    if (RESERVED.contains(property)) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_RESERVED_PROPERTY",
          "Cannot change the property '" + property + "' of " + table + ": it is reserved by Spark", null));
    }
  }

  private UnsupportedTableException otherChange(TableChange change) {
    if (change instanceof Product product && product.productPrefix().equals("DropFeature")) {
      return Unsupported.operation("drop the feature " + product.productElement(0) + " of " + table,
          "Sluice drops no features. Let delta-spark do it, under the table's name in its catalog or by path: "
              + "ALTER TABLE delta.`/path` DROP FEATURE " + product.productElement(0));
    }
    String kind = change.getClass().getSimpleName();
    return Unsupported.operation("alter " + table, "the change " + kind + " is not supported");
  }

  private static Map<String, Object> of(String kind, Object... entries) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("kind", kind);
    for (int i = 0; i < entries.length; i += 2) {
      message.put((String) entries[i], entries[i + 1]);
    }
    return message;
  }
}
