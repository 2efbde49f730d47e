package io.sluice.spark.faults;

import io.sluice.spark.SparkFixture;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Appends one row by an application transaction, and dies on the way. Arguments: the table, the fault. */
public final class DyingDriver {
    private DyingDriver() {}

    public static void main(String[] arguments) throws Exception {
        NativeControl.testSwitch(arguments[1], "1");
        append(SparkFixture.spark(), Path.of(arguments[0]));
    }

    /** The very same write each time. */
    static void append(SparkSession spark, Path table) throws Exception {
        spark.range(1, 2, 1, 1).toDF().writeTo(SparkFixture.byPath(table))
                .option("txnAppId", "nightly").option("txnVersion", "1").append();
    }
}
