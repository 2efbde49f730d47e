//! A table's history: its commits, and what each says about itself (Delta protocol, "Commit Provenance
//! Information").

use std::fmt;
use std::ops::RangeInclusive;

use delta_kernel::history_manager::{HistoryCommitType, get_earliest_commit};
use delta_kernel::snapshot::SnapshotRef;
use futures::{StreamExt as _, TryStreamExt as _};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::log_files::{commit_path, no_action};
use super::snapshot::latest_snapshot;
use super::view;
use crate::cores::{self, Cores};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;

/// Versions that a thread reads before it takes the next ones.
const CHUNK: usize = 64;
/// Requests of a thread to an object store at a time.
const REQUESTS_IN_FLIGHT: usize = 16;

/// A commit as people see it.
#[derive(Debug, Serialize)]
pub struct Commit {
    pub version: u64,
    /// Milliseconds since the epoch, later than those of all versions before.
    pub timestamp: i64,
    #[serde(flatten)]
    pub info: CommitInfo,
}

/// What a commit says about itself, in the fields that Delta gives a meaning. Anything may stand there: a text that is none is
/// shown as its JSON, and any other value of a wrong type is left out.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CommitInfo {
    #[serde(deserialize_with = "text")]
    pub user_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub user_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub operation: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub operation_parameters: Option<Texts>,
    #[serde(deserialize_with = "lenient")]
    pub job: Option<Job>,
    #[serde(deserialize_with = "lenient")]
    pub notebook: Option<Notebook>,
    #[serde(deserialize_with = "text")]
    pub cluster_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub read_version: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub isolation_level: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub is_blind_append: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub operation_metrics: Option<Texts>,
    #[serde(deserialize_with = "text")]
    pub user_metadata: Option<String>,
    #[serde(deserialize_with = "text")]
    pub engine_info: Option<String>,
    #[serde(deserialize_with = "lenient", skip_serializing)]
    in_commit_timestamp: Option<i64>,
}

/// The job that a commit comes from.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Job {
    #[serde(deserialize_with = "text")]
    pub job_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub job_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub job_run_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub run_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub job_owner_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub trigger_type: Option<String>,
}

/// The notebook that a commit comes from.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Notebook {
    #[serde(deserialize_with = "text")]
    pub notebook_id: Option<String>,
}

/// Names and texts, in the order of the log.
#[derive(Debug, Default)]
pub struct Texts(pub Vec<(String, Option<String>)>);

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    texts.push((name, as_text(value)));
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

fn as_text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

fn text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<String>, D::Error> {
    Value::deserialize(deserializer).map(as_text)
}

/// A value of the type, or none.
fn lenient<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Maybe<T> {
        Known(T),
        Other(IgnoredAny),
    }
    Ok(match Maybe::deserialize(deserializer)? {
        Maybe::Known(value) => Some(value),
        Maybe::Other(_) => None,
    })
}

/// The newest commits first: those of the newest `limit` versions, or all, without those whose log entry has been cleaned
/// up. With a limit only their files are looked at.
///
/// Errors: those of [`latest_snapshot`]; CorruptTable for a commit that is none, or lacks the time that the
/// table's protocol wants in it.
pub fn history(name: &str, storage: &Storage, limit: Option<u64>) -> Result<Vec<Commit>> {
    history_of(name, storage, &latest_snapshot(name, storage)?, limit)
}

/// The same, as of the version of `snapshot`.
///
/// Errors: as above, but for those of finding the newest version.
pub fn history_of(
    name: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
    limit: Option<u64>,
) -> Result<Vec<Commit>> {
    let newest = snapshot.version();
    let oldest = match limit {
        Some(limit) => newest.saturating_add(1).saturating_sub(limit),
        None => oldest(name, storage)?,
    };
    let logged = read_all(name, storage, oldest..=newest)?;
    let timed_since = timed_since(name, snapshot)?;
    let mut commits = timed(name, logged, timed_since)?;
    commits.reverse();
    Ok(commits)
}

/// The oldest commit there is, whether or not the table can be read at it.
fn oldest(name: &str, storage: &Storage) -> Result<u64> {
    let log = storage.join("_delta_log/")?;
    let engine = storage.engine.as_ref();
    get_earliest_commit(engine, &log, None, HistoryCommitType::Published)
        .map_err(|e| Error::from_kernel(&format!("read the history of table {name}"), e))
}

