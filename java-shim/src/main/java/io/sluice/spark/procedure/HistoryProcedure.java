package io.sluice.spark.procedure;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.Commit;
import io.sluice.spark.metadata.MetadataSchemas;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The commits of a table, newest first: the columns and values of Delta's DESCRIBE HISTORY. */
final class HistoryProcedure implements TableProcedure {
  private static final ProcedureParameter LIMIT = ProcedureParameter.in("limit", DataTypes.LongType)
      .defaultValue("NULL").comment("How many of the newest versions to show; all if left out").build();

  @Override
  public String name() {
    return Procedures.HISTORY;
  }

  @Override
  public String description() {
    return "The commits of a Delta table, newest first";
  }

  @Override
  public List<ProcedureParameter> parameters() {
    return List.of(LIMIT);
  }

  @Override
  public StructType output() {
    return MetadataSchemas.HISTORY;
  }

  @Override
  public List<InternalRow> call(TargetTable table, Arguments arguments) {
    Long limit = arguments.longAt(0);
    if (limit != null && limit < 0) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_INVALID_ARGUMENT", "Cannot show the history of "
          + table.ref().table() + " with limit " + limit + ": give a number that is not negative, or leave it out", null));
    }
    return NativeControl.history(table.ref(), limit).stream().map(HistoryProcedure::row).toList();
  }

  private static InternalRow row(Commit commit) {
    return Values.row(
        commit.version(),
        Values.timestamp(commit.timestamp()),
        commit.userId(),
        commit.userName(),
        commit.operation(),
        commit.operationParameters(),
        commit.job() == null ? null : job(commit.job()),
        commit.notebook() == null ? null : Values.row(commit.notebook().notebookId()),
        commit.clusterId(),
        commit.readVersion(),
        commit.isolationLevel(),
        commit.isBlindAppend(),
        commit.operationMetrics(),
        commit.userMetadata(),
        commit.engineInfo());
  }

  private static InternalRow job(Commit.Job job) {
    return Values.row(job.jobId(), job.jobName(), job.jobRunId(), job.runId(), job.jobOwnerId(), job.triggerType());
  }
}
