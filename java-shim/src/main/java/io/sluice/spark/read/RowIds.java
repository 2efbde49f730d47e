package io.sluice.spark.read;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * The hidden columns by which statements name the rows that they change: together they are the id of a row within one scan of its
 * table. All are 64-bit numbers, and those of the id never null.
 */
public final class RowIds {
  /** Number of the file among those of the scan ({@code PlannedScan.files}). */
  public static final String FILE = "_sluice_file";
  /** Number of the row among all that the file holds. */
  public static final String POSITION = "_sluice_position";
  /** In the order in which they are asked for. */
  public static final List<String> COLUMNS = List.of(FILE, POSITION);
  /** The id that a row keeps for good, in tables that track their rows (Delta protocol, "Row Tracking"); null where it has none yet. */
  public static final String TRACKED = "_sluice_row_id";

  private RowIds() {}

  /** Whether a scan with these columns names its rows. */
  public static boolean areIn(StructType schema) {
    return Arrays.asList(schema.fieldNames()).containsAll(COLUMNS);
  }
}
