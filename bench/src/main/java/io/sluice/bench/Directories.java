package io.sluice.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What the bench does with directories. */
public final class Directories {
  private Directories() {}

  public static void create(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static void delete(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // Nothing to delete.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a directory whose files are those of another one, by links: they must not be written to. */
  public static void link(Path from, Path to) {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.createLink(target, path);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Data files below a table's directory: Parquet that is not part of a log, a checkpoint or an unfinished job. */
  public static List<Path> dataFiles(Path table) {
    try (Stream<Path> all = Files.walk(table)) {
      return all.filter(path -> path.toString().endsWith(".parquet")).filter(path -> !hidden(table.relativize(path)))
          .sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hidden(Path path) {
    for (Path part : path) {
      // A partition's directory may begin with an underscore too, but has a "=".
      if ((part.toString().startsWith("_") || part.toString().startsWith(".")) && !part.toString().contains("=")) {
        return true;
      }
    }
    return false;
  }
}
