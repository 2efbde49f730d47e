package io.sluice.spark.faults;

import static org.junit.Assert.assertEquals;

import io.sluice.spark.SparkFixture;
import io.sluice.spark.jni.NativeControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.Encoders;

/** What lies in a table's directory, beside what its log says. */
public final class TableFiles {
    private TableFiles() {}

    /** Every file with its bytes, the log's too: equal before and after means that nothing was touched. */
    public static SortedMap<String, Integer> state(Path table) {
        awaitMaintenance();
        SortedMap<String, Integer> state = new TreeMap<>();
        for (Path file : all(table)) {
            state.put(table.relativize(file).toString(), contentHash(file));
        }
        return state;
    }

    /** What came, went or became another file since {@code before}. */
    public static List<String> changes(SortedMap<String, Integer> before, Path table) {
        SortedMap<String, Integer> after = state(table);
        SortedSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        return names.stream().filter(name -> !Objects.equals(before.get(name), after.get(name)))
                .map(name -> (!before.containsKey(name) ? "new " : after.containsKey(name) ? "changed " : "gone ") + name)
                .toList();
    }

    public static void assertUnchanged(String when, SortedMap<String, Integer> before, Path table) {
        assertEquals(when, List.of(), changes(before, table));
    }

    public static SortedSet<Path> all(Path table) {
        return list(table, any -> true);
    }

    /** All that is not the log: half-written and temporary files count as well, Hadoop's own checksums do not. */
    public static SortedSet<Path> data(Path table) {
        return list(table, file -> !file.startsWith(table.resolve("_delta_log"))
                && !file.getFileName().toString().matches("\\..*\\.crc"));
    }

    /** The data files are those of the newest version, neither more nor fewer. */
    public static void assertNoOrphans(Path table) {
        SortedSet<Path> inSnapshot = Arrays.stream(SparkFixture.delta(table).inputFiles())
                .map(file -> Path.of(new org.apache.hadoop.fs.Path(file).toUri().getPath()))
                .collect(Collectors.toCollection(TreeSet::new));
        SortedSet<Path> orphans = data(table);
        orphans.removeAll(inSnapshot);
        assertEquals("files that the log does not name", Set.of(), orphans);
        inSnapshot.removeAll(data(table));
        assertEquals("files of the log that are not there", Set.of(), inSnapshot);
    }

    /** The table holds these ids, each as often as given, and no file beside theirs. */
    public static void assertHolds(Path table, List<Long> ids) {
        assertEquals(ids, ids(table));
        assertNoOrphans(table);
    }

    public static List<Long> ids(Path table) {
        return SparkFixture.delta(table).select("id").as(Encoders.LONG()).collectAsList().stream().sorted().toList();
    }

    private static void awaitMaintenance() {
        assertEquals("upkeep under way", 0, NativeControl.awaitMaintenance(20_000));
    }

    /** Uploads go on meanwhile: a file that got its final name while the directory was read means reading it again. */
    private static SortedSet<Path> list(Path directory, Predicate<Path> wanted) {
        while (true) {
            try (var files = Files.walk(directory)) {
                return files.filter(Files::isRegularFile).filter(wanted).collect(Collectors.toCollection(TreeSet::new));
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static int contentHash(Path file) {
        try {
            return Arrays.hashCode(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
