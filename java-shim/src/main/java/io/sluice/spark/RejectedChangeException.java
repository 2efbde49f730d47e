package io.sluice.spark;

import io.sluice.spark.error.Explanation;
import java.util.Map;

/** A change of a table that Delta, or what is there, does not allow: what Spark wants a catalog to throw for it. */
public class RejectedChangeException extends IllegalArgumentException implements SluiceThrowable {
  private static final long serialVersionUID = 1L;

  private final Explanation explanation;

  public RejectedChangeException(String condition, String message, Throwable cause) {
    this(Explanation.of(condition, message, Map.of()), cause);
  }

  private RejectedChangeException(Explanation explanation, Throwable cause) {
    super(explanation.message(), cause);
    this.explanation = explanation;
  }

  @Override
  public String getCondition() {
    return explanation.condition();
  }

  @Override
  public String getSqlState() {
    return explanation.sqlState();
  }

  @Override
  public Map<String, String> getMessageParameters() {
    return explanation.parameters();
  }

  @Override
  public String getDefaultMessageTemplate() {
    return Explanation.TEMPLATE;
  }
}
