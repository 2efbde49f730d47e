//! The commit loop: one attempt a version, rebased onto the winners when the race is lost.
//!
//! Exits: committed; refused by the storage before anything was written; a winner that stands in the
//! way; the outcome unknown; too many lost races.

use std::time::Duration;

use delta_kernel::engine::arrow_data::ArrowEngineData;
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::{CommitResult, Transaction, UpdateTableOperation};

use super::change_files::cdc_actions;
use super::info::{commit_info, operation_metrics, operation_parameters, tagged};
use super::overwrite::{Operation, Removal, Scope};
use super::row_change::Marks;
use super::write::{Base, Write};
use crate::define::replace::{Replaced, overtaken};
use crate::error::{Error, ErrorKind, Result};
use crate::log::committer::{LogCommitter, Outcome, unknown};
use crate::log::{conflict, maintenance};
use crate::table::{self, ReadVersion, view};
use crate::write::receipt::Written;

/// Lost races after which a writer gives up. Each one means that somebody else got ahead.
const MAX_ATTEMPTS: u32 = 10_000;
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

pub struct Committed {
    pub version: u64,
    pub attempts: u32,
}

enum Attempt {
    Committed(u64),
    Lost,
}

/// What a commit adds and removes.
struct Files<'a> {
    written: &'a Written,
    removed: Option<Removal>,
    marks: Option<Marks>,
}

/// Commits the files that were written, and those that go.
///
/// Errors: those of [`super::WriteTransaction::commit`].
pub fn commit(write: &mut Write, written: &Written) -> Result<Committed> {
    let overwrite = write.overwrite.as_ref();
    let removed = overwrite.map(|o| o.removal(&written.data)).transpose()?;
    let mut files = Files {
        written,
        removed,
        marks: None,
    };
    if let Some(change) = &mut write.change {
        let (removal, marks) = change.stage()?;
        files.removed = Some(removal);
        files.marks = Some(marks);
    }
    if let Some(version) = nothing_to_do(write, &files) {
        return Ok(Committed {
            version,
            attempts: 0,
        });
    }
    for attempts in 1..=MAX_ATTEMPTS {
        check_overwritten(write, &mut files)?;
        check_reads(write)?;
        if let Attempt::Committed(version) = attempt(write, &files)? {
            return Ok(Committed { version, attempts });
        }
        std::thread::sleep(pause(attempts));
        rebase(write)?;
    }
    Err(Error::new(
        ErrorKind::Conflict,
        format!(
            "Cannot commit to table {}: other writers were faster {MAX_ATTEMPTS} times; run the \
             write again",
            write.request.table
        ),
    )
    .class("DELTA_MAX_COMMIT_RETRIES_EXCEEDED"))
}

/// The version that a write which takes nothing away leaves as it is, if it brings nothing either.
fn nothing_to_do(write: &Write, files: &Files<'_>) -> Option<u64> {
    // The transaction is noted, whether it brings rows or not.
    if write.request.txn.is_some() {
        return None;
    }
    let marked = files.marks.as_ref().map_or(0, Marks::num_files);
    let removed = files.removed.as_ref()?.num_files() + marked;
    let is_void = match &write.overwrite {
        Some(overwrite) => {
            overwrite.request.operation == Operation::Delete
                || matches!(overwrite.request.scope, Scope::WrittenPartitions)
        }
        None => write.change.is_some(),
    };
    match &write.base {
        Base::Existing(read)
            if is_void && removed == 0 && files.written.data.summary.paths.is_empty() =>
        {
            Some(read.snapshot.version())
        }
        _ => None,
    }
}

/// Checks that nobody changed what is overwritten before the version that the write follows.
fn check_overwritten(write: &mut Write, files: &mut Files<'_>) -> Result<()> {
    let (Base::Existing(read), Some(removed)) = (&write.base, &mut files.removed) else {
        return Ok(());
    };
    let newest = read.snapshot.version();
    if let Some(overwrite) = &write.overwrite {
        return overwrite.check_winners(removed, newest);
    }
    let Some(change) = &mut write.change else {
        return Ok(());
    };
    if change.check_winners(removed.checked(), newest)? {
        let (removal, marks) = change.stage_on(&read.snapshot, newest)?;
        files.removed = Some(removal);
        files.marks = Some(marks);
    } else {
        removed.check(newest);
    }
    Ok(())
}

/// Checks that nobody changed what the statement has read before the version that the write follows.
fn check_reads(write: &mut Write) -> Result<()> {
    match (&write.base, &mut write.reads) {
        (Base::Existing(base), Some(reads)) => reads.check_winners(base.snapshot.version()),
        _ => Ok(()),
    }
}

