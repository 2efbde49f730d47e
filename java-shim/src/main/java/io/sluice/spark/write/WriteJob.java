package io.sluice.spark.write;

import io.sluice.spark.arrow.BatchLimits;
import io.sluice.spark.constraints.RowChecks;
import io.sluice.spark.jni.message.TransactionRequest;
import org.apache.spark.sql.types.StructType;

/**
 * One write, fully decided.
 *
 * @param schema of the rows that Spark will send, aligned with the table by Spark
 */
record WriteJob(TransactionRequest transaction, StructType schema, RowChecks checks, BatchLimits limits) {
  String description() {
    String verb = transaction.overwrite() != null ? "overwrite "
        : transaction.create() == null ? "append to "
        : transaction.create().replaces() == null ? "create and append to " : "replace and append to ";
    return verb + transaction.table().table() + " at " + transaction.table().at().location();
  }
}
