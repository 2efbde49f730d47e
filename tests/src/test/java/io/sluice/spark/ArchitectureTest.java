package io.sluice.spark;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.BeforeClass;
import org.junit.Test;

/** The house that the jar's classes live in: which room may know of which. */
public class ArchitectureTest {
    private static final String HOUSE = "io.sluice.spark";
    private static final String NAMES = "names";

    /**
     * The rooms (packages), from the ground up. Each uses what is below it and never what is above: a statement walks down
     * from the names in its SQL to a native call, and answers and exceptions walk up by themselves. A new room goes in here.
     */
    private static final List<String> FLOORS = List.of(
            "error",            // what users catch, which is beside what they name, and what that is made of
            "types",            // Spark's types, as values of theirs are stored
            "session",          // Spark's session, its settings, what it executes
            "jni.message",      // requests and answers: values, without a native call
            "jni",              // the native calls
            "storage",          // places, and how to reach them
            "arrow",            // rows to lanes
            "constraints",      // conditions on rows, resolved and evaluated
            "read.vector",      // lanes to Spark's vectors
            "read",             // scans
            "columnar",         // batches in place of rows, for writes
            "write",            // writes, which may take a reader's batches as they are, and know what their statement has read
            "rows",             // changes of rows that are there: scan, what tasks hand back, what becomes of files
            "table",            // what Spark is shown of a table, from where it asks for scans and writes
            "metadata",         // what a table's log says, as tables
            "ddl",              // tables that are to be, and changes of those there are
            "catalog",          // from names to all that
            "procedure",        // what CALL can do with a table
            "parser",           // statements of Delta's that ask for that
            NAMES);             // what users name in SQL and settings

    private static JavaClasses house;

    @BeforeClass
    public static void readJar() throws Exception {
        // What Spark's classes are made of is not asked, and takes longer to read than all of ours.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        try (JarFile jar = new JarFile(System.getProperty("sluice.jar"))) {
            house = new ClassFileImporter().importJar(jar);
        }
    }

    @Test
    public void noRoomKnowsOneAbove() {
        LayeredArchitecture floors = layeredArchitecture().consideringOnlyDependenciesInLayers()
                .ensureAllClassesAreContainedInArchitecture();
        for (String floor : FLOORS) {
            floors = floors.layer(floor).definedBy(describe(floor, one -> floorOf(one).equals(floor)));
        }
        for (int i = 0; i < FLOORS.size() - 1; i++) {
            floors = floors.whereLayer(FLOORS.get(i))
                    .mayOnlyBeAccessedByLayers(FLOORS.subList(i + 1, FLOORS.size()).toArray(String[]::new));
        }
        floors.whereLayer(NAMES).mayNotBeAccessedByAnyLayer().check(house);
    }

    private static String floorOf(JavaClass one) {
        String room = one.getPackageName();
        if (room.startsWith(HOUSE + ".")) {
            return room.substring(HOUSE.length() + 1);
        }
        // What users catch is at the bottom, what they name at the top. Outside the house are but other names of its data source.
        return one.getSimpleName().matches("\\w+Exception|SluiceThrowable") ? "error" : NAMES;
    }

    /** Everything else goes through the methods of its room, which load the library first. */
    @Test
    public void nativeMethodsAreInOnePlace() {
        methods().that().haveModifier(JavaModifier.NATIVE).should().beDeclaredIn(HOUSE + ".jni.Native")
                .andShould().notHaveModifier(JavaModifier.PUBLIC).check(house);
    }

    /** So that one jar serves all versions of Spark, and stands beside others that bring their own. */
    @Test
    public void nothingUsesArrowJava() {
        noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.arrow..").check(house);
    }
}
