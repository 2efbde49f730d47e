package io.sluice.spark.jni.message;

import io.sluice.spark.UnsupportedTableException;

/** Why a table that can be described cannot be written. */
public record WriteRefusal(String errorClass, String message) {
  public UnsupportedTableException toException() {
    return new UnsupportedTableException(errorClass, message, null);
  }
}
