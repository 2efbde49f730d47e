//! A table in one row: what its metadata says, how large it is, and where its protocol stands.

use serde::Serialize;

use super::description::{Description, described};
use super::files::FileTotals;
use super::protocol::Protocol;
use super::snapshot::{commit_identity, latest_snapshot};
use crate::error::Result;
use crate::storage::Storage;

/// The newest version of a table, and its files.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    description: Description,
    /// When its commit was written, in milliseconds since the epoch; none if that was cleaned up.
    last_modified: Option<i64>,
    /// Data files.
    num_files: i64,
    /// Of the data files.
    size_in_bytes: i64,
    /// Sorted, with those that old protocol versions stand for.
    table_features: Vec<String>,
}

/// Describes the newest version of the table at `storage`. Its files are counted only where no checksum tells their number.
///
/// Errors: those of [`latest_snapshot`].
pub fn detail(name: &str, storage: &Storage) -> Result<Detail> {
    let snapshot = latest_snapshot(name, storage)?;
    let totals = FileTotals::of(name, storage, &snapshot)?;
    let protocol = Protocol::of(snapshot.table_configuration().protocol());
    let commit = commit_identity(storage, snapshot.version())?;
    Ok(Detail {
        description: described(name, storage, &snapshot)?,
        last_modified: commit.map(|commit| commit.modified_millis()),
        num_files: totals.files,
        size_in_bytes: totals.bytes,
        table_features: protocol.features().map(str::to_owned).collect(),
    })
}