/// A commit as its file has it.
struct Logged {
    version: u64,
    /// When the file was written, in milliseconds since the epoch.
    modified: i64,
    info: Option<CommitInfo>,
}

/// The commits of these versions that are there, oldest first, read on all idle cores.
fn read_all(name: &str, storage: &Storage, versions: RangeInclusive<u64>) -> Result<Vec<Logged>> {
    let versions: Vec<u64> = versions.collect();
    let mut parts: Vec<Vec<Logged>> = Vec::new();
    parts.resize_with(versions.len().div_ceil(CHUNK), Vec::new);
    let work = versions.chunks(CHUNK).zip(parts.iter_mut());
    let all = cores::available(None);
    let helpers = Cores::borrow(work.len().min(all).saturating_sub(1), all);
    cores::for_each(work, &helpers, |(versions, part)| {
        let reads = versions.iter().map(|version| read(name, storage, *version));
        let reads = futures::stream::iter(reads).buffered(REQUESTS_IN_FLIGHT);
        let read = storage.block_on(reads.try_collect::<Vec<_>>())??;
        part.extend(read.into_iter().flatten());
        Ok(())
    })?;
    Ok(parts.into_iter().flatten().collect())
}

/// The commit of a version, if its file is there. The file is read no further than to its provenance, which
/// most writers put first.
async fn read(name: &str, storage: &Storage, version: u64) -> Result<Option<Logged>> {
    let path = commit_path(storage, version)?;
    let broken = |e| Error::from_storage(&format!("read the commit {path}"), e);
    let file = match storage.store.get_opts(&path, Default::default()).await {
        Ok(file) => file,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(e) => return Err(broken(e)),
    };
    let modified = file.meta.last_modified.timestamp_millis();
    let logged = |info| {
        Ok(Some(Logged {
            version,
            modified,
            info,
        }))
    };
    let mut stream = file.into_stream();
    let mut line = Vec::new();
    while let Some(bytes) = stream.next().await {
        for part in bytes
            .map_err(broken)?
            .split_inclusive(|byte| *byte == b'\n')
        {
            line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                if let Some(info) = commit_info(name, &path, &line)? {
                    return logged(Some(info));
                }
                line.clear();
            }
        }
    }
    logged(commit_info(name, &path, &line)?)
}

/// The provenance, if that is what the line of a commit holds.
fn commit_info(
    name: &str,
    path: &object_store::path::Path,
    line: &[u8],
) -> Result<Option<CommitInfo>> {
    /// Other actions are passed over.
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Action {
        #[serde(default, deserialize_with = "lenient")]
        commit_info: Option<CommitInfo>,
    }
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(line)
        .map(|action: Action| action.commit_info)
        .map_err(|e| no_action(name, path, e))
}

/// The first version whose commit has its time in it (Delta protocol, "In-Commit Timestamps"); none if the table does
/// without.
fn timed_since(name: &str, snapshot: &SnapshotRef) -> Result<Option<u64>> {
    let snapshot = view::spelled(name, snapshot)?;
    let properties = snapshot.table_configuration().table_properties();
    let is_timed = properties.enable_in_commit_timestamps == Some(true);
    Ok(is_timed.then(|| {
        properties
            .in_commit_timestamp_enablement_version
            .unwrap_or(0)
    }))
}

/// The commits with their times: those in them, or else those of their files, which may be anything (a log that was copied), so
/// that each one's is made later than the one's before, as time travel has it.
fn timed(name: &str, logged: Vec<Logged>, timed_since: Option<u64>) -> Result<Vec<Commit>> {
    let mut before: Option<i64> = None;
    let mut commits = Vec::with_capacity(logged.len());
    for commit in logged {
        let info = commit.info.unwrap_or_default();
        let is_timed = timed_since.is_some_and(|since| commit.version >= since);
        let timestamp = if is_timed {
            info.in_commit_timestamp
                .ok_or_else(|| untimed(name, commit.version))?
        } else {
            before.map_or(commit.modified, |before| {
                commit.modified.max(before.saturating_add(1))
            })
        };
        before = Some(timestamp);
        commits.push(Commit {
            version: commit.version,
            timestamp,
            info,
        });
    }
    Ok(commits)
}

