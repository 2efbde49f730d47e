package io.sluice.spark.jni;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.jni.message.Json;
import io.sluice.spark.jni.message.StorageLocation;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A scan of Parquet files that are no table's.
 *
 * @param name what messages call the files
 * @param at where they are, or one of them is
 * @param schema Spark's schema JSON: the stored columns, then those whose values are the directories'
 * @param partitionColumns names of the latter
 */
public record PlainScan(String name, StorageLocation at, String schema, List<String> partitionColumns) {
  /**
   * The plan for {@link ReaderHandle#openPlain}, opaque.
   *
   * @throws InvalidInputException for what native code cannot reach or read
   */
  public byte[] plan() throws InvalidInputException {
    NativeLibrary.load();
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("name", name);
    message.put("location", at.location());
    message.put("storage", at.storage());
    message.put("schema", Json.tree(schema.getBytes(StandardCharsets.UTF_8)));
    message.put("partitionColumns", partitionColumns);
    return Native.planPlain(Json.write(message));
  }

  /**
   * A range of a file. The row groups whose middle lies in it belong to it.
   *
   * @param path URL
   * @param size bytes of the whole file
   * @param partitionValues pairs of a partition column and its value as Delta writes such; none of a column that is null
   */
  public record Slice(String path, long size, long start, long length, List<List<String>> partitionValues) {}
}
