package io.sluice.bench.cases;

/** One question, put to every peer in the same run. */
public sealed interface BenchCase
    permits BulkAppend, SmallAppends, FileQuality, HistoryAppends, CommitFiles, PlanScan, ListFiles, TableScan,
        ChangeRows, MergeInARow {
  /** As the user of the bench chooses it. */
  String name();

  String title();

  CaseResult run(Lab lab);
}
