package io.sluice.spark.arrow;

/**
 * What a lane is called.
 *
 * @param name     in the ArrowSchema
 * @param path     from the root, for messages: {@code a.b.element}
 * @param nullable in the ArrowSchema
 */
record LaneField(String name, String path, boolean nullable) {
  static LaneField root() {
    return new LaneField("", "", false);
  }

  LaneField child(String childName, boolean childNullable) {
    return new LaneField(childName, path.isEmpty() ? childName : path + "." + childName, childNullable);
  }
}
