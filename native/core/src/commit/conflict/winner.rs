//! A commit of another writer, as far as it matters to who has read rows of the table or removes some.

use std::collections::HashMap;

use serde::Deserialize;

use crate::error::Result;
use crate::log::conflict;
use crate::scan::deletion_vector::DeletionVector;
use crate::scan::files::DataFile;
use crate::storage::Storage;
use crate::table;

/// What a commit did to the rows of a table.
pub struct Winner {
    pub added: Vec<Change>,
    pub removed: Vec<Change>,
    /// Whether its writer says that it read nothing of the table.
    pub is_blind: bool,
    /// Whether a file that it leaves where it is has fewer rows by it, and never more, as a restored one may have.
    only_marks: bool,
}

/// A file that came or went, or both, with another deletion vector.
pub struct Change {
    /// Of which only path, deletion vector and partition values are told; none of the latter where the log leaves them out.
    pub file: DataFile,
    pub has_partition: bool,
    /// False for rows that were there before, or are still there, in other files.
    pub is_of_data: bool,
    /// Statistics of a file that came, in JSON.
    pub stats: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    add: Option<File>,
    remove: Option<File>,
    #[serde(rename = "commitInfo")]
    commit_info: Option<CommitInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    path: String,
    partition_values: Option<HashMap<String, Option<String>>>,
    data_change: Option<bool>,
    stats: Option<String>,
    deletion_vector: Option<DeletionVector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitInfo {
    is_blind_append: Option<bool>,
    operation: Option<String>,
}

impl Winner {
    /// Errors: CorruptTable if the commit cannot be read.
    pub fn read(table: &str, storage: &Storage, version: u64) -> Result<Self> {
        let actions: Option<Vec<Action>> = table::read_commit(table, storage, version)?;
        let actions = actions.ok_or_else(|| conflict::gone(table, version))?;
        let mut winner = Self {
            added: Vec::new(),
            removed: Vec::new(),
            is_blind: false,
            only_marks: false,
        };
        for action in actions {
            winner.added.extend(action.add.map(Change::from));
            winner.removed.extend(action.remove.map(Change::from));
            let Some(info) = action.commit_info else {
                continue;
            };
            winner.is_blind |= info.is_blind_append == Some(true);
            let operation = info.operation.unwrap_or_default();
            winner.only_marks |= ["DELETE", "UPDATE", "MERGE"].contains(&operation.as_str());
        }
        Ok(winner)
    }

    /// Whether it left the file where it is, with fewer rows.
    pub fn marks(&self, path: &str) -> bool {
        let is_there = |changes: &[Change]| changes.iter().any(|change| change.file.path == path);
        self.only_marks && is_there(&self.removed) && is_there(&self.added)
    }
}

impl From<File> for Change {
    fn from(file: File) -> Self {
        let has_partition = file.partition_values.is_some();
        let values = file.partition_values.unwrap_or_default().into_iter();
        let values = values.filter_map(|(name, value)| Some((name, value?)));
        Self {
            file: DataFile {
                deletion_vector: file.deletion_vector,
                ..DataFile::of_partition(file.path, values.collect())
            },
            has_partition,
            stats: file.stats,
            is_of_data: file.data_change != Some(false),
        }
    }
}
