//! A commit of another writer, as far as it matters to who has read rows of the table or removes some.

use std::collections::HashMap;

use serde::Deserialize;

use crate::error::Result;
use crate::log::conflict;
use crate::scan::files::DataFile;
use crate::storage::Storage;
use crate::table;

/// What a commit did to the rows of a table.
pub struct Winner {
    pub added: Vec<Change>,
    pub removed: Vec<Change>,
    /// Whether its writer says that it read nothing of the table.
    pub is_blind: bool,
}

/// A file that came or went.
pub struct Change {
    /// Of which only path and partition values are told; none of the latter where the log leaves them out.
    pub file: DataFile,
    pub has_partition: bool,
    /// False for rows that were there before, or are still there, in other files.
    pub is_of_data: bool,
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
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitInfo {
    is_blind_append: Option<bool>,
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
        };
        for action in actions {
            winner.added.extend(action.add.map(Change::from));
            winner.removed.extend(action.remove.map(Change::from));
            winner.is_blind |= action
                .commit_info
                .is_some_and(|info| info.is_blind_append == Some(true));
        }
        Ok(winner)
    }
}

impl From<File> for Change {
    fn from(file: File) -> Self {
        let has_partition = file.partition_values.is_some();
        let values = file.partition_values.unwrap_or_default().into_iter();
        let values = values.filter_map(|(name, value)| Some((name, value?)));
        Self {
            file: DataFile::of_partition(file.path, values.collect()),
            has_partition,
            is_of_data: file.data_change != Some(false),
        }
    }
}
