package io.sluice.spark.arrow;

import java.util.Arrays;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Values of a dictionary met in one batch. A vector does not tell when it gets another dictionary, as it does with each
 * row group, but never changes it within a batch.
 */
final class DecodedValues {
  /** Entries beyond are decoded each time: a dictionary that large hardly repeats within a batch. */
  private static final int ENTRIES = 4096;

  private final UTF8String[] values = new UTF8String[ENTRIES];
  /** Entries at or after this are empty. */
  private int end;

  /** To be called before each batch. */
  void forget() {
    Arrays.fill(values, 0, end, null);
    end = 0;
  }

  /** The value of {@code row}, which is not null. */
  UTF8String get(WritableColumnVector vector, int row) {
    int id = vector.getDictionaryIds().getDictId(row);
    if (id >= ENTRIES) {
      return vector.getUTF8String(row);
    }
    UTF8String known = values[id];
    if (known == null) {
      known = vector.getUTF8String(row);
      values[id] = known;
      end = Math.max(end, id + 1);
    }
    return known;
  }
}
