package io.sluice.bench.cases;

import io.sluice.bench.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Data files as they lie on the disk: speed bought with worse files shows here. */
public record Output(int files, long bytes, long rows, int rowGroups) {

  /** @param table its directory, or null if there is none, and then no output either */
  static Output of(Path table) {
    if (table == null) {
      return null;
    }
    Configuration hadoop = new Configuration();
    List<Path> files = Directories.dataFiles(table);
    long bytes = 0;
    long rows = 0;
    int rowGroups = 0;
    for (Path file : files) {
      List<BlockMetaData> blocks = rowGroups(file, hadoop);
      bytes += size(file);
      rows += blocks.stream().mapToLong(BlockMetaData::getRowCount).sum();
      rowGroups += blocks.size();
    }
    return new Output(files.size(), bytes, rows, rowGroups);
  }

  private static List<BlockMetaData> rowGroups(Path file, Configuration hadoop) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), hadoop))) {
      return reader.getRowGroups();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
