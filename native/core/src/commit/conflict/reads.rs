//! Statements that have read the table they write to, as `INSERT INTO t SELECT … FROM t` does: such an append
//! is not blind. What it has read must still be so when it commits, as if the statement had run alone (Delta's isolation
//! level WriteSerializable, in which blind appends of others do not matter; under Serializable they do).

use delta_kernel::snapshot::SnapshotRef;
use serde::Deserialize;

use super::winner::{Change, Winner};
use crate::error::Result;
use crate::log::conflict;
use crate::scan::filter;
use crate::scan::plan::planner::{FileScan, ScanRequest};
use crate::scan::session::Session;
use crate::storage::Storage;
use crate::table::time_travel;

/// Rows of the table that the statement has read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadRequest {
    pub version: u64,
    /// Filters on partition columns that say which partitions were read.
    pub filters: Vec<filter::Request>,
    pub session: Session,
}

/// What a statement has read of the table it writes to.
pub struct Reads {
    table: String,
    storage: Storage,
    reads: Vec<Read>,
    pub isolation_level: &'static str,
}

struct Read {
    scan: ScanRequest,
    snapshot: SnapshotRef,
    /// The last version that is known not to have changed what was read.
    checked: u64,
}

impl Reads {
    /// Nothing if nothing was read.
    ///
    /// Errors: InvalidInput if a version that was read is not there any more.
    pub fn open(
        table: &str,
        storage: &Storage,
        requests: &[ReadRequest],
        newest: &SnapshotRef,
    ) -> Result<Option<Self>> {
        let read = |request: &ReadRequest| {
            let (version, filters) = (request.version, request.filters.clone());
            let session = request.session.clone();
            Ok(Read {
                scan: ScanRequest::of_files(table, storage, version, filters, session),
                snapshot: time_travel::snapshot_at(table, storage, version)?,
                checked: version,
            })
        };
        if requests.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            table: table.to_owned(),
            storage: storage.clone(),
            reads: requests.iter().map(read).collect::<Result<_>>()?,
            isolation_level: isolation_level(newest),
        }))
    }

    /// Checks the commits of others up to `newest`, as far as they were not checked before.
    ///
    /// Errors: Conflict if one changed what was read.
    pub fn check_winners(&mut self, newest: u64) -> Result<()> {
        let checked = self.reads.iter().map(|read| read.checked).min();
        for version in checked.unwrap_or(newest) + 1..=newest {
            let winner = Winner::read(&self.table, &self.storage, version)?;
            for read in self.reads.iter_mut().filter(|read| read.checked < version) {
                let files = FileScan::new(&read.scan, &self.storage, &read.snapshot)?;
                check_winner(&self.table, &files, &winner, version, self.isolation_level)?;
                read.checked = version;
            }
        }
        Ok(())
    }
}

fn check_winner(
    table: &str,
    files: &FileScan<'_>,
    winner: &Winner,
    version: u64,
    isolation_level: &str,
) -> Result<()> {
    let is_read = |change: &Change| -> Result<bool> {
        let file = files.completed(change.file.clone())?;
        Ok(change.is_of_data && (!change.has_partition || files.is_wanted(&file)?))
    };
    for removed in &winner.removed {
        if is_read(removed)? {
            return conflict::conflict(
                table,
                version,
                "DELTA_CONCURRENT_DELETE_READ",
                "removed rows that this statement has read",
            );
        }
    }
    if winner.is_blind && isolation_level != "Serializable" {
        return Ok(());
    }
    for added in &winner.added {
        if is_read(added)? {
            return conflict::conflict(
                table,
                version,
                "DELTA_CONCURRENT_APPEND",
                "added rows to what this statement has read",
            );
        }
    }
    Ok(())
}

/// Of writes that are more than blind appends.
pub fn isolation_level(snapshot: &SnapshotRef) -> &'static str {
    match snapshot
        .metadata_configuration()
        .get("delta.isolationLevel")
    {
        Some(level) if level.eq_ignore_ascii_case("Serializable") => "Serializable",
        _ => "WriteSerializable",
    }
}
