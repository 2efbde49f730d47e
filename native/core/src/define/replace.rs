//! REPLACE TABLE. The kernel knows how to make a table and not how to replace one, so a replacement is
//! a new table's first commit moved on top of the old table's last: the same commit removes all files
//! there are, carries over the features of the old protocol (which never shrinks), and sets the time.
//! Until it lands the old table stays as it is; afterwards its old versions can still be read.

use std::sync::{Arc, Mutex, PoisonError};

use delta_kernel::committer::{CommitMetadata, CommitResponse, Committer, PublishMetadata};
use delta_kernel::engine::to_json_bytes;
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::table_features::TableFeature;
use delta_kernel::transaction::{CommitResult, UpdateTableOperation};
use delta_kernel::{
    Engine as KernelEngine, FilteredEngineData, KernelError, KernelResult, KernelResultIterator,
};
use serde_json::{Map, Value, json};

use super::blind::BlindEngine;
use super::clustering;
use super::lines::{broken_action, joined};
use crate::error::{Error, ErrorKind, Result};
use crate::log::actions::{TIMESTAMPS_ON, TIMESTAMPS_TIME, TIMESTAMPS_VERSION, Timestamps};
use crate::storage::Storage;
use crate::table::ReadVersion;
use crate::table::properties::is_true;
use crate::table::protocol::Protocol;
use crate::table::refusal::{refusal, refuse_append_only};
use crate::table::row_tracking::{self, RowIds};
use crate::table::time_travel;
use crate::table::view::{self, Change};
use crate::version::ENGINE_INFO;

/// The version that a replacement takes the place of.
#[derive(Clone)]
pub struct Replaced {
    table: String,
    storage: Storage,
    read: ReadVersion,
}

/// What a commit removes.
struct Removed {
    /// `remove` actions, a line each.
    lines: Vec<u8>,
    files: u64,
    bytes: i64,
}

impl Replaced {
    /// The newest version of the table, which must be `version` still.
    ///
    /// Errors: Conflict if it is another by now; UnsupportedTable or InvalidInput for a table that must
    /// not be replaced; TableMissing.
    pub fn read(name: &str, storage: &Storage, version: u64) -> Result<Self> {
        let read = ReadVersion::newest(name, storage)?;
        let snapshot = &read.snapshot;
        if snapshot.version() != version {
            return Err(overtaken(name));
        }
        if let Some(refusal) = refusal(name, storage, snapshot) {
            return Err(refusal.into_error());
        }
        refuse_append_only("replace", name, snapshot.metadata_configuration())?;
        Ok(Self {
            table: name.to_owned(),
            storage: storage.clone(),
            read,
        })
    }

    /// The table before.
    pub fn snapshot(&self) -> &SnapshotRef {
        &self.read.snapshot
    }

    /// The version the table has before.
    pub fn version(&self) -> u64 {
        self.read.snapshot.version()
    }

    /// Errors: Conflict if the table is not the one that was read any more.
    pub fn check_still_there(&self) -> Result<()> {
        self.read.check_still_there(&self.table, &self.storage)
    }

    /// Whether the table is clustered, or has been.
    pub fn is_clustered(&self) -> bool {
        let configuration = self.read.snapshot.table_configuration();
        configuration.is_feature_supported(&TableFeature::ClusteredTable)
    }

    /// An engine that does not see the table's log, so that the kernel plans a new table.
    pub fn blind_engine(&self) -> BlindEngine {
        BlindEngine {
            engine: self.storage.engine.clone(),
        }
    }

