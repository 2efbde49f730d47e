package io.sluice.spark.jni.message;

/**
 * Where a table lies that is not in the directory of its name.
 *
 * @param managed whether the catalog chose the place, so that the data goes with the name
 */
public record TablePointer(String location, boolean managed) {}
