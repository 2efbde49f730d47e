package io.sluice.spark.write;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.SluiceThrowable;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.Overwrite;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.SupportsDynamicOverwrite;
import org.apache.spark.sql.connector.write.SupportsOverwriteV2;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;

/** Spark's {@code WriteBuilder}: decides everything about a write before any job runs. */
public final class DeltaKernelWriteBuilder implements WriteBuilder, SupportsOverwriteV2, SupportsDynamicOverwrite {
  private final WriteTarget target;
  private final LogicalWriteInfo info;
  private final Overwrites overwrites;
  private final ReplaceWhere replaceWhere;
  /** Null for an append. */
  private Overwrite overwrite;

  public DeltaKernelWriteBuilder(WriteTarget target, LogicalWriteInfo info) {
    this.target = target;
    this.info = info;
    this.overwrites = new Overwrites(Overwrite.Operation.WRITE, target, info.options());
    this.replaceWhere = ReplaceWhere.of(info.options());
  }

  /** @throws io.sluice.spark.SluiceThrowable if table, options or schema cannot be written */
  @Override
  public Write build() {
    target.requireWritable();
    if (target.kind(overwrite != null) == WriteKind.CREATE) {
      requireNoReplaceWhere("there is no table yet");
    }
    return new DeltaKernelWrite(target, WriteJob.of(target, info.schema(), info.options(), overwrite));
  }

  /**
   * All rows, unless an option says which, or that it is those of the partitions written to. A table that is yet to be
   * created holds no rows: overwriting it is appending, and how Spark fills it.
   */
  @Override
  public WriteBuilder truncate() {
    if (target.create() == null) {
      overwrite = replaceWhere == null ? overwrites.all() : replaced();
    }
    return this;
  }

  @Override
  public WriteBuilder overwrite(Predicate[] predicates) {
    requireNoReplaceWhere("the write itself says which rows it replaces");
    overwrite = overwrites.matching(predicates);
    return this;
  }

  @Override
  public WriteBuilder overwriteDynamicPartitions() {
    requireNoReplaceWhere("the write itself says which rows it replaces");
    overwrite = overwrites.writtenPartitions();
    return this;
  }

  private Overwrite replaced() {
    if (PartitionOverwriteMode.isDynamic(info.options().get(PartitionOverwriteMode.OPTION))) {
      throw Unchecked.raise(new InvalidInputException("DELTA_REPLACE_WHERE_WITH_DYNAMIC_PARTITION_OVERWRITE",
          "Cannot overwrite rows of " + target.table().table() + " with both replaceWhere=" + replaceWhere.condition()
              + " and partitionOverwriteMode=dynamic: each says which rows are replaced; leave one of them out", null));
    }
    Predicate[] predicates = replaceWhere.predicates(target.table().table(), info.schema());
    return overwrites.matching(predicates);
  }

  private void requireNoReplaceWhere(String why) {
    if (replaceWhere != null) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_UNSUPPORTED_OPTION", "Cannot overwrite rows of " + target.table().table()
          + " with the option replaceWhere=" + replaceWhere.condition() + ": " + why + "; leave the option out",
          null));
    }
  }
}
