package io.sluice.spark.write;

import io.sluice.spark.arrow.ArrowBatchWriter;
import io.sluice.spark.arrow.BatchLimits;
import io.sluice.spark.constraints.RowChecks;
import io.sluice.spark.jni.message.Overwrite;
import io.sluice.spark.jni.message.RowChange;
import io.sluice.spark.jni.message.TransactionRequest;
import io.sluice.spark.session.SessionConf;
import java.util.Set;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One write, fully decided.
 *
 * @param schema of the rows that Spark will send, aligned with the table by Spark
 */
public record WriteJob(TransactionRequest transaction, StructType schema, RowChecks checks, BatchLimits limits) {
  private static final Logger LOG = LoggerFactory.getLogger(WriteJob.class);

  /**
   * A write of rows.
   *
   * @param overwrite what they take the place of, or null
   * @throws io.sluice.spark.SluiceThrowable if table, options or schema cannot be written
   */
  public static WriteJob of(WriteTarget target, StructType rows, CaseInsensitiveStringMap options, Overwrite overwrite) {
    target.requireWritable();
    warnAbout(WriteOptionRules.check(options, target.kind(overwrite != null)), target);
    ArrowBatchWriter.checkSupported(rows);
    return decided(target, rows, RowChecks.of(target.table().table(), target.constraints(), rows), options, overwrite);
  }

  /**
   * A write that brings no rows but those that are there.
   *
   * @param columns of the table
   * @throws io.sluice.spark.SluiceThrowable if table or options cannot be written
   */
  public static WriteJob ofNoRows(WriteTarget target, StructType columns, CaseInsensitiveStringMap options) {
    target.requireWritable();
    warnAbout(WriteOptionRules.check(options, target.kind(false)), target);
    ArrowBatchWriter.checkSupported(columns);
    return decided(target, columns, RowChecks.ofNoRows(target.table().table(), target.constraints()), options, null);
  }

  private static WriteJob decided(
      WriteTarget target, StructType rows, RowChecks checks, CaseInsensitiveStringMap ofWrite, Overwrite overwrite) {
    WriteOptions options = new WriteOptions(ofWrite, SessionConf::get, target.properties());
    TransactionRequest transaction = new TransactionRequest(
        target.table().withStorage(options.storage()),
        EngineInfo.current(),
        options.userMetadata(),
        options.txn(),
        checks.constraints(),
        target.create(),
        overwrite,
        target.schema(),
        options.writerSettings());
    return new WriteJob(transaction, rows, checks, options.batchLimits());
  }

  private static void warnAbout(Set<String> unknown, WriteTarget target) {
    if (!unknown.isEmpty()) {
      LOG.warn("Options {} mean nothing to a write to {} and are ignored", unknown, target.table().table());
    }
  }

  /** The same for a change of rows that are there. */
  public WriteJob changing(RowChange change) {
    return new WriteJob(transaction.changing(change), schema, checks, limits);
  }

  public String description() {
    return verb() + transaction.table().table() + " at " + transaction.table().at().location();
  }

  private String verb() {
    if (transaction.overwrite() != null) {
      return "overwrite ";
    } else if (transaction.create() == null) {
      return "append to ";
    }
    return transaction.create().replaces() == null ? "create and append to " : "replace and append to ";
  }
}
