package io.sluice.spark.jni;

/**
 * Work behind commits (checksums, checkpoints): a process that ends right after its last write waits for it, and so does
 * what removes tables.
 */
public final class Maintenance {
  /** A checkpoint takes milliseconds to seconds; a storage that hangs must not keep the process for ever. */
  private static final long LONGEST_WAIT_MILLIS = 60_000;

  private Maintenance() {}

  /** Registers the wait at the first call. */
  public static void awaitAtExit() {
    Hook.registered();
  }

  /**
   * Waits for what is under way. Whoever deletes or moves a table's directory without native code calls it first: a file
   * that came late would be taken for the next table's of that name.
   */
  public static void await() {
    NativeControl.awaitMaintenance(LONGEST_WAIT_MILLIS);
  }

  private static final class Hook {
    static {
      Runtime.getRuntime().addShutdownHook(new Thread(Maintenance::await, "sluice-maintenance"));
    }

    static void registered() {
      // Initializing this class does it.
    }
  }
}
