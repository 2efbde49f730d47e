package io.sluice.spark.faults;

import io.sluice.spark.SparkFixture;
import io.sluice.spark.jni.NativeControl;

/** Dies on the way of a statement. Arguments: the fault, the statement. */
public final class DyingStatement {
    private DyingStatement() {}

    public static void main(String[] arguments) {
        NativeControl.testSwitch(arguments[0], "1");
        SparkFixture.sql(arguments[1]);
    }
}
