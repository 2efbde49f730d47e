package io.sluice.spark.jni;

import io.sluice.spark.InternalException;
import java.io.File;
import java.util.Arrays;

/**
 * Loads the native library once per class loader. It is looked for in the file that {@code sluice.native.path} names,
 * then on {@code java.library.path}, then in this jar. A failure is remembered and thrown again by every later call.
 */
public final class NativeLibrary {
  private static final String PATH_PROPERTY = "sluice.native.path";
  private static final String NAME = "sluice_jni";

  private NativeLibrary() {}

  /** @throws InternalException if it cannot be loaded or is of another build; the cause says why */
  public static void load() {
    InternalException failure = Once.FAILURE;
    if (failure != null) {
      // A fresh exception each time, so that its stack trace is the caller's.
      throw new InternalException(failure.getCondition(), failure.getMessage(), failure.getCause());
    }
  }

  /** Address of the C function that every lent Arrow structure names as its release callback. */
  public static long releaseCallback() {
    load();
    return Native.releaseCallback();
  }

  /** Class initialization runs once, under the JVM's own lock. */
  private static final class Once {
    static final InternalException FAILURE = tryLoad();
  }

  private static InternalException tryLoad() {
    String named = System.getProperty(PATH_PROPERTY);
    String found = named == null ? onLibraryPath() : named;
    try {
      if (found == null) {
        BundledLibrary.load(NAME);
      } else {
        System.load(found);
      }
      checkBuild();
      return null;
    } catch (InternalException e) {
      return e;
    } catch (Exception | LinkageError e) {
      return new InternalException("SLUICE_NATIVE_LIBRARY", advice(found == null ? "this jar" : found), e);
    }
  }

  /** The library's file, or null. Looked up by hand: one that is there but broken is an error, not passed over. */
  private static String onLibraryPath() {
    String path = System.getProperty("java.library.path", "");
    return Arrays.stream(path.split(File.pathSeparator))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> new File(directory, System.mapLibraryName(NAME)))
        .filter(File::isFile)
        .map(File::getAbsolutePath)
        .findFirst()
        .orElse(null);
  }

  private static void checkBuild() {
    BuildProperties jar = BuildProperties.current();
    String loaded = Native.buildId();
    if (!jar.accepts(loaded)) {
      throw new InternalException(
          "SLUICE_NATIVE_BUILD_MISMATCH",
          "Cannot use the native library of build " + loaded + " with the jar of build " + jar.buildId()
              + ": put the same sluice-spark.jar on the driver and all executors, and no other library on "
              + PATH_PROPERTY + " or java.library.path",
          null);
    }
  }

  private static String advice(String from) {
    return "Cannot load the native library for " + BundledLibrary.platform() + " from " + from
        + ": name another file with -D" + PATH_PROPERTY + "=/path/to/" + System.mapLibraryName(NAME)
        + ", or, if the temp directory forbids execution, another directory with -D"
        + BundledLibrary.DIRECTORY_PROPERTY + "=/path";
  }
}
