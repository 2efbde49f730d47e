package io.sluice.spark.session;

/** Who asks, where Spark has one question for several purposes. */
public final class Caller {
  private Caller() {}

  /** @param className of Spark's; nested classes and lambdas count */
  public static boolean is(String className) {
    return StackWalker.getInstance().walk(
        frames -> frames.anyMatch(frame -> frame.getClassName().startsWith(className)));
  }
}
