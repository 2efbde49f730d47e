package io.sluice.spark.catalog;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.catalog.Identifier;

/**
 * Where a catalog's names lie: a table at {@code <warehouse>/<namespace…>/<table>}, or at its path if it is named by
 * one.
 *
 * @param catalog the name it is registered under
 * @param warehouse null for a catalog that serves paths only
 */
public record CatalogPaths(String catalog, Location warehouse) {
  static final String PATH_NAMESPACE = "delta";
  private static final Pattern ENCODED = Pattern.compile("~([0-9A-F]{2})");
  private static final Pattern PLAIN = Pattern.compile("[a-zA-Z0-9_]+");

  public boolean hasWarehouse() {
    return warehouse != null;
  }

  /** A table's name and place. */
  public Place table(Identifier ident) {
    String name = displayName(ident);
    return isPath(ident)
        ? new Place(name, Location.of(ident.name()), true)
        : new Place(name, directory(ident.namespace()).child(segment(ident.name())), false);
  }

  /** The directory of a namespace; the warehouse itself for the empty one. */
  public Location directory(String[] namespace) {
    if (!hasWarehouse()) {
      throw Unchecked.raise(new InvalidInputException(
          "SLUICE_NO_WAREHOUSE",
          "Cannot find names in the catalog " + catalog + ": it has no warehouse. Set spark.sql.catalog." + catalog
              + ".warehouse to a path or URL, or name the table by its path, as in " + catalog
              + ".delta.`/path/to/table`",
          null));
    }
    Location directory = warehouse;
    for (String part : namespace) {
      directory = directory.child(segment(part));
    }
    return directory;
  }

  /** Whether a table of the catalog's own can have this name; paths are another matter. */
  public static boolean canName(Identifier ident) {
    return Stream.concat(Arrays.stream(ident.namespace()), Stream.of(ident.name())).allMatch(CatalogPaths::canName);
  }

  /** Whether a namespace can have this name. */
  public static boolean canName(String[] namespace) {
    return Arrays.stream(namespace).allMatch(CatalogPaths::canName);
  }

  private static boolean canName(String part) {
    return !part.isEmpty() && !part.contains("/");
  }

  /** The directory of a table's name below another one than its namespace's. */
  public Location below(Location directory, String table) {
    return directory.child(segment(table));
  }

  /** An absolute path or URL, alone or in the namespace {@code delta}. */
  public static boolean isPath(Identifier ident) {
    return isOfPaths(ident.namespace()) && Location.isAbsolute(ident.name());
  }

  /** Whether names in this namespace may be paths. */
  public static boolean isOfPaths(String[] namespace) {
    return namespace.length == 0 || namespace.length == 1 && namespace[0].equalsIgnoreCase(PATH_NAMESPACE);
  }

  /** The whole name, for people: {@code lake.db.`a table`}. */
  public String displayName(Identifier ident) {
    return Stream.of(Stream.of(catalog), Arrays.stream(ident.namespace()), Stream.of(ident.name()))
        .flatMap(parts -> parts)
        .map(CatalogPaths::quoted)
        .collect(Collectors.joining("."));
  }

  private static String quoted(String part) {
    return PLAIN.matcher(part).matches() ? part : "`" + part.replace("`", "``") + "`";
  }

  /**
   * A name becomes one directory. What a directory's name cannot hold, what URLs give another meaning, and a beginning
   * that listings leave out become {@code ~} and two hexadecimal digits; almost every name stays as it is.
   */
  private static String segment(String name) {
    if (name.contains("/")) {
      throw Unchecked.raise(new InvalidInputException(
          "SLUICE_RELATIVE_PATH",
          "Cannot use '" + name + "' as a name: give an absolute path or URL, or a name without slashes", null));
    }
    if (name.isEmpty()) {
      throw Unchecked.raise(new InvalidInputException(
          "SLUICE_INVALID_NAME", "Cannot use an empty name: it cannot be the name of a directory", null));
    }
    StringBuilder segment = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean hides = i == 0 && (c == '.' || c == '_');
      if (hides || c == '%' || c == '\\' || c == '~' || Character.isISOControl(c) && c < 0x80) {
        segment.append('~').append(HexFormat.of().withUpperCase().toHexDigits((byte) c));
      } else {
        segment.append(c);
      }
    }
    return segment.toString();
  }

  /** The name whose directory this is. */
  public static String nameOf(String segment) {
    return ENCODED.matcher(segment).replaceAll(
        match -> Matcher.quoteReplacement(String.valueOf((char) HexFormat.fromHexDigits(match.group(1)))));
  }
}
