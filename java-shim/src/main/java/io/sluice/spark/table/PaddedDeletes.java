package io.sluice.spark.table;

import io.sluice.spark.constraints.Attributes;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.DeleteFromTable;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import scala.jdk.javaapi.CollectionConverters;

/**
 * DELETE FROM a table with CHAR columns. For these Spark puts a projection that pads their values between statement and table,
 * and then finds no table there: Spark 4.0 for every DELETE, later ones for those without a condition. Literals are padded by then, and
 * scans of changes pad values themselves, so that it can go.
 */
public final class PaddedDeletes extends Rule<LogicalPlan> {
  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    if (plan instanceof DeleteFromTable delete && plain(delete.table()) instanceof Project padding
        && padding.child() instanceof DataSourceV2Relation relation && relation.table() instanceof SparkTable) {
      Map<ExprId, Attribute> columns = columns(padding);
      return new DeleteFromTable(relation, Attributes.replaced(delete.condition(),
          column -> columns.getOrDefault(column.exprId(), column)));
    }
    return plan;
  }

  private static LogicalPlan plain(LogicalPlan table) {
    return table instanceof SubqueryAlias named ? plain(named.child()) : table;
  }

  /** The columns that the projection pads, by what it calls them. */
  private static Map<ExprId, Attribute> columns(Project padding) {
    Map<ExprId, Attribute> columns = new HashMap<>();
    for (NamedExpression shown : CollectionConverters.asJava(padding.projectList())) {
      if (shown instanceof Alias alias && alias.references().size() == 1) {
        columns.put(alias.exprId(), (Attribute) alias.references().head());
      }
    }
    return columns;
  }
}
