package io.sluice.spark.write;

import java.util.Map;

/** Rows that clauses of WHEN NOT MATCHED BY SOURCE have changed, by the names that they have in a table's history. Only Spark knows them. */
public final class MergeCounts {
  public static final String UPDATED = "numTargetRowsNotMatchedBySourceUpdated";
  public static final String DELETED = "numTargetRowsNotMatchedBySourceDeleted";
  /** Of a MERGE without such clauses. */
  public static final Map<String, Long> NONE = Map.of(UPDATED, 0L, DELETED, 0L);

  private MergeCounts() {}
}
