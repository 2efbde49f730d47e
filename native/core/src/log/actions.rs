//! Commits whose actions are all our own: changes of metadata and protocol without data.

use delta_kernel::snapshot::SnapshotRef;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::committer::{LogCommitter, OutcomeCell, Written};
use super::maintenance;
use crate::clock::now_millis;
use crate::error::{Error, Result};
use crate::storage::Storage;
use crate::table;
use crate::table::view;

/// A named operation with its parameters, as the table's history shows it.
#[derive(Debug, Clone)]
pub struct Operation {
    name: &'static str,
    parameters: Map<String, Value>,
}

impl Operation {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            parameters: Map::new(),
        }
    }

    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.parameters.insert(key.into(), value.into());
        self
    }

    /// Structured parameters are text that holds JSON.
    pub fn with_json(self, key: &str, value: &Value) -> Self {
        self.with(key, value.to_string())
    }
}

/// A commit on top of `snapshot`.
pub struct ActionCommit<'a> {
    /// Name of the table, for messages.
    pub table: &'a str,
    pub storage: &'a Storage,
    pub snapshot: &'a SnapshotRef,
    pub engine_info: &'a str,
    pub operation: Operation,
}

/// Whether commits carry their times (Delta protocol, "In-Commit Timestamps").
pub const TIMESTAMPS_ON: &str = "delta.enableInCommitTimestamps";
/// The version since which they do, where not all do.
pub const TIMESTAMPS_VERSION: &str = "delta.inCommitTimestampEnablementVersion";
/// The time of that version.
pub const TIMESTAMPS_TIME: &str = "delta.inCommitTimestampEnablementTimestamp";

/// When a commit is made.
#[derive(Debug, Clone, Copy)]
pub struct Timestamps {
    /// The version it makes.
    pub version: u64,
    /// Milliseconds since the epoch, later than the version before.
    pub time: i64,
    /// Whether the commit carries the time itself (in-commit timestamps).
    pub in_commit: bool,
}

impl Timestamps {
    /// The commit after `snapshot`.
    pub fn after(table: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<Self> {
        let before = view::spelled(table, snapshot)?
            .get_timestamp(storage.engine.as_ref())
            .map_err(|e| Error::from_kernel(&format!("read the history of table {table}"), e))?;
        Ok(Self {
            version: snapshot.version() + 1,
            time: now_millis().max(before + 1),
            in_commit: false,
        })
    }
}

/// What became of an attempt.
pub enum Landed {
    Version(u64),
    /// The version belongs to another writer.
    Lost,
}

/// Tries once to commit the actions that `actions` makes for the next version.
///
/// Errors: CommitUnknown if no answer tells whether it landed; Storage; whatever `actions` fails with.
pub fn commit(
    commit: ActionCommit<'_>,
    actions: impl FnOnce(&mut Timestamps) -> Result<Vec<Value>>,
) -> Result<Landed> {
    let ActionCommit {
        table,
        storage,
        snapshot,
        ..
    } = commit;
    let mut timestamps = Timestamps::after(table, storage, snapshot)?;
    let actions = actions(&mut timestamps)?;
    let mut bytes = Vec::new();
    for action in std::iter::once(&commit_info(&commit, timestamps)).chain(&actions) {
        serde_json::to_writer(&mut bytes, action)
            .map_err(|e| Error::internal("Cannot encode a commit").caused_by(e))?;
        bytes.push(b'\n');
    }
    let committer = LogCommitter::new(storage.clone(), OutcomeCell::default());
    match committer.write(table, timestamps.version, bytes.into())? {
        Written::Landed => {
            follow_up(table, storage);
            Ok(Landed::Version(timestamps.version))
        }
        Written::Taken => Ok(Landed::Lost),
    }
}

fn commit_info(commit: &ActionCommit<'_>, timestamps: Timestamps) -> Value {
    let mut info = json!({
        "timestamp": now_millis(),
        "operation": commit.operation.name,
        "operationParameters": commit.operation.parameters,
        "readVersion": commit.snapshot.version(),
        "isolationLevel": "Serializable",
        "isBlindAppend": true,
        "operationMetrics": {},
        "engineInfo": commit.engine_info,
        "txnId": Uuid::new_v4().to_string(),
    });
    if timestamps.in_commit {
        info["inCommitTimestamp"] = timestamps.time.into();
    }
    json!({ "commitInfo": info })
}

/// Starts the upkeep of the new version, which cannot undo the commit.
fn follow_up(table: &str, storage: &Storage) {
    table::forget(storage);
    let followed = table::latest_snapshot(table, storage)
        .and_then(|snapshot| maintenance::schedule(table, storage, &snapshot));
    if let Err(e) = followed {
        tracing::warn!(table, error = %e, "upkeep after a commit failed");
    }
}
