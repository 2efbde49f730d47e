package io.sluice.bench.peer;

import java.util.Map;

/** The compression of every peer in a case. */
public record Codec(String name, int level) {

  /** For all that listen to Spark, zstd's level included: left alone, Parquet's own writer takes 3. */
  Map<String, String> sessionConf() {
    return Map.of("spark.sql.parquet.compression.codec", name,
        "parquet.compression.codec.zstd.level", Integer.toString(level));
  }

  @Override
  public String toString() {
    return name.equals("zstd") ? name + " " + level : name;
  }
}
