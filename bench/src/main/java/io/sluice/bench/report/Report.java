package io.sluice.bench.report;

import io.sluice.bench.Directories;
import io.sluice.bench.cases.CaseResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One run's results. */
public record Report(Conditions conditions, List<CaseResult> cases) {

  /** Writes latest.md, latest.svg and latest.json; returns the Markdown. */
  public String write(Path results) {
    Directories.create(results);
    String markdown = Markdown.of(this);
    try {
      Files.writeString(results.resolve("latest.md"), markdown);
      Files.writeString(results.resolve("latest.svg"), BarChart.of(this));
      Files.writeString(results.resolve("latest.json"), RawNumbers.of(this));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return markdown;
  }
}
