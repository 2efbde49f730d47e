//! What becomes of a file of which rows are deleted or updated. An updated row is deleted where it is, and written
//! elsewhere.
//!
//! | live rows left | table writes deletion vectors | |
//! |---|---|---|
//! | none | | the file goes |
//! | some | yes | the rows are marked in its deletion vector |
//! | some | no | the file goes; the rows that stay are copied to new ones |

use delta_kernel::snapshot::SnapshotRef;

use crate::table::properties::is_true;
use crate::table::protocol::Protocol;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Gone,
    Marked,
    Rewritten,
}

/// Whether rows of the table's files may be marked as deleted (Delta protocol, "Deletion Vectors").
pub fn writes_vectors(snapshot: &SnapshotRef) -> bool {
    let configuration = snapshot.table_configuration();
    let enabled = snapshot
        .metadata_configuration()
        .get("delta.enableDeletionVectors");
    enabled.is_some_and(|value| is_true(value))
        && Protocol::of(configuration.protocol()).supports("deletionVectors")
}

/// The fate of a file of `live` rows, if that is known, of which `touched` are no more. A file with a deletion vector has
/// to say how many rows it holds (Delta protocol, "Per-file Statistics").
pub fn fate(writes_vectors: bool, live: Option<u64>, touched: u64) -> Fate {
    match live {
        Some(live) if live <= touched => Fate::Gone,
        Some(_) if writes_vectors => Fate::Marked,
        _ => Fate::Rewritten,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_when_no_row_is_left() {
        assert_eq!(fate(true, Some(3), 3), Fate::Gone);
        assert_eq!(fate(false, Some(3), 3), Fate::Gone);
    }

    #[test]
    fn rows_are_marked_where_the_table_has_vectors_and_copied_elsewhere() {
        assert_eq!(fate(true, Some(3), 2), Fate::Marked);
        assert_eq!(fate(false, Some(3), 2), Fate::Rewritten);
    }

    #[test]
    fn files_without_counts_are_written_anew() {
        assert_eq!(fate(true, None, 2), Fate::Rewritten);
    }
}
