package io.sluice.spark;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.jar.JarFile;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.Test;

/** What the jar does where Spark lacks the classes of constraints and some others, as Spark 4.0 does. */
public class OlderSparkTest {
    /** These name what Spark 4.0 lacks, and are not used there. */
    private static final List<String> APART = List.of(
            "io.sluice.spark.ddl.DeclaredConstraints", "io.sluice.spark.table.ShownConstraints", "io.sluice.spark.table.ConstrainedTable",
            "io.sluice.spark.catalog.DeclaringCatalog", "io.sluice.spark.catalog.SummedUpTables", "io.sluice.spark.catalog.TablesLike",
            "io.sluice.spark.parser.ParameterParser");

    /** The jar's classes anew, for whom some of Spark's do not exist. */
    private static final class OlderSpark extends URLClassLoader {
        OlderSpark(File jar) throws IOException {
            super(new URL[] {jar.toURI().toURL()}, OlderSparkTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.matches("org\\.apache\\.spark\\.sql\\.(connector\\.catalog\\.(constraints\\..*|TableInfo.*|TableSummary.*|TableChange\\$(Add|Drop)Constraint.*)|"
                    + "catalyst\\.parser\\.ParameterContext)")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("io.sluice.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }

    @Test
    public void everyClassLoads() throws Exception {
        File jar = new File(System.getProperty("sluice.jar"));
        try (OlderSpark older = new OlderSpark(jar); JarFile entries = new JarFile(jar)) {
            List<String> names = entries.stream().map(entry -> entry.getName()).filter(name -> name.startsWith("io/sluice/") && name.endsWith(".class"))
                    .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.')).toList();
            assertTrue(names.size() > 50);
            for (String name : names) {
                Class<?> loaded = Class.forName(name, false, older);
                if (!APART.contains(name)) {
                    assertEquals(older, loaded.getClassLoader());
                    loaded.getDeclaredMethods();
                }
            }
            for (String apart : APART) {
                assertThrows(LinkageError.class, () -> Class.forName(apart, false, older).getDeclaredMethods());
            }
        }
    }

    @Test
    public void catalogsStart() throws Exception {
        try (OlderSpark older = new OlderSpark(new File(System.getProperty("sluice.jar")))) {
            for (Class<?> catalog : List.of(SluiceCatalog.class, SluiceSessionCatalog.class)) {
                var started = (TableCatalog) Class.forName(catalog.getName(), true, older).getDeclaredConstructor().newInstance();
                started.initialize("older", CaseInsensitiveStringMap.empty());
                assertEquals(older, started.getClass().getClassLoader());
            }
        }
    }
}
