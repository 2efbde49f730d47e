//! What a table's history tells of DELETE, UPDATE and MERGE in numbers, under Delta's names.

use std::collections::BTreeMap;

use super::entries::{Entry, entry};
use super::overwrite::{Operation, Removal};
use super::row_change::{Marks, RowChange};
use crate::rows::fate::Fate;
use crate::rows::touched::TouchedFile;
use crate::write::receipt::Written;

/// What was done. Files that only get a deletion vector count neither as added nor as removed.
pub fn row_metrics(
    change: &RowChange,
    written: &Written,
    removed: &Removal,
    marks: &Marks,
) -> Vec<Entry> {
    let counted = Counted {
        deleted: change.deleted_rows(),
        updated: change.updated_rows(),
        copied: change.copied().rows,
        written: written.data.summary.rows,
    };
    let names = match change.request.operation {
        Operation::Merge => &MERGE,
        _ => &STATEMENT,
    };
    let mut metrics = match change.request.operation {
        Operation::Merge => counted.of_merge(change.counts()),
        operation => counted.of_statement(operation),
    };
    let [added, added_bytes, gone, gone_bytes] = names.files;
    metrics.push(entry(added, written.data.summary.paths.len()));
    metrics.push(entry(added_bytes, written.data.summary.bytes));
    metrics.push(entry(gone, removed.num_files()));
    metrics.push(entry(gone_bytes, removed.num_bytes()));
    metrics.push(entry(
        names.change_files,
        written.changes.summary.paths.len(),
    ));
    let had_vector = |file: &&TouchedFile| file.file.deletion_vector.is_some();
    let marked = change.touched().iter();
    let updated = marked.filter(|file| file.fate == Fate::Marked);
    let [vectors_added, vectors_removed, vectors_updated] = names.vectors;
    metrics.push(entry(vectors_added, marks.num_files()));
    let replaced = change.touched().iter().filter(had_vector).count();
    metrics.push(entry(vectors_removed, replaced));
    metrics.push(entry(vectors_updated, updated.filter(had_vector).count()));
    if change.num_joined() > 0 {
        metrics.push(entry("numDeletionVectorsJoined", change.num_joined()));
    }
    let own: Vec<String> = metrics.iter().map(|(name, _)| name.clone()).collect();
    let of_spark = change.counts().iter();
    let of_spark = of_spark.filter(|(name, _)| !own.contains(name));
    metrics.extend(of_spark.map(|(name, value)| entry(name, value)));
    metrics
}

/// Names of what is counted in files. Those of MERGE differ.
struct Names {
    files: [&'static str; 4],
    change_files: &'static str,
    vectors: [&'static str; 3],
}

const STATEMENT: Names = Names {
    files: [
        "numAddedFiles",
        "numAddedBytes",
        "numRemovedFiles",
        "numRemovedBytes",
    ],
    change_files: "numAddedChangeFiles",
    vectors: [
        "numDeletionVectorsAdded",
        "numDeletionVectorsRemoved",
        "numDeletionVectorsUpdated",
    ],
};

const MERGE: Names = Names {
    files: [
        "numTargetFilesAdded",
        "numTargetBytesAdded",
        "numTargetFilesRemoved",
        "numTargetBytesRemoved",
    ],
    change_files: "numTargetChangeFilesAdded",
    vectors: [
        "numTargetDeletionVectorsAdded",
        "numTargetDeletionVectorsRemoved",
        "numTargetDeletionVectorsUpdated",
    ],
};

/// Rows.
struct Counted {
    deleted: u64,
    updated: u64,
    copied: u64,
    /// Copied ones too.
    written: u64,
}

impl Counted {
    fn of_statement(&self, operation: Operation) -> Vec<Entry> {
        let changed = match operation {
            Operation::Update => entry("numUpdatedRows", self.updated),
            _ => entry("numDeletedRows", self.deleted),
        };
        vec![changed, entry("numCopiedRows", self.copied)]
    }

    /// `of_spark` counts the rows that clauses of WHEN NOT MATCHED BY SOURCE changed; those that others changed are the rest.
    fn of_merge(&self, of_spark: &BTreeMap<String, i64>) -> Vec<Entry> {
        let kept = self.copied + self.updated;
        let mut entries = vec![
            entry("numTargetRowsInserted", self.written.saturating_sub(kept)),
            entry("numTargetRowsUpdated", self.updated),
            entry("numTargetRowsDeleted", self.deleted),
            entry("numTargetRowsCopied", self.copied),
            entry("numOutputRows", self.written),
        ];
        for (what, all) in [("Updated", self.updated), ("Deleted", self.deleted)] {
            if let Some(&rest) = of_spark.get(&format!("numTargetRowsNotMatchedBySource{what}")) {
                let matched = all.saturating_sub(rest.unsigned_abs());
                entries.push(entry(&format!("numTargetRowsMatched{what}"), matched));
            }
        }
        entries
    }
}
