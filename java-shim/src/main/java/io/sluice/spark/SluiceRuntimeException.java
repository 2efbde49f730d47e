package io.sluice.spark;

import io.sluice.spark.error.Explanation;
import java.util.Map;
import org.apache.spark.QueryContext;
import org.apache.spark.SparkRuntimeException;

/** What goes wrong with a statement that was right. */
public abstract class SluiceRuntimeException extends SparkRuntimeException implements SluiceThrowable {
  private static final long serialVersionUID = 1L;
  /** A condition of Spark's own, as its constructor looks up the message; what it finds is not shown. */
  private static final String OF_SPARK = "INTERNAL_ERROR";

  private final Explanation explanation;

  protected SluiceRuntimeException(String condition, String message, Throwable cause) {
    this(Explanation.of(condition, message, Map.of()), cause);
  }

  private SluiceRuntimeException(Explanation explanation, Throwable cause) {
    super(OF_SPARK, explanation.scalaParameters(), cause, new QueryContext[0], "");
    this.explanation = explanation;
  }

  @Override
  public String getMessage() {
    return explanation.message();
  }

  @Override
  public final String getCondition() {
    return explanation.condition();
  }

  @Override
  public String getSqlState() {
    return explanation.sqlState();
  }

  @Override
  public String getDefaultMessageTemplate() {
    return Explanation.TEMPLATE;
  }
}