fn untimed(name: &str, version: u64) -> Error {
    Error::new(
        ErrorKind::CorruptTable,
        format!(
            "Cannot show the history of table {name}: its commit {version} has no inCommitTimestamp, which \
             delta.enableInCommitTimestamps wants; show the versions after it with a limit"
        ),
    )
    .class("DELTA_MISSING_COMMIT_TIMESTAMP")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(line: &str) -> Option<CommitInfo> {
        commit_info("t", &"p".into(), line.as_bytes()).unwrap()
    }

    fn shown(info: Value) -> Value {
        let line = json!({ "commitInfo": info }).to_string();
        let shown = serde_json::to_value(parsed(&line).unwrap()).unwrap();
        let Value::Object(mut shown) = shown else {
            panic!("{shown}");
        };
        shown.retain(|_, value| !value.is_null());
        shown.into()
    }

    #[test]
    fn scalars_are_shown_as_text() {
        assert_eq!(
            shown(json!({
                "operation": 5, "readVersion": 3, "isBlindAppend": false, "userMetadata": true,
                "operationParameters": {"z": "text", "n": 1, "none": null, "list": ["a", 1]},
                "operationMetrics": {"numFiles": 2.5}, "job": {"jobId": 7}, "notebook": {},
                "timestamp": 1, "tags": {"a": "b"},
            })),
            json!({
                "operation": "5", "readVersion": 3, "isBlindAppend": false, "userMetadata": "true",
                "operationParameters": {"z": "text", "n": "1", "none": null, "list": r#"["a",1]"#},
                "operationMetrics": {"numFiles": "2.5"},
                "job": {"jobId": "7", "jobName": null, "jobRunId": null, "runId": null, "jobOwnerId": null, "triggerType": null},
                "notebook": {"notebookId": null},
            })
        );
    }

    #[test]
    fn values_of_wrong_types_are_left_out() {
        let odd = json!({"operation": "O", "readVersion": "x", "isBlindAppend": 1, "job": "j", "operationMetrics": [1]});
        assert_eq!(shown(odd), json!({"operation": "O"}));
        assert!(parsed(r#"{"commitInfo":"none"}"#).is_none());
        assert!(parsed(r#"{"txn":{"appId":"a","version":1}}"#).is_none());
        assert!(parsed(" \n").is_none());
        let e = commit_info("t", &"p".into(), b"{\"commitInfo\":").unwrap_err();
        assert_eq!(e.kind, ErrorKind::CorruptTable);
    }

    #[test]
    fn parameters_keep_their_order() {
        let info = parsed(r#"{"commitInfo":{"operationParameters":{"z":"1","a":"2"}}}"#).unwrap();
        let names: Vec<_> = info.operation_parameters.unwrap().0;
        assert_eq!(
            names.into_iter().map(|(name, _)| name).collect::<String>(),
            "za"
        );
    }

    fn times(timed_since: Option<u64>, commits: &[(i64, Option<i64>)]) -> Result<Vec<i64>> {
        let logged = commits.iter().zip(0..);
        let logged = logged.map(|((modified, in_commit_timestamp), version)| Logged {
            version,
            modified: *modified,
            info: Some(CommitInfo {
                in_commit_timestamp: *in_commit_timestamp,
                ..Default::default()
            }),
        });
        let commits = timed("t", logged.collect(), timed_since)?;
        Ok(commits.iter().map(|commit| commit.timestamp).collect())
    }

    #[test]
    fn times_of_files_are_made_to_rise() {
        let files = [(10, Some(1)), (5, None), (11, None), (20, None)];
        assert_eq!(times(None, &files).unwrap(), [10, 11, 12, 20]);
    }

    #[test]
    fn times_of_commits_hold_from_the_version_that_has_them() {
        let files = [(30, None), (20, None), (5, Some(40)), (6, Some(41))];
        assert_eq!(times(Some(2), &files).unwrap(), [30, 31, 40, 41]);
        let e = times(Some(1), &files).unwrap_err();
        assert_eq!(e.kind, ErrorKind::CorruptTable);
    }
}
