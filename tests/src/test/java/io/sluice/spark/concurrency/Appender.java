package io.sluice.spark.concurrency;

import io.sluice.spark.SparkFixture;
import java.nio.file.Path;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;

/** A JVM that appends rows one by one. Arguments: the table, the first id, the number of ids. */
public final class Appender {
    private Appender() {}

    public static void main(String[] arguments) {
        append(Path.of(arguments[0]), Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
    }

    static void append(Path table, long first, int count) {
        for (long id = first; id < first + count; id++) {
            try {
                SparkFixture.spark().range(id, id + 1, 1, 1).toDF().writeTo(SparkFixture.byPath(table)).append();
            } catch (NoSuchTableException e) {
                throw new AssertionError(e);
            }
        }
    }
}
