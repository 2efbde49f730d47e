package delta;

import io.sluice.spark.SluiceSource;

/**
 * The format {@code delta} where Delta's own connector is not on the class path. Spark asks for the provider of a table
 * before it asks the catalog; a name that no data source has registered it takes for a package with a class
 * {@code DefaultSource}. Nothing is registered here, so where Delta's own connector is, the name stays its own.
 */
public class DefaultSource extends SluiceSource {}