    /// Turns the actions of a new table's first commit into those of the replacement, and returns the
    /// lines of its files: those that go, and those that come, which `added` are.
    pub fn rebase(&self, actions: &mut Vec<Value>, added: &[&[u8]]) -> Result<Vec<u8>> {
        let removed = self.removed()?;
        let mut timestamps = Timestamps::after(&self.table, &self.storage, &self.read.snapshot)?;
        for action in actions.iter_mut() {
            if let Some(metadata) = action.get_mut("metaData") {
                self.carry_timestamps(metadata, &mut timestamps);
                self.carry_row_tracking(metadata);
            }
        }
        let has_clustering = actions.iter().any(|action| {
            action.pointer("/domainMetadata/domain") == Some(&json!("delta.clustering"))
        });
        let mut tracks_rows = false;
        for action in actions.iter_mut() {
            if let Some(action) = action.get_mut("protocol") {
                let old = self.read.snapshot.table_configuration().protocol();
                let protocol = Protocol::of(old).union(&Protocol::read(action)?);
                tracks_rows = protocol.supports(row_tracking::FEATURE);
                *action = protocol.action();
            }
            if let Some(info) = action.get_mut("commitInfo").and_then(Value::as_object_mut) {
                self.complete_info(info, &removed, timestamps);
            }
        }
        if self.is_clustered() && !has_clustering {
            actions.push(clustering::domain(None));
        }
        let mut lines = removed.lines;
        if tracks_rows {
            self.track_rows(actions, added, &mut lines)?;
        } else {
            lines.extend(joined(added));
        }
        Ok(lines)
    }

    /// Row ids go on where those of the old table end; the kernel, which thinks it makes a new one,
    /// begins at 0.
    fn track_rows(
        &self,
        actions: &mut Vec<Value>,
        added: &[&[u8]],
        lines: &mut Vec<u8>,
    ) -> Result<()> {
        let mut ids = RowIds::after(&self.table, &self.storage, &self.read.snapshot)?;
        for line in added {
            let mut action: Value = serde_json::from_slice(line).map_err(broken_action)?;
            if let Some(add) = action.get_mut("add").and_then(Value::as_object_mut) {
                ids.assign(add)?;
            }
            serde_json::to_writer(&mut *lines, &action).map_err(broken_action)?;
            lines.push(b'\n');
        }
        actions.retain(|action| !row_tracking::is_high_water_mark(action));
        actions.push(ids.high_water_mark());
        for action in actions {
            let configuration = action.pointer_mut("/metaData/configuration");
            if let Some(configuration) = configuration.and_then(Value::as_object_mut) {
                row_tracking::name_columns(configuration);
            }
        }
        Ok(())
    }

    fn complete_info(
        &self,
        info: &mut Map<String, Value>,
        removed: &Removed,
        timestamps: Timestamps,
    ) {
        info.remove("inCommitTimestamp");
        if timestamps.in_commit {
            info.insert("inCommitTimestamp".into(), timestamps.time.into());
        }
        info.insert("timestamp".into(), timestamps.time.into());
        info.insert("readVersion".into(), self.version().into());
        info.insert("isBlindAppend".into(), false.into());
        let metrics = info.entry("operationMetrics").or_insert_with(|| json!({}));
        if metrics.is_null() {
            *metrics = json!({});
        }
        metrics["numRemovedFiles"] = removed.files.to_string().into();
        metrics["numRemovedBytes"] = removed.bytes.to_string().into();
    }

    /// A table's time must not run backwards, so in-commit timestamps stay on unless they are turned
    /// off, and remember since when.
    fn carry_timestamps(&self, metadata: &mut Value, timestamps: &mut Timestamps) {
        let old = self.read.snapshot.metadata_configuration();
        let Some(new) = metadata
            .get_mut("configuration")
            .and_then(Value::as_object_mut)
        else {
            return;
        };
        let was_on = old.get(TIMESTAMPS_ON).is_some_and(|value| is_true(value));
        if was_on && !new.contains_key(TIMESTAMPS_ON) {
            new.insert(TIMESTAMPS_ON.into(), "true".into());
        }
        let on = new.get(TIMESTAMPS_ON).and_then(Value::as_str);
        timestamps.in_commit = on.is_some_and(is_true);
        if timestamps.in_commit && was_on {
            for key in [TIMESTAMPS_VERSION, TIMESTAMPS_TIME] {
                if let Some(value) = old.get(key) {
                    new.insert(key.into(), value.clone().into());
                }
            }
        } else if timestamps.in_commit {
            new.insert(
                TIMESTAMPS_VERSION.into(),
                timestamps.version.to_string().into(),
            );
            new.insert(TIMESTAMPS_TIME.into(), timestamps.time.to_string().into());
        }
    }