fn attempt(write: &mut Write, files: &Files<'_>) -> Result<Attempt> {
    let (change, operation) = (write.file_change(), write.operation());
    let committer = committer(write, files)?;
    match &mut write.base {
        Base::Existing(read) => {
            read.check_still_there(&write.request.table, &write.storage)?;
            let version = read.snapshot.version();
            let operation = match operation {
                Operation::Write => UpdateTableOperation::Write,
                Operation::Delete => UpdateTableOperation::Delete,
                Operation::Update => UpdateTableOperation::Update,
                Operation::Merge => UpdateTableOperation::Merge,
            };
            let request = &write.request;
            let (table, engine) = (&request.table, &request.engine_info);
            let mut builder = view::update(table, &read.snapshot, change, operation, engine)?
                .with_operation_parameters(operation_parameters(write));
            if let Some(txn) = &write.request.txn {
                builder = builder.with_transaction_id(txn.app_id.clone(), txn.version);
            }
            let reads_nothing = files.removed.is_none() && write.reads.is_none();
            if reads_nothing && !files.written.data.add_rows.is_empty() {
                builder = builder.with_blind_append();
            }
            let mut transaction = builder
                .build(write.storage.engine.as_ref(), Box::new(committer))
                .map_err(|e| {
                    Error::from_kernel(&format!("commit to {}", write.request.table), e)
                })?;
            check_write_state(write, &mut transaction)?;
            if let Some(removed) = &files.removed {
                removed.stage(&mut transaction);
            }
            if let Some(marks) = &files.marks {
                marks.stage(&write.request.table, &mut transaction)?;
            }
            run(write, transaction, files, Some(version))
        }
        Base::New {
            transaction,
            replaced,
        } => {
            if let Some(replaced) = replaced {
                replaced.check_still_there()?;
            }
            let read_version = replaced.as_ref().map(Replaced::version);
            let transaction = transaction.take().ok_or_else(|| {
                Error::internal(format!(
                    "Cannot commit to table {} twice",
                    write.request.table
                ))
            })?;
            run(write, *transaction, files, read_version)
        }
    }
}

/// Adds the actions that the kernel does not know.
fn committer(write: &Write, files: &Files<'_>) -> Result<LogCommitter> {
    let committer = LogCommitter::new(write.storage.clone(), write.outcome.clone());
    let actions = cdc_actions(&files.written.changes.add_rows)?;
    let change = write.change.as_ref();
    let keeps_ids = change.is_some_and(|change| !change.extra_columns().is_empty());
    Ok(match actions.is_empty() && !keeps_ids {
        true => committer,
        false => committer.editing(Box::new(move |lines| {
            let mut lines = match keeps_ids {
                true => tagged(&lines)?,
                false => lines,
            };
            lines.extend_from_slice(&actions);
            Ok(lines)
        })),
    })
}

/// The files were made for one write state; another (new clustering columns, say) needs others.
fn check_write_state(write: &Write, transaction: &mut Transaction) -> Result<()> {
    transaction.ack_column_defaults();
    let now = transaction
        .write_state()
        .and_then(|state| state.encode())
        .map_err(|e| Error::from_kernel(&format!("commit to {}", write.request.table), e))?;
    if same_json(&now, &write.write_state) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Conflict,
        format!(
            "Cannot commit to table {}: how its files are written (clustering columns, statistics) \
             was changed meanwhile by another writer; run the write again",
            write.request.table
        ),
    )
    .class("DELTA_METADATA_CHANGED"))
}

/// Fields' metadata comes in any order.
fn same_json(one: &[u8], other: &[u8]) -> bool {
    let parsed = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    one == other || parsed(one).is_some_and(|one| Some(one) == parsed(other))
}

