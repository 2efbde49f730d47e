package io.sluice.spark.jni.message;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a transaction is to do.
 *
 * @param userMetadata free text for the commit info, or null
 * @param txn the application's transaction, or null
 * @param constraints the CHECK constraints that are evaluated on every row: SQL expressions by name
 * @param create null for an existing table; else the table that this commit creates together with the data
 * @param overwrite the rows of an existing table that the new ones take the place of, or null
 * @param change of rows within the files of an existing table, or null
 * @param seenSchema Delta schema string of the existing table when the statement was analyzed, or null
 * @param reads what the statement has read of the table it writes to
 */
public record TransactionRequest(
    TableRef table,
    String engineInfo,
    String userMetadata,
    AppTransaction txn,
    Map<String, String> constraints,
    TableCreation create,
    Overwrite overwrite,
    RowChange change,
    String seenSchema,
    List<TableRead> reads,
    WriterSettings writer) {
  /** Of a statement that is not under way yet. */
  public TransactionRequest(
      TableRef table, String engineInfo, String userMetadata, AppTransaction txn, Map<String, String> constraints,
      TableCreation create, Overwrite overwrite, String seenSchema, WriterSettings writer) {
    this(table, engineInfo, userMetadata, txn, constraints, create, overwrite, null, seenSchema, List.of(), writer);
  }

  /** The same of a statement that has read these rows of the table. */
  public TransactionRequest having(List<TableRead> read) {
    return new TransactionRequest(
        table, engineInfo, userMetadata, txn, constraints, create, overwrite, change, seenSchema, List.copyOf(read), writer);
  }

  /** The same for a change of rows. */
  public TransactionRequest changing(RowChange rows) {
    return new TransactionRequest(
        table, engineInfo, userMetadata, txn, constraints, create, overwrite, rows, seenSchema, reads, writer);
  }

  public Map<String, Object> message() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("table", table.table());
    message.put("location", table.at().location());
    message.put("storage", table.at().storage());
    message.put("engineInfo", engineInfo);
    message.put("userMetadata", userMetadata);
    message.put("txn", txn);
    message.put("constraints", constraints);
    if (create != null) {
      message.put("create", create.definition());
      message.put("operation", create.operation());
      message.put("replaces", create.replaces());
    }
    if (overwrite != null) {
      message.put("overwrite", overwrite.message());
    }
    if (change != null) {
      message.put("change", change.message());
    }
    message.put("seenSchema", seenSchema);
    message.put("reads", reads.stream().map(TableRead::message).toList());
    message.put("writer", writer);
    return message;
  }
}
