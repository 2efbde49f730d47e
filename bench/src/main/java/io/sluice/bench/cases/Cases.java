package io.sluice.bench.cases;

import io.sluice.bench.Settings;
import io.sluice.bench.data.Source;
import io.sluice.bench.data.Sources;
import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Table;
import java.util.List;
import java.util.stream.Stream;

/** All cases, as data. */
public final class Cases {
  private Cases() {}

  public static List<BenchCase> of(Settings settings) {
    List<BenchCase> chosen = all(settings).stream().filter(one -> settings.wantsCase(one.name())).toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException("Cannot find the cases " + settings.cases() + " among "
          + all(settings).stream().map(BenchCase::name).toList());
    }
    return chosen;
  }

  private static List<BenchCase> all(Settings settings) {
    long rows = settings.rows();
    Codec snappy = new Codec("snappy", settings.zstdLevel());
    Codec zstd = new Codec("zstd", settings.zstdLevel());
    return Stream.concat(changes(settings), Stream.of(
        new BulkAppend("bulk-snappy", Sources.lineitem(rows), snappy, null),
        new BulkAppend("bulk-zstd", Sources.lineitem(rows), zstd, null),
        new BulkAppend("bulk-2-files", Sources.lineitem(rows).inFiles(2), snappy, null),
        new BulkAppend("bulk-200-files", Sources.lineitem(rows).inFiles(200), snappy, null),
        new SmallAppends("small", settings.appends(), snappy),
        new FileQuality("files-snappy", Sources.lineitem(rows), snappy),
        new FileQuality("files-zstd", Sources.lineitem(rows), zstd),
        new BulkAppend("wide", Sources.wide(rows / 8), snappy, null),
        new BulkAppend("nested", Sources.nested(rows / 4), snappy, null),
        new BulkAppend("strings", Sources.strings(rows / 10), snappy, null),
        new BulkAppend("decimals", Sources.decimals(rows / 2), snappy, null),
        new BulkAppend("partitioned", Sources.partitioned(rows / 2), snappy, "part"),
        new BulkAppend("flights", Sources.flights(rows), snappy, null),
        new TableScan("read-full", Sources.lineitem(rows), snappy, "all columns of all rows", all -> all),
        new TableScan("read-columns", Sources.lineitem(rows), snappy, "four columns",
            all -> all.select("l_orderkey", "l_quantity", "l_shipdate", "l_shipmode")),
        new TableScan("read-selective", Sources.lineitem(rows), snappy, "a fiftieth of the rows",
            all -> all.where("l_shipdate >= DATE'1994-01-01' AND l_shipdate < DATE'1995-01-01' AND l_discount = 0.05"
                + " AND l_quantity < 24").select("l_extendedprice", "l_discount")),
        new TableScan("read-point", Sources.lineitem(rows), snappy, "one order",
            all -> all.where("l_orderkey = 12345")),
        new PlanScan("plan-million", 10, 100_000),
        new ListFiles("list-million", false, 10, 100_000),
        new ListFiles("list-million-again", true, 10, 100_000),
        new HistoryAppends("history-10", 10, 1),
        new HistoryAppends("history-10000", 10_000, 1),
        new HistoryAppends("history-million", 10, 100_000),
        new CommitFiles("commit-100000", 100_000))).toList();
  }

  /** Each statement both ways: {@code rows-delete-1pct}, and with deletion vectors {@code rows-delete-1pct-dv}. */
  private static Stream<BenchCase> changes(Settings settings) {
    Source source = Sources.lineitem(settings.rows());
    Stream<BenchCase> statements = Statement.all(settings.rows()).stream().flatMap(one -> Stream.of(
        new ChangeRows("rows-" + one.name(), source, Table.RowChanges.COPY_ON_WRITE, one),
        new ChangeRows("rows-" + one.name() + "-dv", source, Table.RowChanges.MERGE_ON_READ, one)));
    return Stream.concat(statements, Stream.of(new MergeInARow("rows-merges", source, Table.RowChanges.MERGE_ON_READ, 300)));
  }
}
