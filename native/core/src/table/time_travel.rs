//! Older versions of a table, by number and by time.

use delta_kernel::KernelError;
use delta_kernel::history_manager::error::LogHistoryError;
use delta_kernel::history_manager::{HistoryCommitType, get_earliest_commit, latest_version_as_of};
use delta_kernel::snapshot::SnapshotRef;

use super::view;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;
use crate::table;

/// The snapshot of the table at `version`.
///
/// Errors: those of [`table::latest_snapshot`]; InvalidInput for a version that is not there, or no
/// longer, with the range of those that are.
pub fn snapshot_at(name: &str, storage: &Storage, version: u64) -> Result<SnapshotRef> {
    let newest = table::latest_snapshot(name, storage)?;
    if newest.version() == version {
        return Ok(newest);
    }
    if version > newest.version() {
        return Err(missing(name, storage, version, newest.version()));
    }
    table::load(name, storage, Some(version)).map_err(|e| match earliest(storage) {
        Some(earliest) if version < earliest => {
            missing(name, storage, version, newest.version()).caused_by(e)
        }
        _ => e,
    })
}

/// Tries again with the version read anew: a snapshot that was kept may name commits that were cleaned up behind a
/// checkpoint since, and a checkpoint may turn out to be broken as it is read.
pub fn with_fresh_log<T>(
    name: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
    attempt: impl Fn(&SnapshotRef) -> Result<T>,
) -> Result<T> {
    match attempt(snapshot) {
        Err(e) if e.kind == ErrorKind::CorruptTable => {
            let version = snapshot.version();
            let anew = || {
                table::forget(storage);
                attempt(&snapshot_at(name, storage, version)?)
            };
            table::without_damage(name, storage, Some(version), anew(), anew)
        }
        done => done,
    }
}

/// The version that was the newest at a time, in microseconds since the epoch. Commits have the times
/// in them where the table keeps such times, else those of their files (Delta protocol, "In-Commit
/// Timestamps").
///
/// Errors: InvalidInput for a time before the first commit or after the last.
pub fn version_at(name: &str, storage: &Storage, micros: i64) -> Result<u64> {
    let newest = view::spelled(name, &table::latest_snapshot(name, storage)?)?;
    let engine = storage.engine.as_ref();
    let at =
        |millis: i64| latest_version_as_of(&newest, engine, millis, HistoryCommitType::Recreatable);
    let millis = micros.div_euclid(1000);
    let last = at(i64::MAX)
        .map_err(|e| Error::from_kernel(&format!("read the commit times of table {name}"), e))?;
    if millis > last.timestamp {
        return Err(Error::invalid(format!(
            "Cannot read table {name} as of {millis} ms since the epoch: its newest version {} is of \
             {} ms; leave the timestamp out, or name one that is not later",
            last.version, last.timestamp
        ))
        .class("DELTA_TIMESTAMP_GREATER_THAN_COMMIT"));
    }
    let found = at(millis).map_err(|e| {
        if !matches!(&e, KernelError::LogHistory(e) if matches!(**e, LogHistoryError::TimestampOutOfRange { .. })) {
            return Error::from_kernel(&format!("read the commit times of table {name}"), e);
        }
        let earliest = earliest(storage).unwrap_or(0);
        Error::invalid(format!(
            "Cannot read table {name} as of {millis} ms since the epoch: its oldest version {earliest} is \
             later; name a later timestamp, or the version"
        ))
        .class("DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION")
        .caused_by(e)
    })?;
    Ok(found.version)
}

fn missing(name: &str, storage: &Storage, version: u64, newest: u64) -> Error {
    let earliest = earliest(storage).unwrap_or(0);
    Error::invalid(format!(
        "Cannot read version {version} of table {name}: the available versions are {earliest} to \
         {newest}"
    ))
    .class("DELTA_VERSION_NOT_FOUND")
}

/// The oldest version that can be read; none if that cannot be found out.
pub fn earliest(storage: &Storage) -> Option<u64> {
    let log = storage.join("_delta_log/").ok()?;
    let engine = storage.engine.as_ref();
    get_earliest_commit(engine, &log, None, HistoryCommitType::Recreatable).ok()
}
