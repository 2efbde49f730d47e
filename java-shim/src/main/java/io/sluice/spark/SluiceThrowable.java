package io.sluice.spark;

import org.apache.spark.SparkThrowable;

/**
 * A failure that Sluice explains. Each is also one of the exceptions that Spark's users catch, in Java and in Python:
 * {@code AnalysisException}, {@code IllegalArgumentException}, {@code UnsupportedOperationException} or
 * {@code SparkRuntimeException}. The message reads {@code [CONDITION] Cannot …}; callers tell failures apart by class,
 * {@link #getCondition()} and {@link #getSqlState()}, never by message text. All are listed in {@code docs/errors.md}.
 */
public interface SluiceThrowable extends SparkThrowable {
  /** Delta's own name where Delta has one, else one that begins with {@code SLUICE_}, or with nothing that is Spark's. */
  @Override
  String getCondition();

  /** Delta's own for Delta's conditions, and one of class {@code SL} for those of Sluice. */
  @Override
  String getSqlState();

  /** With or without an interface for it, every failure has one. */
  String getMessage();
}
