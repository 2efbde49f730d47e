package io.sluice.spark.jni;

/** Why a table that can be described cannot be written. */
public record WriteRefusal(String errorClass, String message) {
  public UnsupportedTableException toException() {
    return (UnsupportedTableException) NativeErrors.create("UnsupportedTable", errorClass, message, null);
  }
}
