package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/** Strings of CHAR columns: filled up with spaces, whether they are stored so or not. */
final class CharVector extends BytesVector {
  private static final UTF8String SPACE = UTF8String.fromString(" ");

  private final int length;

  CharVector(CharType type) {
    super(DataTypes.StringType);
    this.length = type.length();
  }

  @Override
  public UTF8String getUTF8String(int row) {
    UTF8String text = super.getUTF8String(row);
    return text == null || text.numChars() >= length ? text : text.rpad(length, SPACE);
  }
}
