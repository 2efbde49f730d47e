//! Upkeep after a commit, off the writer's path: the checksum file of the version, and a checkpoint
//! when one is due. A failure here is logged and nothing else: the commit stands, and the next one
//! tries again.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use delta_kernel::KernelError;
use delta_kernel::snapshot::SnapshotRef;
use once_cell::sync::{Lazy, OnceCell};

use super::checksum;
use crate::error::{Error, Result};
use crate::runtime;
use crate::storage::Storage;
use crate::table::view::{self, Change};
use crate::table::{self, time_travel};

/// Delta's default for `delta.checkpointInterval`, in commits.
const DEFAULT_INTERVAL: u64 = 10;
/// One may write a large checkpoint while the other serves the rest.
const THREADS: usize = 2;
/// What deleting or moving a table waits for its upkeep at most.
const LONGEST_SETTLING: Duration = Duration::from_secs(60);

/// Tables whose checkpoint is being written or whose files are being counted, and the number of jobs
/// under way for each table, by its URL.
#[derive(Default)]
struct Work {
    checkpointing: HashSet<String>,
    counting: HashSet<String>,
    pending: HashMap<String, usize>,
}

impl Work {
    /// Jobs under way for tables at or below a URL.
    fn pending_below(&self, root: &str) -> usize {
        let below = self.pending.iter().filter(|(url, _)| url.starts_with(root));
        below.map(|(_, jobs)| jobs).sum()
    }
}

static WORK: Lazy<(Mutex<Work>, Condvar)> = Lazy::new(Default::default);

fn lock() -> std::sync::MutexGuard<'static, Work> {
    WORK.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to do something to a table that nobody else is doing; given back when it is dropped, after a panic too.
struct Alone {
    key: String,
    doing: fn(&mut Work) -> &mut HashSet<String>,
}

impl Alone {
    /// None if somebody is at it.
    fn with(storage: &Storage, doing: fn(&mut Work) -> &mut HashSet<String>) -> Option<Self> {
        let key = storage.cache_key();
        let is_first = doing(&mut lock()).insert(key.clone());
        is_first.then(|| Self { key, doing })
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        (self.doing)(&mut lock()).remove(&self.key);
    }
}

/// Upkeep to be done for one version.
struct Job {
    name: String,
    storage: Storage,
    snapshot: SnapshotRef,
    _pending: Pending,
}

static JOBS: OnceCell<Sender<Job>> = OnceCell::new();

/// Schedules the upkeep of a version just committed and returns at once.
pub fn schedule(table_name: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<()> {
    let jobs = JOBS.get_or_try_init(start)?;
    let pending = Pending::new(storage);
    let job = Job {
        name: table_name.to_owned(),
        storage: storage.clone(),
        snapshot: snapshot.clone(),
        _pending: pending,
    };
    jobs.send(job)
        .map_err(|_| Error::internal("Cannot schedule upkeep: its threads have ended"))
}

/// Starts the threads. They are few and yield to others, so that upkeep never crowds out writes, and not the
/// runtime's, whose threads it waits for.
fn start() -> Result<Sender<Job>> {
    let (sender, receiver) = mpsc::channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));
    for number in 0..THREADS {
        let receiver = receiver.clone();
        std::thread::Builder::new()
            .name(format!("sluice-upkeep-{number}"))
            .spawn(move || work(&receiver))
            .map_err(|e| Error::internal("Cannot start the upkeep threads").caused_by(e))?;
    }
    Ok(sender)
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    runtime::yield_to_others();
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else {
            return;
        };
        let upkeep = || match job.storage.in_background() {
            Ok(storage) => maintain(&job.name, &storage, &job.snapshot),
            Err(e) => tracing::warn!(table = job.name, error = %e, "no upkeep of a commit"),
        };
        if catch_unwind(AssertUnwindSafe(upkeep)).is_err() {
            tracing::error!(table = job.name, "upkeep after a commit panicked");
        }
    }
}

