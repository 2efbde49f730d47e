package io.sluice.spark;

import io.sluice.spark.catalog.PathIdentifier;
import io.sluice.spark.catalog.RegisteredCatalog;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.table.TimeTravel;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.SupportsCatalogOptions;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The format {@code sluice}: {@code df.write.format("sluice").save(path)} for Delta tables by path, an absolute one or
 * a URL. It goes through a catalog: the one that the option {@code sluice.catalog} names, else one of ours that is
 * registered, else one that is registered for it.
 */
public class SluiceSource
    implements SupportsCatalogOptions, DataSourceRegister, RelationProvider, CreatableRelationProvider {
  @Override
  public String shortName() {
    return "sluice";
  }

  @Override
  public Identifier extractIdentifier(CaseInsensitiveStringMap options) {
    String path = options.get("path");
    if (options.containsKey("paths")) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_SEVERAL_PATHS", "Cannot read the paths " + options.get("paths")
          + " as one table: load one, and union the tables to read several", null));
    }
    if (path == null) {
      throw Unchecked.raise(new InvalidInputException("DELTA_OPERATION_MISSING_PATH",
          "Cannot read or write format sluice without a path: give one to save(..) or load(..), "
              + "or use a table name with writeTo(..) or saveAsTable(..)", null));
    }
    return new PathIdentifier(path);
  }

  @Override
  public String extractCatalog(CaseInsensitiveStringMap options) {
    return RegisteredCatalog.name(options.get("sluice.catalog"), SluiceCatalog.class);
  }

  @Override
  public Optional<String> extractTimeTravelVersion(CaseInsensitiveStringMap options) {
    return Optional.ofNullable(options.get(TimeTravel.VERSION_OPTION));
  }

  @Override
  public Optional<String> extractTimeTravelTimestamp(CaseInsensitiveStringMap options) {
    return Optional.ofNullable(options.get(TimeTravel.TIMESTAMP_OPTION));
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return schemaOf(load(options));
  }

  @Override
  public Transform[] inferPartitioning(CaseInsensitiveStringMap options) {
    return load(options).partitioning();
  }

  @Override
  public Table getTable(StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return load(new CaseInsensitiveStringMap(properties));
  }

  /** Where Spark turns to if the catalog's table cannot be read: there is none. */
  @Override
  public BaseRelation createRelation(
      SQLContext context, scala.collection.immutable.Map<String, String> parameters) {
    throw missing(parameters.getOrElse("path", () -> "the path"), null);
  }

  /**
   * Where Spark turns to for {@code saveAsTable} in the place of a table of another provider, which it has dropped before.
   * It does not say by which columns to partition, and registers the table afterwards.
   */
  @Override
  public BaseRelation createRelation(
      SQLContext context, SaveMode mode, scala.collection.immutable.Map<String, String> parameters, Dataset<Row> rows) {
    rows.write().format(SluiceSource.class.getName()).mode(mode).options(parameters).save();
    return new BaseRelation() {
      @Override
      public SQLContext sqlContext() {
        return context;
      }

      @Override
      public StructType schema() {
        return rows.schema();
      }
    };
  }

  /** For the places where Spark does not go through the catalog, as streaming writes. */
  private Table load(CaseInsensitiveStringMap options) {
    SluiceCatalog catalog = new SluiceCatalog();
    catalog.initialize(shortName(), options);
    Identifier ident = extractIdentifier(options);
    try {
      return catalog.loadTable(Identifier.of(ident.namespace(), ident.name()));
    } catch (NoSuchTableException e) {
      throw missing(ident.name(), e);
    }
  }

  private static RuntimeException missing(String path, NoSuchTableException cause) {
    return Unchecked.raise(new InvalidInputException("DELTA_PATH_DOES_NOT_EXIST",
        "Cannot find a Delta table at " + path + ": name another path, or save to it first", cause));
  }

  @SuppressWarnings("deprecation")
  private static StructType schemaOf(Table table) {
    return table.schema();
  }
}
