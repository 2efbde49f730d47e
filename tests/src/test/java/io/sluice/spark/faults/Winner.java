package io.sluice.spark.faults;

import io.sluice.spark.SparkFixture;
import io.sluice.spark.jni.NativeControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Another writer, delta-spark, whose commit lands right before ours and takes the version that was to be ours. */
public final class Winner {
    private Winner() {}

    /** @param statement with {@code %s} for the table */
    public static void lands(Path table, String statement) throws IOException {
        Path twin = SparkFixture.freshPath("winner");
        copyAll(table, twin);
        long before = commits(twin).size();
        SparkFixture.sql(statement.formatted("delta.`" + twin + "`"));
        List<Path> after = commits(twin);
        if (after.size() != before + 1) {
            throw new AssertionError(statement + " made " + (after.size() - before) + " commits");
        }
        copyAll(twin, table);
        Path commit = table.resolve("_delta_log").resolve(after.get(after.size() - 1).getFileName());
        Files.move(commit, table.resolve("_winner.json"));
        Files.deleteIfExists(Path.of(commit.toString().replace(".json", ".crc")));
        NativeControl.testSwitch("loseRace", "1");
    }

    private static List<Path> commits(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table.resolve("_delta_log"))) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }

    private static void copyAll(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else if (!Files.exists(copy)) {
                    Files.copy(file, copy);
                }
            }
        }
    }
}
