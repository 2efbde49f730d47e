package io.sluice.spark.procedure;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;

/** The procedures there are. */
public final class Procedures {
  public static final String NAMESPACE = "system";
  public static final String HISTORY = "history";
  public static final String DETAIL = "detail";

  private static final List<TableProcedure> ALL = List.of(new DetailProcedure(), new HistoryProcedure());

  private Procedures() {}

  /** The identifier of a procedure of this name. */
  public static Identifier identifier(String name) {
    return Identifier.of(new String[] {NAMESPACE}, name);
  }

  static UnboundProcedure load(ProcedureProvider catalog, Identifier ident) {
    return ALL.stream()
        .filter(procedure -> isOurs(ident.namespace()) && procedure.name().equalsIgnoreCase(ident.name()))
        .findFirst()
        .map(procedure -> new CatalogProcedure(catalog, procedure))
        .orElseThrow(() -> missing(catalog, ident));
  }

  static Identifier[] list(String[] namespace) {
    return namespace.length == 0 || isOurs(namespace)
        ? ALL.stream().map(procedure -> identifier(procedure.name())).toArray(Identifier[]::new)
        : new Identifier[0];
  }

  private static boolean isOurs(String[] namespace) {
    return namespace.length == 1 && namespace[0].equalsIgnoreCase(NAMESPACE);
  }

  private static RuntimeException missing(ProcedureProvider catalog, Identifier ident) {
    String known = ALL.stream()
        .map(procedure -> catalog.name() + "." + NAMESPACE + "." + procedure.name()).collect(Collectors.joining(" and "));
    return Unchecked.raise(new InvalidInputException("ROUTINE_NOT_FOUND",
        "Cannot call " + catalog.name() + "." + ident + ": there is no such procedure. There are " + known, null));
  }
}