    /// Rows stay tracked unless it is turned off, as with delta-spark.
    fn carry_row_tracking(&self, metadata: &mut Value) {
        let old = self.read.snapshot.metadata_configuration();
        let was_on = old
            .get(row_tracking::ENABLED)
            .is_some_and(|value| is_true(value));
        let configuration = metadata.get_mut("configuration");
        if was_on && let Some(new) = configuration.and_then(Value::as_object_mut) {
            new.entry(row_tracking::ENABLED)
                .or_insert_with(|| "true".into());
        }
    }

    /// The kernel writes `remove` actions well, deletion vectors and all; a commit that is only looked
    /// at yields them.
    fn removed(&self) -> Result<Removed> {
        let snapshot = &self.read.snapshot;
        if snapshot.schema().num_fields() == 0 {
            // The kernel does not scan such a table, which has no files.
            return removes(&[]);
        }
        time_travel::with_fresh_log(&self.table, &self.storage, snapshot, |snapshot| {
            self.removed_from(snapshot)
        })
    }

    fn removed_from(&self, snapshot: &SnapshotRef) -> Result<Removed> {
        let broken = |e| Error::from_kernel(&format!("replace table {}", self.table), e);
        let engine = self.storage.engine.as_ref();
        let written = Written::default();
        let delete = UpdateTableOperation::Delete;
        let mut transaction =
            view::update(&self.table, snapshot, Change::Append, delete, ENGINE_INFO)?
                .build(engine, Box::new(Onlooker(written.clone())))
                .map_err(broken)?;
        let scan = snapshot.clone().scan_builder().build().map_err(broken)?;
        // No row of the old table is copied into the new one, so there are no ids to preserve.
        transaction.ack_row_tracking_preservation();
        for metadata in scan.scan_metadata(engine).map_err(broken)? {
            transaction.remove_files(metadata.map_err(broken)?.scan_files);
        }
        let CommitResult::Conflicted(_) = transaction.commit(engine).map_err(broken)? else {
            return Err(Error::internal(format!(
                "Cannot replace table {}: its remove actions were not made",
                self.table
            )));
        };
        let bytes = std::mem::take(&mut *written.lock().unwrap_or_else(PoisonError::into_inner));
        removes(&bytes)
    }
}

fn removes(commit: &[u8]) -> Result<Removed> {
    #[derive(serde::Deserialize)]
    struct Action {
        remove: Option<Remove>,
    }
    #[derive(serde::Deserialize)]
    struct Remove {
        size: Option<i64>,
    }
    let mut removed = Removed {
        lines: Vec::new(),
        files: 0,
        bytes: 0,
    };
    for line in commit
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let action: Action = serde_json::from_slice(line)
            .map_err(|e| Error::internal("Cannot read a remove action").caused_by(e))?;
        if let Some(remove) = action.remove {
            removed.files += 1;
            removed.bytes += remove.size.unwrap_or(0);
            removed.lines.extend_from_slice(line);
            removed.lines.push(b'\n');
        }
    }
    Ok(removed)
}

/// The error of a replacement that another writer came before.
pub fn overtaken(table: &str) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!(
            "Cannot replace table {table}: another writer changed it meanwhile, and its rows would be \
             lost unseen; run the statement again"
        ),
    )
    .class("DELTA_CONCURRENT_APPEND")
}

type Written = Arc<Mutex<Vec<u8>>>;

/// Commits nothing, and keeps what would have been written.
struct Onlooker(Written);

impl Committer for Onlooker {
    fn commit(
        &self,
        _engine: &dyn KernelEngine,
        actions: KernelResultIterator<'_, FilteredEngineData>,
        metadata: CommitMetadata,
    ) -> KernelResult<CommitResponse> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to_json_bytes(actions)?;
        Ok(CommitResponse::Conflict {
            version: metadata.version(),
        })
    }

    fn is_catalog_committer(&self) -> bool {
        false
    }

    fn publish(&self, _engine: &dyn KernelEngine, _publish: PublishMetadata) -> KernelResult<()> {
        Err(KernelError::generic(
            "Cannot publish what was never committed",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_removes_are_taken_from_a_commit() {
        let commit = b"{\"commitInfo\":{}}\n{\"remove\":{\"path\":\"a\",\"size\":3}}\n{\"remove\":{\"path\":\"b\"}}\n";
        let removed = removes(commit).unwrap();
        assert_eq!((removed.files, removed.bytes), (2, 3));
        assert_eq!(removed.lines.split(|b| *b == b'\n').count(), 3);
    }
}
