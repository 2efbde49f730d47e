package io.sluice.spark.faults;

import static org.junit.Assert.assertEquals;

import io.sluice.spark.SparkFixture;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Another JVM with this one's class path: one that may die, or that must share nothing but the table. */
public final class ChildJvm implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 600;

    private final Process process;
    private final Path output;

    private ChildJvm(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** How to start one. */
    public record Options(List<String> jvm, Map<String, String> environment) {
        public static final Options NONE = new Options(List.of(), Map.of());

        public static Options jvm(String... arguments) {
            return new Options(List.of(arguments), Map.of());
        }
    }

    public static ChildJvm start(Options options, Class<?> main, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("--enable-native-access") || argument.startsWith("-XX:"))
                .forEach(command::add);
        command.addAll(List.of("-Djava.security.manager=allow", "-Djdk.reflect.useDirectMethodHandle=false", "-Xmx1g"));
        command.addAll(options.jvm());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Path directory = SparkFixture.temporaryDirectory("child");
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile())
                .redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(options.environment());
        return new ChildJvm(builder.start(), output);
    }

    /** Waits for its end; returns what it printed. */
    public String await(int expectedExitCode) throws IOException, InterruptedException {
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        String printed = Files.readString(output);
        assertEquals("the child's end; it printed:\n" + printed, expectedExitCode, ended ? process.exitValue() : "none");
        return printed;
    }

    public static String run(Options options, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        try (ChildJvm child = start(options, main, arguments)) {
            return child.await(0);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
