//! Snapshots of tables: one cached per table and process, refreshed by looking only for what is new.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use delta_kernel::snapshot::{IncrementalReplay, Snapshot, SnapshotRef};
use object_store::ObjectStoreExt as _;
use once_cell::sync::Lazy;

use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;
use crate::table::damage;
use crate::table::log_files::{check_commit, commit_path, log_path};

/// Tables whose snapshots are kept; a snapshot is small (its log listing), but driver memory is not
/// ours to fill.
const CACHED_TABLES: usize = 128;

static SNAPSHOTS: Lazy<Mutex<HashMap<String, Cached>>> = Lazy::new(Default::default);

#[derive(Clone)]
struct Cached {
    snapshot: SnapshotRef,
    /// Identity of the snapshot's last commit file, which tells a table dropped and made anew.
    commit: CommitIdentity,
    used: u64,
}

/// Tells one commit file from another of the same name.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitIdentity {
    modified: i64,
    size: u64,
    e_tag: Option<String>,
}

impl CommitIdentity {
    /// When the file was written, in milliseconds since the epoch.
    pub fn modified_millis(&self) -> i64 {
        self.modified.div_euclid(1000)
    }
}

/// A version of a table as it was read.
#[derive(Clone)]
pub struct ReadVersion {
    pub snapshot: SnapshotRef,
    /// Its commit file when it was read, if it was there: a table dropped and made anew has another.
    commit: Option<CommitIdentity>,
}

impl ReadVersion {
    /// The newest version of the table at `storage`.
    ///
    /// Errors: TableMissing if there is no Delta table, CorruptTable if its log cannot be read,
    /// UnsupportedTable for an unknown reader feature, Storage if the log cannot be reached.
    pub fn newest(table: &str, storage: &Storage) -> Result<Self> {
        let cached = lock().get(&storage.cache_key()).cloned();
        if let Some(cached) = cached {
            let version = cached.snapshot.version();
            let (last, next) = storage.block_on(async {
                futures::join!(
                    identity(storage, version),
                    identity(storage, version.saturating_add(1))
                )
            })?;
            let unchanged = last?.as_ref() == Some(&cached.commit);
            if unchanged && next?.is_none() {
                return Ok(Self {
                    snapshot: cached.snapshot,
                    commit: Some(cached.commit),
                });
            }
            if unchanged {
                let refreshed = Snapshot::builder_from(cached.snapshot)
                    .with_incremental_crc_replay(IncrementalReplay::Unlimited)
                    .build(storage.engine.as_ref());
                let version = Some(version);
                if let Ok(snapshot) = refreshed
                    && damage::is_sound(table, storage, &snapshot, version).is_ok_and(|sound| sound)
                {
                    let commit = remember(storage, &snapshot)?;
                    return Ok(Self { snapshot, commit });
                }
            }
            forget(storage);
        }
        let snapshot = load(table, storage, None)?;
        check_commit(table, storage, snapshot.version())?;
        let commit = remember(storage, &snapshot)?;
        Ok(Self { snapshot, commit })
    }

    /// Errors: Conflict if the table is not the one that was read any more.
    pub fn check_still_there(&self, table: &str, storage: &Storage) -> Result<()> {
        let now = commit_identity(storage, self.snapshot.version())?;
        if now == self.commit {
            return Ok(());
        }
        forget(storage);
        Err(Error::new(
            ErrorKind::Conflict,
            format!(
                "Cannot commit to table {table}: it was dropped, or made anew, while the write \
                 ran; run the write again"
            ),
        )
        .class("DELTA_METADATA_CHANGED"))
    }
}

/// The newest snapshot of the table at `storage`.
///
/// Errors: those of [`ReadVersion::newest`].
pub fn latest_snapshot(table: &str, storage: &Storage) -> Result<SnapshotRef> {
    ReadVersion::newest(table, storage).map(|read| read.snapshot)
}

/// The snapshot of the table at `version`, or the newest without one. Not cached.
pub fn load(table: &str, storage: &Storage, version: Option<u64>) -> Result<SnapshotRef> {
    let read = || read_log(table, storage, version);
    without_damage(table, storage, version, listed_again(read), read)
}

/// Tries again as long as something more that is broken about the log is passed over. `done` is what came of it as it
/// stands.
pub fn without_damage<T>(
    table: &str,
    storage: &Storage,
    version: Option<u64>,
    mut done: Result<T>,
    attempt: impl Fn() -> Result<T>,
) -> Result<T> {
    while let Err(e) = &done
        && is_damage(e)
        && damage::pass_over(table, storage, version)?
    {
        done = attempt();
    }
    done.map_err(|e| match is_damage(&e) {
        true => damage::explained(table, storage, version, e),
        false => e,
    })
}

fn is_damage(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::CorruptTable | ErrorKind::Internal)
}

