package io.sluice.spark.catalog;

import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Spark's exceptions about names, with the parts of a name quoted as Spark's own catalogs quote them. */
public final class NameErrors {
  private NameErrors() {}

  public static NoSuchTableException noTable(Identifier ident) {
    return new NoSuchTableException(parts(Arrays.stream(ident.namespace()), ident.name()));
  }

  public static TableAlreadyExistsException tableExists(Identifier ident) {
    return new TableAlreadyExistsException(parts(Arrays.stream(ident.namespace()), ident.name()));
  }

  /** @param catalog named too, as the current catalog may be another one */
  public static NoSuchNamespaceException noNamespace(String catalog, String[] namespace) {
    return new NoSuchNamespaceException(
        Stream.concat(Stream.of(catalog), Arrays.stream(namespace)).toArray(String[]::new));
  }

  private static Seq<String> parts(Stream<String> namespace, String name) {
    return CollectionConverters.asScala(Stream.concat(namespace, Stream.of(name)).toList()).toSeq();
  }

  /** One of these with what led to it: they have no constructor that takes a cause. */
  public static <E extends Exception> E because(Exception cause, E exception) {
    exception.addSuppressed(cause);
    return exception;
  }
}
