package io.sluice.spark.procedure;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/** Values in the form in which Spark holds them. */
final class Values {
  private Values() {}

  /** A row, or a struct, of texts, lists and maps of texts, and what Spark holds as it is. */
  static InternalRow row(Object... values) {
    Object[] held = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      held[i] = held(values[i]);
    }
    return new GenericInternalRow(held);
  }

  /** @param millis since the epoch, or null */
  static Long timestamp(Long millis) {
    return millis == null ? null : TimeUnit.MILLISECONDS.toMicros(millis);
  }

  private static Object held(Object value) {
    if (value instanceof String text) {
      return UTF8String.fromString(text);
    } else if (value instanceof Collection<?> list) {
      return array(list);
    } else if (value instanceof Map<?, ?> map) {
      return new ArrayBasedMapData(array(map.keySet()), array(map.values()));
    }
    return value;
  }

  private static GenericArrayData array(Collection<?> list) {
    return new GenericArrayData(list.stream().map(Values::held).toArray());
  }
}
