package io.sluice.spark.rows;

import io.sluice.spark.write.MergeCounts;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.MergeSummary;
import org.apache.spark.sql.connector.write.WriteSummary;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/** A change of which Spark has counted rows, as Spark 4.1 and newer do for MERGE. Apart from the change, as Spark 4.0 has no such class. */
interface CountedChange extends BatchWrite {
  /** @param counts by the names that they have in the table's history */
  void commitCounted(WriterCommitMessage[] messages, Map<String, Long> counts);

  @Override
  default void commit(WriterCommitMessage[] messages, WriteSummary summary) {
    Map<String, Long> counts = new LinkedHashMap<>();
    if (summary instanceof MergeSummary merge) {
      counts.put(MergeCounts.UPDATED, merge.numTargetRowsNotMatchedBySourceUpdated());
      counts.put(MergeCounts.DELETED, merge.numTargetRowsNotMatchedBySourceDeleted());
    }
    counts.values().removeIf(count -> count < 0);     // what Spark does not know
    commitCounted(messages, counts);
  }
}
