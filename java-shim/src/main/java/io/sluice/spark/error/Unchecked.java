package io.sluice.spark.error;

/** Checked exceptions, Spark's or of its kind, that its interfaces do not declare, and its own catalogs throw, as Scala may. */
public final class Unchecked {
  private Unchecked() {}

  /** Throws a failure as it is. It never returns; declared to, so that callers can say {@code throw}. */
  public static RuntimeException raise(Exception failure) {
    throw Unchecked.<RuntimeException>as(failure);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> E as(Exception failure) throws E {
    throw (E) failure;
  }
}
