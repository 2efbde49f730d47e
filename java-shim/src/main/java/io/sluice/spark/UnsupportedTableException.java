package io.sluice.spark;

import io.sluice.spark.error.Explanation;
import java.util.Map;

/** The table has, or a statement needs, what Sluice does not have: a feature, an operation. */
public class UnsupportedTableException extends UnsupportedOperationException implements SluiceThrowable {
  private static final long serialVersionUID = 1L;

  private final Explanation explanation;

  public UnsupportedTableException(String condition, String message, Throwable cause) {
    this(Explanation.of(condition, message, Map.of()), cause);
  }

  private UnsupportedTableException(Explanation explanation, Throwable cause) {
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
