//! Whether a statement that changes rows may follow the commit of another writer, though it has not seen it: if the table is
//! then as if one had run after the other.
//!
//! A blind append has read nothing, so it may as well come after the statement. For every other winner the statement is
//! taken to run after it, and must then do what it has done:
//!
//! | the winner | and the statement | |
//! |---|---|---|
//! | brought rows that the statement may touch | | conflict |
//! | removed rows that it touches | | conflict |
//! | removed other rows of a file it touches, by deletion vector | marks rows there too | both vectors become one |
//! | removed other rows of a file it touches, in any other way | | conflict |
//! | removed any rows | inserts what matches no row, and may have matched rows that it does not touch | conflict, if it may have read them |
//! | | any other | none: it decides row by row |
//!
//! In a table that says `delta.isolationLevel` = Serializable every row that may have been read is a conflict, as with
//! delta-spark.

use serde::Deserialize;

use super::winner::{Change, Winner};
use crate::error::Result;
use crate::scan::filter;
use crate::scan::plan::planner::{FileScan, ScanRequest};
use crate::scan::plan::stats::Stats;

/// What a statement has read to find the rows it touches.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetRead {
    /// All of them hold for every row that may be touched.
    pub filters: Vec<filter::Request>,
    /// The same on partition columns, which partition values decide.
    pub exact_filters: Vec<filter::Request>,
    /// Whether it inserts rows for what matches none, and rows may match that it does not touch: if such a row went, it would
    /// have to insert one.
    pub inserts_unmatched: bool,
}

/// Why a winner stands in the way.
#[derive(Debug, PartialEq, Eq)]
pub enum Clash {
    Appended,
    Removed,
}

impl TargetRead {
    /// Of everything.
    pub fn whole() -> Self {
        Self {
            filters: Vec::new(),
            exact_filters: Vec::new(),
            inserts_unmatched: true,
        }
    }

    /// The scan by which files of other commits are judged.
    pub fn scan(&self, files: &ScanRequest) -> ScanRequest {
        ScanRequest {
            table: files.table.clone(),
            location: files.location.clone(),
            storage: files.storage.clone(),
            version: files.version,
            schema: serde_json::Value::Null,
            filters: self.filters.clone(),
            exact_filters: self.exact_filters.clone(),
            limit: None,
            session: files.session.clone(),
        }
    }

    /// What of `winner` stands in the way, but for rows that the statement touches. `files` is of [`Self::scan`].
    pub fn clash(
        &self,
        winner: &Winner,
        files: &FileScan<'_>,
        is_serializable: bool,
    ) -> Result<Option<Clash>> {
        if !winner.is_blind || is_serializable {
            for added in &winner.added {
                let is_marked = winner.marks(&added.file.path);
                if added.is_of_data && !is_marked && may_match(files, added)? {
                    return Ok(Some(Clash::Appended));
                }
            }
        }
        if self.inserts_unmatched || is_serializable {
            for removed in &winner.removed {
                if removed.is_of_data && may_be_of_partition(files, removed)? {
                    return Ok(Some(Clash::Removed));
                }
            }
        }
        Ok(None)
    }
}

fn may_match(files: &FileScan<'_>, added: &Change) -> Result<bool> {
    let stats = Stats::of(added.stats.as_deref());
    let mut filters = files.filters.iter();
    let by_stats = filters.all(|filter| filter.may_match(&|path, like| stats.bounds(path, like)));
    Ok(by_stats && may_be_of_partition(files, added)?)
}

fn may_be_of_partition(files: &FileScan<'_>, change: &Change) -> Result<bool> {
    let file = files.completed(change.file.clone())?;
    Ok(!change.has_partition || files.is_wanted(&file)?)
}
