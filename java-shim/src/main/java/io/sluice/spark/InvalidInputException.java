package io.sluice.spark;

import io.sluice.spark.error.Explanation;
import io.sluice.spark.error.Unchecked;
import java.util.Map;
import org.apache.spark.QueryContext;
import org.apache.spark.sql.AnalysisException;
import scala.Option;

/**
 * The caller asked for something that is wrong or not offered: an option, a name, a schema. As Spark's own
 * {@code AnalysisException} it is checked, and thrown where nothing declares it, as Scala may: see {@link Unchecked}.
 */
public class InvalidInputException extends AnalysisException implements SluiceThrowable {
  private static final long serialVersionUID = 1L;

  private final Explanation explanation;

  public InvalidInputException(String condition, String message, Throwable cause) {
    this(Explanation.of(condition, message, Map.of()), cause);
  }

  /** @param named what the message names, by what it is: {@code option}, {@code table} */
  public InvalidInputException(String condition, String message, Map<String, String> named, Throwable cause) {
    this(Explanation.of(condition, message, named), cause);
  }

  private InvalidInputException(Explanation explanation, Throwable cause) {
    super(explanation.message(), Option.empty(), Option.empty(), Option.apply(cause),
        Option.apply(explanation.condition()), explanation.scalaParameters(), new QueryContext[0]);
    this.explanation = explanation;
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
