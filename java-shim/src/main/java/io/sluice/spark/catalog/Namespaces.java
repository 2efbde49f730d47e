package io.sluice.spark.catalog;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.TableExistsException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.error.Unsupported;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.DirectoryListing;
import io.sluice.spark.jni.message.NamespaceDescription;
import io.sluice.spark.jni.message.StorageLocation;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.StorageAccess;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.analysis.NamespaceAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;

/** The namespaces of a warehouse: directories, as Spark's {@code SupportsNamespaces} wants them. The empty one is the warehouse. */
public final class Namespaces {
  private final CatalogPaths paths;
  private final StorageAccess storage;

  public Namespaces(CatalogPaths paths, StorageAccess storage) {
    this.paths = paths;
    this.storage = storage;
  }

  /** What is in one. The empty namespace exists before its directory does. */
  public DirectoryListing list(String[] namespace) throws NoSuchNamespaceException {
    requireName(namespace);
    DirectoryListing listing = NativeControl.listDirectory(at(namespace));
    if (!listing.exists() && namespace.length > 0) {
      throw missing(namespace);
    }
    return listing;
  }

  public String[][] children(String[] parent) throws NoSuchNamespaceException {
    return list(parent).namespaces().stream().map(child -> append(parent, CatalogPaths.nameOf(child))).toArray(String[][]::new);
  }

  public boolean exists(String[] namespace) {
    return namespace.length == 0 || CatalogPaths.canName(namespace) && describe(namespace).exists();
  }

  public Map<String, String> properties(String[] namespace) throws NoSuchNamespaceException {
    requireName(namespace);
    NamespaceDescription found = describe(namespace);
    if (!found.exists() && namespace.length > 0) {
      throw missing(namespace);
    }
    return new HashMap<>(found.properties());
  }

  /** Spark asks for the namespace of a path too, which needs no warehouse. */
  NamespaceDescription describe(String[] namespace) {
    return paths.hasWarehouse() ? NativeControl.loadNamespace(at(namespace)) : NamespaceDescription.MISSING;
  }

  /** @param metadata LOCATION is where tables of the namespace are created */
  public void create(String[] namespace, Map<String, String> metadata) throws NamespaceAlreadyExistsException {
    Map<String, String> properties = new HashMap<>(metadata);
    properties.computeIfPresent(SupportsNamespaces.PROP_LOCATION, (key, value) -> Location.of(value).toString());
    try {
      NativeControl.createNamespace(at(namespace), properties);
    } catch (TableExistsException e) {
      throw NameErrors.because(e, new NamespaceAlreadyExistsException(namespace));
    }
  }

  public void alter(String[] namespace, NamespaceChange... changes) throws NoSuchNamespaceException {
    if (!exists(namespace)) {
      throw missing(namespace);
    }
    Map<String, String> set = new HashMap<>();
    Set<String> remove = new HashSet<>();
    for (NamespaceChange change : changes) {
      if (change instanceof NamespaceChange.SetProperty property) {
        boolean isLocation = property.property().equals(SupportsNamespaces.PROP_LOCATION);
        set.put(property.property(), isLocation ? Location.of(property.value()).toString() : property.value());
        remove.remove(property.property());
      } else if (change instanceof NamespaceChange.RemoveProperty property) {
        set.remove(property.property());
        remove.add(property.property());
      }
    }
    NativeControl.alterNamespace(at(namespace), set, remove);
  }

  /**
   * @param cascade with all its tables, each of which is given to {@code beforehand}
   * @return whether there was one
   * @throws UnsupportedOperationException for the empty namespace
   */
  public boolean drop(String[] namespace, boolean cascade, Consumer<Identifier> beforehand) throws NonEmptyNamespaceException {
    if (namespace.length == 0) {
      throw Unsupported.operation("drop the catalog " + paths.catalog(),
          "its empty namespace is the warehouse with everything in it. Name one of its namespaces");
    }
    if (!exists(namespace)) {
      return false;
    }
    if (cascade) {
      forEachTable(namespace, beforehand);
    }
    try {
      return NativeControl.dropNamespace(at(namespace), cascade);
    } catch (InvalidInputException e) {
      if (e.getCondition().equals("SCHEMA_NOT_EMPTY")) {
        throw NameErrors.because(e, new NonEmptyNamespaceException(namespace));
      }
      throw Unchecked.raise(e);
    }
  }

  /** At whatever depth. */
  private void forEachTable(String[] namespace, Consumer<Identifier> action) {
    DirectoryListing listing = NativeControl.listDirectory(at(namespace));
    for (String child : listing.namespaces()) {
      forEachTable(append(namespace, CatalogPaths.nameOf(child)), action);
    }
    for (String table : listing.tables()) {
      action.accept(Identifier.of(namespace, CatalogPaths.nameOf(table)));
    }
  }

  private StorageLocation at(String[] namespace) {
    return storage.to(paths.directory(namespace));
  }

  private void requireName(String[] namespace) throws NoSuchNamespaceException {
    if (!CatalogPaths.canName(namespace)) {
      throw missing(namespace);
    }
  }

  private NoSuchNamespaceException missing(String[] namespace) {
    return NameErrors.noNamespace(paths.catalog(), namespace);
  }

  private static String[] append(String[] parent, String child) {
    String[] path = Arrays.copyOf(parent, parent.length + 1);
    path[parent.length] = child;
    return path;
  }
}
