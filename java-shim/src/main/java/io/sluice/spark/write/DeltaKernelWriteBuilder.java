package io.sluice.spark.write;

import io.sluice.spark.arrow.ArrowBatchWriter;
import io.sluice.spark.constraints.RowChecks;
import io.sluice.spark.jni.InvalidInputException;
import io.sluice.spark.jni.TransactionRequest;
import java.util.Arrays;
import java.util.Set;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.SupportsDynamicOverwrite;
import org.apache.spark.sql.connector.write.SupportsOverwriteV2;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spark's {@code WriteBuilder}: decides everything about an append before any job runs. The overwrite interfaces are
 * implemented to refuse in words that say what to do.
 */
public final class DeltaKernelWriteBuilder implements WriteBuilder, SupportsOverwriteV2, SupportsDynamicOverwrite {
  private static final Logger LOG = LoggerFactory.getLogger(DeltaKernelWriteBuilder.class);

  private final WriteTarget target;
  private final LogicalWriteInfo info;

  public DeltaKernelWriteBuilder(WriteTarget target, LogicalWriteInfo info) {
    this.target = target;
    this.info = info;
  }

  /** @throws io.sluice.spark.SluiceException if table, options or schema cannot be written */
  @Override
  public Write build() {
    target.requireWritable();
    warnAbout(WriteOptionRules.check(info.options()));
    ArrowBatchWriter.checkSupported(info.schema());
    return new DeltaKernelWrite(job());
  }

  /** A table that is yet to be created holds no rows: overwriting it is appending, and how Spark fills it. */
  @Override
  public WriteBuilder truncate() {
    if (target.create() != null) {
      return this;
    }
    throw onlyAppends("overwrite all rows");
  }

  @Override
  public WriteBuilder overwrite(Predicate[] predicates) {
    throw onlyAppends("overwrite the rows " + Arrays.toString(predicates));
  }

  @Override
  public WriteBuilder overwriteDynamicPartitions() {
    throw onlyAppends("overwrite partitions dynamically");
  }

  private WriteJob job() {
    WriteOptions options = new WriteOptions(info.options(), SessionConf::get, target.properties());
    RowChecks checks = RowChecks.of(target.table().table(), target.constraints(), info.schema());
    TransactionRequest transaction = new TransactionRequest(
        target.table().withStorage(options.storage()),
        EngineInfo.current(),
        options.userMetadata(),
        options.txn(),
        checks.constraints(),
        target.create(),
        options.writerSettings());
    return new WriteJob(transaction, info.schema(), checks, options.batchLimits());
  }

  private void warnAbout(Set<String> unknown) {
    if (!unknown.isEmpty()) {
      LOG.warn("Options {} mean nothing to a write to {} and are ignored", unknown, target.table().table());
    }
  }

  private InvalidInputException onlyAppends(String what) {
    return new InvalidInputException(
        "SLUICE_UNSUPPORTED_WRITE_MODE",
        "Cannot " + what + " in " + target.table().table()
            + ": only appending is supported so far. Append instead (writeTo(..).append(), mode(\"append\"), "
            + "INSERT INTO), or overwrite with Delta's own connector",
        null);
  }
}