/// The snapshot as the log stands, but for what is passed over.
fn read_log(table: &str, storage: &Storage, version: Option<u64>) -> Result<SnapshotRef> {
    loop {
        let mut builder = Snapshot::builder_for(storage.url.as_str())
            .with_incremental_crc_replay(IncrementalReplay::Unlimited);
        if let Some(version) = version {
            builder = builder.at_version(version);
        }
        let snapshot =
            builder
                .build(storage.engine.as_ref())
                .map_err(|e| match is_table(storage) {
                    Ok(false) => missing(table, storage),
                    _ => damage::failed(table, storage, e),
                })?;
        if damage::is_sound(table, storage, &snapshot, None)? {
            return Ok(snapshot);
        }
    }
}

/// A listing of a directory that others write to may show a file and lack one that was put there before
/// it: a checksum without its commit, a commit without the one before. The next listing shows both, so what
/// does not fit together is looked at again before it is called damaged.
fn listed_again<T>(mut load: impl FnMut() -> Result<T>) -> Result<T> {
    const LISTINGS: usize = 3;
    let mut result = load();
    for _ in 1..LISTINGS {
        match &result {
            Err(e) if is_damage(e) => {}
            _ => break,
        }
        result = load();
    }
    result
}

/// Puts the newest snapshot that is known into the cache. Returns the identity of its commit file, if that
/// is there.
pub fn remember(storage: &Storage, snapshot: &SnapshotRef) -> Result<Option<CommitIdentity>> {
    let Some(commit) = commit_identity(storage, snapshot.version())? else {
        return Ok(None);
    };
    let mut cache = lock();
    let used = cache.values().map(|c| c.used).max().unwrap_or(0) + 1;
    if cache.len() >= CACHED_TABLES && !cache.contains_key(&storage.cache_key()) {
        let oldest = cache
            .iter()
            .min_by_key(|(_, c)| c.used)
            .map(|(k, _)| k.clone());
        oldest.and_then(|key| cache.remove(&key));
    }
    let newer = cache.get(&storage.cache_key()).is_some_and(|known| {
        known.snapshot.version() > snapshot.version() && known.commit.modified >= commit.modified
    });
    if !newer {
        let cached = Cached {
            snapshot: snapshot.clone(),
            commit: commit.clone(),
            used,
        };
        cache.insert(storage.cache_key(), cached);
    }
    Ok(Some(commit))
}

/// Drops the cached snapshot of the table.
pub fn forget(storage: &Storage) {
    lock().remove(&storage.cache_key());
}

fn lock() -> std::sync::MutexGuard<'static, HashMap<String, Cached>> {
    SNAPSHOTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Identity of the commit file of `version`; none if there is no such file.
pub fn commit_identity(storage: &Storage, version: u64) -> Result<Option<CommitIdentity>> {
    storage.block_on(identity(storage, version))?
}

async fn identity(storage: &Storage, version: u64) -> Result<Option<CommitIdentity>> {
    let path = commit_path(storage, version)?;
    match storage.store.head(&path).await {
        Ok(meta) => Ok(Some(CommitIdentity {
            modified: meta.last_modified.timestamp_micros(),
            size: meta.size,
            e_tag: meta.e_tag,
        })),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(e) => Err(Error::from_storage(&format!("read {path}"), e)),
    }
}

/// Whether there is a Delta log below the root.
pub fn is_table(storage: &Storage) -> Result<bool> {
    use futures::StreamExt as _;
    let log = log_path(storage)?;
    let first = storage.block_on(async { storage.store.list(Some(&log)).next().await })?;
    match first {
        Some(Ok(_)) => Ok(true),
        None | Some(Err(object_store::Error::NotFound { .. })) => Ok(false),
        Some(Err(e)) => Err(Error::from_storage(&format!("list {log}"), e)),
    }
}

/// The error of a place without a table.
pub fn missing(table: &str, storage: &Storage) -> Error {
    Error::new(
        ErrorKind::TableMissing,
        format!(
            "Cannot find table {table}: there is no Delta table at {}; create it first",
            storage.url
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loads until there is a result; tells how often and what it was.
    fn loads(errors: Vec<Error>) -> (usize, Result<&'static str>) {
        let mut errors = errors.into_iter();
        let mut count = 0;
        let result = listed_again(|| {
            count += 1;
            errors.next().map_or(Ok("loaded"), Err)
        });
        (count, result)
    }

    #[test]
    fn what_does_not_fit_together_is_listed_again() {
        let torn = || Error::internal("a checksum without its commit");
        let gap = || Error::new(ErrorKind::CorruptTable, "a commit is missing".to_owned());
        assert!(matches!(loads(vec![]), (1, Ok("loaded"))));
        assert!(matches!(loads(vec![torn(), gap()]), (3, Ok("loaded"))));
        let (count, damaged) = loads(vec![gap(), gap(), gap(), gap()]);
        assert_eq!(
            (count, damaged.unwrap_err().kind),
            (3, ErrorKind::CorruptTable)
        );
        let away = Error::new(ErrorKind::TableMissing, "no such table".to_owned());
        let (count, missing) = loads(vec![away]);
        assert_eq!(
            (count, missing.unwrap_err().kind),
            (1, ErrorKind::TableMissing)
        );
    }
}
