package io.sluice.spark.error;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.SluiceThrowable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;

/** {@code docs/errors.md} against the code: every condition is listed, and says what the exceptions say. */
public class ListedConditionsTest {
    private static final Path ROOT = Path.of(System.getProperty("sluice.jar")).resolve("../../..").normalize();
    private static final Pattern QUOTED = Pattern.compile("\"((?:DELTA|SLUICE)_[A-Z0-9_]*[A-Z0-9]|CODEC_[A-Z_]+|ROUTINE_[A-Z_]+|SCHEMA_[A-Z]+_[A-Z]+)(?:\\.[A-Z_]+)?\"");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z0-9_]+)` \\| (\\w{5}) \\| ([^|]+) \\| [^|]+ \\| [^|]+ \\|$");
    /** Names of settings, not of conditions. */
    private static final Set<String> OTHERS = Set.of("SLUICE_BUILD_ID", "SLUICE_TEST_SWITCHES");

    private record Listed(String state, List<String> exceptions) {}

    private static Map<String, Listed> listed() throws IOException {
        Map<String, Listed> rows = new TreeMap<>();
        ROW.matcher(Files.readString(ROOT.resolve("docs/errors.md"))).results().forEach(row -> {
            List<String> exceptions = Arrays.stream(row.group(3).split(", ")).map(name -> name.replace("`", "")).toList();
            assertEquals(row.group(1) + " is listed twice", null, rows.put(row.group(1), new Listed(row.group(2), exceptions)));
        });
        return rows;
    }

    /** The conditions that the sources name, without those of tests in Rust modules. */
    private static Set<String> thrown() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String directory : List.of("java-shim/src/main/java", "native/core/src", "native/jni/src")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(directory))) {
                files.filter(file -> file.toString().matches(".*\\.(java|rs)") && !file.endsWith("SqlStates.java")).forEach(sources::add);
            }
        }
        Set<String> conditions = new TreeSet<>();
        for (Path source : sources) {
            String code = Files.readString(source).split("#\\[cfg\\(test\\)\\]\\s*mod ")[0];
            QUOTED.matcher(code).results().map(MatchResult::group).map(quoted -> quoted.replaceAll("[\"]|\\..*", "")).forEach(conditions::add);
        }
        conditions.removeAll(OTHERS);
        return conditions;
    }

    @Test
    public void everyConditionIsListed() throws Exception {
        assertEquals(String.join("\n", thrown()), String.join("\n", listed().keySet()));
    }

    @Test
    public void whatIsListedIsWhatTheExceptionsSay() throws Exception {
        for (var row : listed().entrySet()) {
            for (String name : row.getValue().exceptions()) {
                Class<?> type = Class.forName("io.sluice.spark." + name);
                String message = "[" + row.getKey() + "] Cannot do it: why. What else";
                var failure = (Exception) type.getConstructor(String.class, String.class, Throwable.class).newInstance(row.getKey(), message, new IOException("cause"));
                for (Exception seen : List.of(failure, copied(failure))) {
                    var explained = (SluiceThrowable) seen;
                    assertEquals(row.getKey(), explained.getCondition());
                    assertEquals(row.getKey(), row.getValue().state(), explained.getSqlState());
                    assertEquals(Map.of("message", "Cannot do it: why. What else"), explained.getMessageParameters());
                    assertEquals(message, seen.getMessage());
                    assertEquals("cause", seen.getCause().getMessage());
                    assertTrue(seen.toString(), seen.toString().endsWith(message));
                }
            }
        }
    }

    /** As it comes from an executor. */
    private static Exception copied(Exception failure) throws Exception {
        var bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(failure);
        return (Exception) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    }

    @Test
    public void deltasConditionsHaveDeltasStates() throws Exception {
        var json = new com.fasterxml.jackson.databind.ObjectMapper().readTree(getClass().getResourceAsStream("/error/delta-error-classes.json"));
        Map<String, String> theirs = listed().keySet().stream().filter(json::has)
                .collect(Collectors.toMap(name -> name, name -> json.get(name).get("sqlState").textValue(), (a, b) -> a, TreeMap::new));
        Map<String, String> ours = new TreeMap<>();
        listed().forEach((name, row) -> ours.put(name, row.state()));
        ours.keySet().retainAll(theirs.keySet());
        assertTrue(ours.size() > 50);
        assertEquals(theirs, ours);
    }
}
