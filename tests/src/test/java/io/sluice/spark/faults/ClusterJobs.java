package io.sluice.spark.faults;

import java.util.Arrays;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** A driver with executors in JVMs of their own. Each argument pair is what befalls a first attempt, and a table. */
public final class ClusterJobs {
    static final long ROWS = 4_000;

    private ClusterJobs() {}

    /** What a first attempt of a task does when it is half through its rows. */
    enum Befalls {
        THROWS {
            @Override
            void strike() {
                throw new IllegalStateException("a first attempt fails");
            }
        },
        DIES {
            @Override
            void strike() {
                Runtime.getRuntime().halt(1);
            }
        };

        abstract void strike();
    }

    public static void main(String[] arguments) throws Exception {
        try (SparkSession spark = SparkSession.builder().master("local-cluster[2,1,1024]")
                .config("spark.ui.enabled", "false")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.executor.memory", "512m")
                .config("spark.task.maxFailures", "4")
                .config("spark.sql.catalog.lake", "io.sluice.spark.SluiceCatalog")
                .config("spark.sql.catalog.lake.warehouse", System.getProperty("user.dir")).getOrCreate()) {
            for (var job = Arrays.asList(arguments).iterator(); job.hasNext(); ) {
                Column id = firstAttempt(Befalls.valueOf(job.next()));
                spark.range(0, ROWS, 1, 2).select(id).writeTo("lake.delta.`" + job.next() + "`")
                        .option("sluice.batchRows", "100").append();
            }
        }
    }

    private static Column firstAttempt(Befalls fault) {
        UDF1<Long, Long> identity = id -> {
            if (id == ROWS * 3 / 4 && TaskContext.get().attemptNumber() == 0) {
                fault.strike();
            }
            return id;
        };
        return functions.udf(identity, DataTypes.LongType).asNondeterministic().apply(functions.col("id")).as("id");
    }
}
