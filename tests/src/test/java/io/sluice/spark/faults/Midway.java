package io.sluice.spark.faults;

import io.sluice.spark.SparkFixture;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** Lets a test act in the middle of a write, when the native writer has already worked on the rows before. */
public final class Midway {
    /** What happens then, in the place of the task that has come there. */
    @FunctionalInterface
    public interface Action {
        void run(TaskContext task) throws Exception;
    }

    private static final Map<String, Action> ACTIONS = new ConcurrentHashMap<>();

    private Midway() {}

    /** The column {@code id}, which runs {@code action} once, when a task reaches the row whose id is {@code row}. */
    public static Column at(long row, Action action) {
        return functions.udf(identity(row, action), DataTypes.LongType).asNondeterministic().apply(functions.col("id")).as("id");
    }

    /** The name of a function of ids that does the same, for conditions: to Spark it is one as any other. */
    public static String function(long row, Action action) {
        String name = SparkFixture.freshName("midway");
        SparkFixture.spark().udf().register(name, identity(row, action), DataTypes.LongType);
        return name;
    }

    /** The same of the column {@code id}. */
    public static String sqlAt(long row, Action action) {
        return function(row, action) + "(id)";
    }

    private static UDF1<Long, Long> identity(long row, Action action) {
        String key = UUID.randomUUID().toString();
        ACTIONS.put(key, action);
        return id -> {
            if (id != null && id == row) {
                runOnce(key);
            }
            return id;
        };
    }

    /** On a thread of its own, as Spark allows no session on a task's thread. */
    private static void runOnce(String key) throws Exception {
        Action action = ACTIONS.remove(key);
        if (action == null) {
            return;
        }
        TaskContext context = TaskContext.get();
        FutureTask<?> task = new FutureTask<>(() -> {
            action.run(context);
            return null;
        });
        new Thread(task, "midway").start();
        try {
            task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