/// Waits until no upkeep is under way, at most for `timeout`; returns how many jobs are left.
pub fn wait(timeout: Duration) -> usize {
    wait_below("", timeout)
}

/// Waits for the upkeep of tables at or below `root`, whose directory is to be deleted or moved: a file that came
/// late would be taken for the next table's of that name. Upkeep that hangs is not waited for beyond a minute.
pub fn settle(root: &Storage) {
    let left = wait_below(root.url.as_str(), LONGEST_SETTLING);
    if left > 0 {
        tracing::warn!(root = %root.url, left, "upkeep goes on in a directory that is deleted or moved");
    }
}

fn wait_below(root: &str, timeout: Duration) -> usize {
    let deadline = Instant::now() + timeout;
    let mut work = lock();
    loop {
        let pending = work.pending_below(root);
        let left = deadline.saturating_duration_since(Instant::now());
        if pending == 0 || left.is_zero() {
            return pending;
        }
        work = WORK
            .1
            .wait_timeout(work, left)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}

/// Counts a job of a table as under way, until it is dropped.
struct Pending(String);

impl Pending {
    fn new(storage: &Storage) -> Self {
        let url = storage.url.to_string();
        *lock().pending.entry(url.clone()).or_default() += 1;
        Self(url)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut work = lock();
        if let Some(jobs) = work.pending.get_mut(&self.0) {
            *jobs -= 1;
            if *jobs == 0 {
                work.pending.remove(&self.0);
            }
        }
        WORK.1.notify_all();
    }
}

fn maintain(name: &str, storage: &Storage, snapshot: &SnapshotRef) {
    let version = snapshot.version();
    if view::is_needed(snapshot, Change::Append) {
        maintain_through_view(name, storage, snapshot);
        return;
    }
    let written = checksum::write(name, storage, snapshot);
    let newest = match &written {
        Ok((_, with_checksum)) => {
            remember(name, storage, with_checksum);
            with_checksum
        }
        Err(_) => snapshot,
    };
    if is_checkpoint_due(version, snapshot.table_properties().checkpoint_interval)
        && let Some(with_checkpoint) = checkpoint(name, storage, newest)
    {
        remember(name, storage, &with_checkpoint);
    }
    if let Err(e) = written {
        make_up_for_checksum(name, storage, snapshot, e);
    }
}

/// Writes the checksum that the kernel could not, if what it lacks are the files: they are counted.
fn make_up_for_checksum(
    name: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
    lacking: KernelError,
) {
    let version = snapshot.version();
    let written = match lacking {
        KernelError::ChecksumWriteUnsupported(_) => write_counted(name, storage, snapshot),
        e => Err(Error::from_kernel(
            &format!("write the checksum of version {version}"),
            e,
        )),
    };
    if let Err(e) = written {
        tracing::warn!(table = name, version, error = %e, "no checksum file written");
    }
}

/// One at a time for a table, which takes a while where there are many files: versions that come
/// meanwhile go without a checksum, and those after it are computed from it.
fn write_counted(name: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<()> {
    let Some(_alone) = Alone::with(storage, |work| &mut work.counting) else {
        return Ok(());
    };
    let written = checksum::write_counted(name, storage, snapshot);
    // The next snapshot is to begin with this checksum.
    written.inspect(|()| table::forget(storage))
}

fn remember(name: &str, storage: &Storage, snapshot: &SnapshotRef) {
    if let Err(e) = table::remember(storage, snapshot) {
        let version = snapshot.version();
        tracing::debug!(table = name, version, error = %e, "snapshot not remembered after upkeep");
    }
}

/// The kernel checks that it could write the table before it looks after it.
fn maintain_through_view(name: &str, storage: &Storage, snapshot: &SnapshotRef) {
    let version = snapshot.version();
    let view = match view::writable(name, snapshot, Change::Append) {
        Ok(view) => view,
        Err(e) => {
            tracing::warn!(table = name, version, error = %e, "no upkeep of a version");
            return;
        }
    };
    match checksum::write_known(name, storage, snapshot) {
        Ok(true) => {}
        Ok(false) => {
            // The view's is computed from the log.
            if let Err(e) = checksum::write(name, storage, &view) {
                make_up_for_checksum(name, storage, snapshot, e);
            }
            // The next one is to be computed from this one.
            table::forget(storage);
        }
        Err(e) => tracing::warn!(table = name, version, error = %e, "no checksum file written"),
    }
    if is_checkpoint_due(version, snapshot.table_properties().checkpoint_interval) {
        checkpoint(name, storage, &view);
        // To be read anew, from the checkpoint.
        table::forget(storage);
    }
}

fn is_checkpoint_due(version: u64, interval: Option<NonZero<u64>>) -> bool {
    version > 0 && version.is_multiple_of(interval.map_or(DEFAULT_INTERVAL, NonZero::get))
}

/// Whether a snapshot goes on from a checkpoint that later ones should have taken the place of. Where commits come faster than
/// checkpoints are written, each begins with the snapshot of the one before, and none with a new checkpoint. It is asked of
/// few versions only, as the answer costs a listing of the log.
pub fn is_far_from_checkpoint(snapshot: &SnapshotRef) -> bool {
    let interval = snapshot.table_properties().checkpoint_interval;
    let far = 2 * interval.map_or(DEFAULT_INTERVAL, NonZero::get);
    let commits = snapshot.version() - snapshot.log_segment().checkpoint_version.unwrap_or(0);
    commits >= far && commits.is_multiple_of(far)
}

/// Classic or v2 by the table's features (the kernel decides); one at a time for a table.
fn checkpoint(name: &str, storage: &Storage, snapshot: &SnapshotRef) -> Option<SnapshotRef> {
    let _alone = Alone::with(storage, |work| &mut work.checkpointing)?;
    let version = snapshot.version();
    let started = Instant::now();
    // An older checkpoint may turn out to be broken as it is read.
    let written = time_travel::with_fresh_log(name, storage, snapshot, |snapshot| {
        let snapshot = match view::is_needed(snapshot, Change::Append) {
            true => view::writable(name, snapshot, Change::Append)?,
            false => snapshot.clone(),
        };
        snapshot
            .checkpoint(storage.engine.as_ref(), None)
            .map_err(|e| Error::from_kernel(&format!("write a checkpoint of table {name}"), e))
    });
    match written {
        Ok((_, with_checkpoint)) => {
            let millis = started.elapsed().as_millis();
            tracing::info!(table = name, version, millis, "checkpoint written");
            match checksum::correct(name, storage, &with_checkpoint) {
                Ok(false) => return Some(with_checkpoint),
                Ok(true) => {}
                Err(e) => {
                    tracing::warn!(table = name, version, error = %e, "checksum not corrected")
                }
            }
            table::forget(storage);
            None
        }
        Err(e) => {
            tracing::warn!(table = name, version, error = %e, "no checkpoint written");
            // It may name commits that were cleaned up behind a checkpoint since.
            table::forget(storage);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_until_it_is_done() {
        let url = url::Url::parse("memory:///alone/").unwrap();
        let storage = Storage::open(url.as_str(), &Default::default()).unwrap();
        let first = Alone::with(&storage, |work| &mut work.counting);
        assert!(first.is_some());
        for _ in 0..2 {
            assert!(Alone::with(&storage, |work| &mut work.counting).is_none());
        }
        drop(first);
        assert!(Alone::with(&storage, |work| &mut work.counting).is_some());
    }

    #[test]
    fn checkpoints_follow_the_interval() {
        assert!(!is_checkpoint_due(0, None));
        assert!(is_checkpoint_due(10, None));
        assert!(!is_checkpoint_due(11, None));
        assert!(is_checkpoint_due(3, NonZero::new(3)));
    }
}
