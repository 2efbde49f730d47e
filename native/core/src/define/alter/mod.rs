//! ALTER TABLE: changes to metadata and protocol that the kernel has no words for, written as one
//! commit of our own. All changes of a request land together or not at all.
//!
//! Each change is a function on the table's [`state::TableState`]; what differs afterwards becomes
//! the actions of the commit (Delta protocol, "Change Metadata", "Protocol Evolution", "Domain
//! Metadata").

mod change;
mod clustering;
mod columns;
mod constraints;
mod fields;
mod history;
mod mapping;
mod replacement;
mod settings;
mod state;
mod types;

use std::time::Duration;

use serde::Deserialize;

pub use change::Change;
pub use constraints::Checked;
use state::TableState;

use crate::error::{Error, ErrorKind, Result};
use crate::log::actions::{self, ActionCommit, Landed};
use crate::log::conflict;
use crate::storage::Storage;
use crate::table::ReadVersion;
use crate::table::refusal::refusal;
use crate::table::row_tracking;

/// Lost races after which an ALTER TABLE gives up.
const MAX_ATTEMPTS: u32 = 100;

/// What is to be changed about a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alteration {
    /// Applied in this order, committed as one.
    pub changes: Vec<Change>,
    /// Needed to add a constraint, and to rename, drop or retype a column.
    #[serde(default)]
    pub checked: Option<Checked>,
    /// Recorded in the commit.
    pub engine_info: String,
}

/// Applies the changes to the newest version of the table and returns the version they made.
///
/// A lost race is repeated on the winner's version, unless the winner changed metadata or protocol.
///
/// Errors: TableMissing; InvalidInput for a change Delta does not allow; UnsupportedTable for a table
/// that must not be written; Conflict, CommitUnknown, Storage from the commit.
pub fn alter(name: &str, storage: &Storage, alteration: &Alteration) -> Result<u64> {
    let mut read: Option<ReadVersion> = None;
    for attempt in 1..=MAX_ATTEMPTS {
        let version = ReadVersion::newest(name, storage)?;
        let snapshot = &version.snapshot;
        if let Some(before) = &read {
            before.check_still_there(name, storage)?;
            for version in before.snapshot.version() + 1..=snapshot.version() {
                conflict::check_winner(name, storage, version, None)?;
            }
        }
        if let Some(refusal) = refusal(name, storage, snapshot) {
            return Err(refusal.into_error());
        }
        constraints::check(
            name,
            storage,
            snapshot,
            &alteration.changes,
            alteration.checked.as_ref(),
        )?;
        if let Landed::Version(version) = attempt_once(name, storage, alteration, &version)? {
            return Ok(version);
        }
        read = Some(version);
        std::thread::sleep(Duration::from_millis(u64::from(attempt.min(50))));
    }
    Err(Error::new(
        ErrorKind::Conflict,
        format!(
            "Cannot alter table {name}: other writers were faster {MAX_ATTEMPTS} times; run it again"
        ),
    )
    .class("DELTA_MAX_COMMIT_RETRIES_EXCEEDED"))
}

fn attempt_once(
    name: &str,
    storage: &Storage,
    alteration: &Alteration,
    read: &ReadVersion,
) -> Result<Landed> {
    let before = TableState::of(name, storage, &read.snapshot)?;
    let mut after = before.clone();
    after.apply_all(&alteration.changes)?;
    after.settle()?;
    if alteration
        .changes
        .iter()
        .all(|change| before.has_nothing_of(change))
    {
        return Ok(Landed::Version(read.snapshot.version()));
    }
    let operation = history::operation(&alteration.changes, &before, &after);
    actions::commit(
        ActionCommit {
            table: name,
            storage,
            snapshot: &read.snapshot,
            engine_info: &alteration.engine_info,
            operation,
        },
        |timestamps| {
            // With files added since it was read, the commit is lost and all is done again.
            let mut backfill = match after.turns_on_row_tracking(&before) {
                true => {
                    let partitions = before.physical_partition_columns();
                    row_tracking::backfill(name, storage, &read.snapshot, &partitions)?
                }
                false => Vec::new(),
            };
            let mut actions = after.actions(&before, timestamps)?;
            actions.append(&mut backfill);
            Ok(actions)
        },
    )
}
