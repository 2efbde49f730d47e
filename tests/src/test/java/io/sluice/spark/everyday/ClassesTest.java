package io.sluice.spark.everyday;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.xbean.asm9.ClassReader;
import org.apache.xbean.asm9.ClassVisitor;
import org.apache.xbean.asm9.Handle;
import org.apache.xbean.asm9.MethodVisitor;
import org.apache.xbean.asm9.Opcodes;
import org.apache.xbean.asm9.Type;
import org.junit.Test;

/** The jar's classes beside those of the running Spark: all load, and what they call or read of others is there. */
public class ClassesTest {
    /** By the first line of Spark that has what they name: classes that are not used before. */
    private static final Map<String, Set<String>> APART = Map.of("4.1", Set.of(
            "ConstrainedTable", "CountedChange", "DeclaredConstraints", "DeclaringCatalog", "ParameterParser", "ShownConstraints", "SparkConstraintChange",
            "SummedUpTables", "TablesLike"));

    private static Set<String> apart() {
        return APART.entrySet().stream().filter(line -> !Everyday.since(line.getKey()))
                .flatMap(line -> line.getValue().stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    public void everyClassLoadsAndLinks() throws Exception {
        Map<String, List<String>> unfit = new TreeMap<>();
        int seen = 0;
        try (JarFile jar = new JarFile(System.getProperty("sluice.jar"))) {
            for (JarEntry entry : jar.stream().filter(found -> found.getName().matches("(io/sluice/.*|delta)\\.class")).toList()) {
                seen++;
                ClassReader code = new ClassReader(jar.getInputStream(entry).readAllBytes());
                List<String> missing = missing(code);
                if (!missing.isEmpty()) {
                    unfit.put(code.getClassName().replaceFirst(".*/", ""), missing);
                }
            }
        }
        assertTrue("only " + seen + " classes", seen > 200);
        assertEquals(unfit.toString(), apart(), unfit.keySet());
    }

    /** What a class cannot be loaded without, what it does not implement, and what of others it uses that they do not have. */
    private static List<String> missing(ClassReader code) {
        List<String> missing = new ArrayList<>();
        try {
            Class<?> loaded = load(code.getClassName());
            loaded.getDeclaredFields();
            loaded.getDeclaredConstructors();
            loaded.getDeclaredMethods();
            if (!Modifier.isAbstract(loaded.getModifiers())) {
                methods(loaded).filter(method -> Modifier.isAbstract(method.getModifiers())).forEach(method -> missing.add(method.toString()));
            }
        } catch (ClassNotFoundException | LinkageError e) {
            return List.of(e.toString());
        }
        code.accept(new Links(missing), ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return missing;
    }

    /** With those that it inherits, unless that is from a class that is apart. */
    private static Stream<Method> methods(Class<?> type) {
        try {
            return Arrays.stream(type.getMethods());
        } catch (LinkageError apart) {
            return Stream.empty();
        }
    }

    private static Class<?> load(String name) throws ClassNotFoundException {
        return Class.forName(name.replace('/', '.'), false, ClassesTest.class.getClassLoader());
    }

    /** Finds methods and fields of others that are not there. */
    private static final class Links extends ClassVisitor {
        private final List<String> missing;

        Links(List<String> missing) {
            super(Opcodes.ASM9);
            this.missing = missing;
        }

        @Override
        public MethodVisitor visitMethod(int access, String method, String descriptor, String signature, String[] exceptions) {
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitMethodInsn(int opcode, String owner, String name, String type, boolean isInterface) {
                    require(owner, name, type);
                }

                @Override
                public void visitFieldInsn(int opcode, String owner, String name, String type) {
                    require(owner, name, type);
                }

                @Override
                public void visitInvokeDynamicInsn(String name, String type, Handle bootstrap, Object... arguments) {
                    for (Object argument : arguments) {
                        if (argument instanceof Handle handle) {
                            require(handle.getOwner(), handle.getName(), handle.getDesc());
                        }
                    }
                }
            };
        }

        private void require(String owner, String name, String descriptor) {
            if (owner.startsWith("org/apache/") || owner.startsWith("scala/")) {
                try {
                    if (!has(load(owner), name, descriptor)) {
                        missing.add(owner + "." + name + descriptor);
                    }
                } catch (ClassNotFoundException | LinkageError e) {
                    missing.add(owner);
                }
            }
        }

        private static boolean has(Class<?> owner, String name, String descriptor) {
            return Arrays.stream(owner.getDeclaredMethods()).anyMatch(m -> m.getName().equals(name) && Type.getMethodDescriptor(m).equals(descriptor))
                    || Arrays.stream(owner.getDeclaredConstructors()).anyMatch(c -> name.equals("<init>") && Type.getConstructorDescriptor(c).equals(descriptor))
                    || Arrays.stream(owner.getDeclaredFields()).anyMatch(f -> f.getName().equals(name) && Type.getDescriptor(f.getType()).equals(descriptor))
                    || !name.equals("<init>") && parents(owner).anyMatch(parent -> has(parent, name, descriptor));
        }

        private static Stream<Class<?>> parents(Class<?> type) {
            Class<?> above = type.isInterface() ? Object.class : type.getSuperclass();
            return Stream.concat(Stream.ofNullable(above), Arrays.stream(type.getInterfaces()));
        }
    }
}
