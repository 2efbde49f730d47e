package io.sluice.spark.jni.message;

/** An application's own transaction: a version at or below the last one committed is skipped. */
public record AppTransaction(String appId, long version) {}
