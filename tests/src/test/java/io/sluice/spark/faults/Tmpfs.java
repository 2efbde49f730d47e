package io.sluice.spark.faults;

import static org.junit.Assert.assertEquals;
import static org.junit.Assume.assumeTrue;

import io.sluice.spark.SparkFixture;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system that a test may fill or make read-only. Permissions would not do: they do not bind root. */
final class Tmpfs implements AutoCloseable {
    private final Path root;

    private Tmpfs(Path root) {
        this.root = root;
    }

    static Tmpfs mount(int megabytes) throws IOException {
        boolean isRoot = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        assumeTrue("NOT TESTED, run it as root: only root can mount the small file system it needs", isRoot);
        Path root = SparkFixture.temporaryDirectory("tmpfs");
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", root.toString());
        return new Tmpfs(root);
    }

    Path path(String name) {
        return root.resolve(name);
    }

    void readOnly(boolean readOnly) throws IOException {
        run("mount", "-o", "remount," + (readOnly ? "ro" : "rw"), root.toString());
    }

    /** Takes all the space that is left. */
    void fill() throws IOException {
        try (OutputStream filler = Files.newOutputStream(path("filler"))) {
            for (byte[] block = new byte[4096]; ; ) {
                filler.write(block);
            }
        } catch (IOException full) {
            assertEquals("No space left on device", full.getMessage());
        }
    }

    void makeRoom() throws IOException {
        Files.delete(path("filler"));
    }

    @Override
    public void close() throws IOException {
        run("umount", "-l", root.toString());
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(String.join(" ", command) + ": " + said, 0, process.onExit().join().exitValue());
    }
}
