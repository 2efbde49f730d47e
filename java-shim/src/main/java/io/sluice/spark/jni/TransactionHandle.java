package io.sluice.spark.jni;

import io.sluice.spark.jni.message.CommitResult;
import io.sluice.spark.jni.message.Json;
import io.sluice.spark.jni.message.Resolution;
import io.sluice.spark.jni.message.TransactionRequest;

/** A native transaction of the driver: opened, planned, then committed or aborted, and closed on every path. */
public final class TransactionHandle extends NativeHandle {
  private TransactionHandle(long address) {
    super("transaction", address);
  }

  /** Reads the newest snapshot of the table, or prepares a new table when the request holds a definition. */
  public static TransactionHandle open(TransactionRequest request) {
    NativeLibrary.load();
    try {
      return new TransactionHandle(Native.openTransaction(Json.write(request.message())));
    } finally {
      NativeLogs.forward();
    }
  }

  /** The write plan for the tasks: opaque bytes that only the same native build reads. */
  public byte[] plan() {
    return Native.transactionPlan(address());
  }

  /** The plan for tasks that write change files: the table's columns, and a last one that says what happened. Null if there are to be none. */
  public byte[] changesPlan() {
    return Native.transactionChangesPlan(address());
  }

  /**
   * Decides which files of a row-level change go, get a deletion vector, or are written anew. Exactly once, before {@link #commit}.
   *
   * @param files those of the scan that gave rows their numbers; null if there was none
   * @param positions from {@link PositionsHandle#finish}, of every task; null ones are skipped
   * @throws InvalidInputException if rows are touched of a table that only allows appends
   */
  public ResolvedChange resolve(byte[] files, byte[][] positions, Resolution resolution) {
    try {
      return ResolvedChange.of(Native.resolveChange(address(), files, positions, Json.write(resolution)));
    } finally {
      NativeLogs.forward();
    }
  }

  /**
   * Takes in what was written for {@link ResolvedChange}, all of it, before {@link #commit}.
   *
   * @throws InternalException if not as many rows were copied as stay
   */
  public void stageCopies(byte[][] receipts) {
    Native.stageCopies(address(), receipts);
  }

  /**
   * Commits the files of all receipts as one version, and what was staged before.
   *
   * @throws CommitUnknownException if it may or may not have landed
   * @throws ConflictException if another writer's commit excludes it
   */
  public CommitResult commit(byte[][] receipts) {
    try {
      return Json.read(Native.commitTransaction(address(), receipts), CommitResult.class);
    } finally {
      NativeLogs.forward();
    }
  }

  /** Deletes what the receipts name, unless the commit landed or may have; null receipts are skipped. */
  public void abort(byte[][] receipts) {
    try {
      Native.abortTransaction(address(), receipts);
    } finally {
      NativeLogs.forward();
    }
  }

  @Override
  void free(long open) {
    Native.closeTransaction(open);
  }
}
