package io.sluice.spark.jni;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The native library inside this jar, under {@code native/<os>-<arch>/}. */
final class BundledLibrary {
  /** Directory to extract to, for hosts whose temp directory forbids execution. */
  static final String DIRECTORY_PROPERTY = "sluice.native.tmpdir";

  private BundledLibrary() {}

  /** Extracts to a directory only this user can enter, loads, and removes the file: its mapping outlives it. */
  static void load(String name) throws IOException {
    String resource = "/native/" + platform() + "/" + System.mapLibraryName(name);
    Path directory = privateDirectory();
    Path library = directory.resolve(fileName(name));
    try {
      extract(resource, library);
      System.load(library.toString());
    } finally {
      remove(library);
      remove(directory);
    }
  }

  /** Windows lets nobody remove the file of a loaded library: there it stays behind. */
  private static void remove(Path path) throws IOException {
    try {
      Files.deleteIfExists(path);
    } catch (FileSystemException e) {
      if (!platform().startsWith("windows")) {
        throw e;
      }
    }
  }

  /** For example {@code linux-x86_64}. */
  static String platform() {
    return os(System.getProperty("os.name")) + "-" + arch(System.getProperty("os.arch"));
  }

  private static void extract(String resource, Path library) throws IOException {
    try (InputStream in = BundledLibrary.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new FileNotFoundException("no " + resource + " in the jar");
      }
      Files.copy(in, library);
    }
  }

  /** Mode 0700 on POSIX file systems. */
  private static Path privateDirectory() throws IOException {
    String parent = System.getProperty(DIRECTORY_PROPERTY);
    return parent == null
        ? Files.createTempDirectory("sluice-")
        : Files.createTempDirectory(Files.createDirectories(Path.of(parent).toAbsolutePath()), "sluice-");
  }

  /** Names version and build, so that a crash report tells which library it was. */
  private static String fileName(String name) {
    BuildProperties jar = BuildProperties.current();
    String tagged = System.mapLibraryName(name + "-" + jar.version() + "-" + jar.buildId());
    return tagged.replaceAll("[^A-Za-z0-9._-]", "_");
  }

  private static String os(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.startsWith("mac") ? "macos" : lower.startsWith("windows") ? "windows" : lower;
  }

  private static String arch(String name) {
    return switch (name) {
      case "amd64", "x86_64" -> "x86_64";
      case "arm64", "aarch64" -> "aarch64";
      default -> name;
    };
  }
}
