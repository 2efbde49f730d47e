package io.sluice.spark.read;

import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.read.vector.NativeVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** A batch that a native reader holds: whoever writes it natively needs none of its vectors. As good as its reader is. */
public final class NativeBatch extends ColumnarBatch {
  private final ReaderHandle reader;

  NativeBatch(ReaderHandle reader, NativeVector[] columns) {
    super(columns);
    this.reader = reader;
  }

  /** Stands at this batch until its next one is asked for. */
  public ReaderHandle reader() {
    return reader;
  }
}