/// One attempt to commit, for an existing table or a new one alike.
fn run<S>(
    write: &Write,
    transaction: Transaction<S>,
    files: &Files<'_>,
    read_version: Option<u64>,
) -> Result<Attempt> {
    let table = &write.request.table;
    let (commit_info, schema) = commit_info(write, read_version)?;
    let mut transaction = transaction
        .with_operation_metrics(operation_metrics(
            write,
            files.written,
            files.removed.as_ref(),
            files.marks.as_ref(),
        ))
        .with_commit_info(commit_info, schema);
    transaction.ack_column_defaults();
    for rows in &files.written.data.add_rows {
        transaction.add_files(Box::new(ArrowEngineData::new(rows.clone())));
    }
    match transaction.commit(write.storage.engine.as_ref()) {
        Ok(CommitResult::Committed(committed)) => {
            // The kernel counts a replacement as the first version of a new table.
            let version = read_version.map_or_else(|| committed.commit_version(), |read| read + 1);
            follow_up(write, committed.post_commit_snapshot());
            Ok(Attempt::Committed(version))
        }
        Ok(CommitResult::Conflicted(_)) => Ok(Attempt::Lost),
        Ok(CommitResult::Retryable(retryable)) => Err(failure(write, retryable.error)),
        // The commit file is there: what failed came after.
        Err(e) if write.outcome.get() == Outcome::Committed => {
            tracing::warn!(table, error = %e, "committed, but the new snapshot could not be made");
            table::forget(&write.storage);
            Ok(Attempt::Committed(
                read_version.map_or(0, |version| version + 1),
            ))
        }
        Err(e) => Err(failure(write, e)),
    }
}

fn failure(write: &Write, error: delta_kernel::KernelError) -> Error {
    let table = &write.request.table;
    if write.outcome.get() != Outcome::Unknown {
        return Error::from_kernel(&format!("commit to table {table}"), error);
    }
    unknown(table, &error).caused_by(error)
}

/// Keeps the new snapshot and starts the upkeep; neither can undo the commit.
fn follow_up(write: &Write, snapshot: Option<&SnapshotRef>) {
    let table = &write.request.table;
    let from_the_log = || {
        table::latest_snapshot(table, &write.storage)
            .and_then(|snapshot| maintenance::schedule(table, &write.storage, &snapshot))
    };
    let followed = match (&write.base, snapshot) {
        // What a view yields is a view, too.
        (Base::Existing(read), _) if view::is_needed(&read.snapshot, write.file_change()) => {
            from_the_log()
        }
        (Base::Existing(_), Some(snapshot)) if maintenance::is_far_from_checkpoint(snapshot) => {
            table::forget(&write.storage);
            from_the_log()
        }
        (Base::Existing(_), Some(snapshot)) => table::remember(&write.storage, snapshot)
            .and_then(|_| maintenance::schedule(table, &write.storage, snapshot)),
        // The kernel has not seen what was added to the first commit, so its snapshot of a new table
        // would put other metadata into the checksum than the log has.
        _ => {
            table::forget(&write.storage);
            from_the_log()
        }
    };
    if let Err(e) = followed {
        tracing::warn!(table, error = %e, "upkeep after a commit failed");
    }
}

/// Moves the write onto the newest snapshot, if what was committed meanwhile lets it.
fn rebase(write: &mut Write) -> Result<()> {
    let table = &write.request.table;
    let base = match &write.base {
        Base::Existing(base) => base,
        Base::New {
            replaced: Some(_), ..
        } => return Err(overtaken(table)),
        Base::New { replaced: None, .. } => {
            return Err(Error::new(
                ErrorKind::TableExists,
                format!(
                    "Cannot create table {table}: another writer created it meanwhile; append to it \
                 instead"
                ),
            ));
        }
    };
    let newest = ReadVersion::newest(table, &write.storage)?;
    let app_id = write.request.txn.as_ref().map(|txn| txn.app_id.as_str());
    base.check_still_there(table, &write.storage)?;
    for version in base.snapshot.version() + 1..=newest.snapshot.version() {
        conflict::check_winner(table, &write.storage, version, app_id)?;
    }
    let txn = write.request.txn.as_ref();
    let applied = txn.map(|txn| txn.applied(table, &write.storage, &newest.snapshot));
    if applied.transpose()?.flatten().is_some() {
        return Err(Error::internal(format!(
            "Cannot commit to table {table}: its application transaction appeared without a commit"
        )));
    }
    write.base = Base::Existing(newest);
    Ok(())
}

/// Grows with the number of lost races and differs between writers, so that they spread.
fn pause(attempts: u32) -> Duration {
    let longest = FIRST_PAUSE
        .saturating_mul(1 << attempts.min(8))
        .min(LONGEST_PAUSE);
    let share = uuid::Uuid::new_v4().as_u128() % 1_000;
    longest.mul_f64(share as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_states_are_compared_whatever_their_order() {
        assert!(same_json(br#"{"a":1,"b":[1,2]}"#, br#"{"b":[1,2],"a":1}"#));
        assert!(!same_json(br#"{"a":1,"b":[1,2]}"#, br#"{"b":[2,1],"a":1}"#));
        assert!(!same_json(b"{", b"}"));
    }
}
