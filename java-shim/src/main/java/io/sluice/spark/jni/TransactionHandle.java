package io.sluice.spark.jni;

import io.sluice.spark.jni.message.CommitResult;
import io.sluice.spark.jni.message.Json;
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

  /**
   * Commits the files of all receipts as one version.
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
