package io.sluice.spark.storage;

/**
 * A table's name and where it lies.
 *
 * @param name for people, {@code lake.db.t}
 * @param external whether the place is not of the catalog's choosing
 */
public record Place(String name, Location location, boolean external) {}
