package io.sluice.spark.catalog;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.TableCatalogCapability;

/** The capability of constraints, which Spark 4.0 does not know. */
public final class ConstraintCapability {
  private static final String CAPABILITY = "SUPPORT_TABLE_CONSTRAINT";

  private ConstraintCapability() {}

  /** These capabilities, and that of constraints where Spark knows it. */
  public static Set<TableCatalogCapability> beside(Set<TableCatalogCapability> capabilities) {
    Set<TableCatalogCapability> all = EnumSet.noneOf(TableCatalogCapability.class);
    all.addAll(capabilities);
    Arrays.stream(TableCatalogCapability.values())
        .filter(known -> known.name().equals(CAPABILITY))
        .forEach(all::add);
    return all;
  }
}
