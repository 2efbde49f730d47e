//! Whether a checksum is one of the version that it claims (Delta protocol, "Version Checksum File"). The log is right
//! where both differ: a checksum may be left of a commit that was removed, or be another table's.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::json::LineDelimitedWriter;
use delta_kernel::KernelResult;
use delta_kernel::actions::{LOG_METADATA_SCHEMA, LOG_PROTOCOL_SCHEMA, Metadata, Protocol};
use delta_kernel::engine::arrow_data::EngineDataArrowExt as _;
use delta_kernel::path::ParsedLogPath;
use delta_kernel::schema::StructType;
use delta_kernel::snapshot::Snapshot;
use object_store::ObjectStoreExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::log_files;
use crate::error::{Error, Result};
use crate::storage::Storage;

/// Files that are remembered to be true.
const REMEMBERED: usize = 4_096;

/// Checksums that the log does not contradict, as they were listed: each is looked at once in a process.
static TRUE: LazyLock<Mutex<HashSet<(Url, u64, i64)>>> = LazyLock::new(Default::default);

/// What a checksum says that can be told from the log without counting files.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checksum {
    txn_id: Option<String>,
    protocol: Protocol,
    metadata: Metadata,
    in_commit_timestamp_opt: Option<i64>,
    set_transactions: Option<Vec<Transaction>>,
    domain_metadata: Option<Vec<Domain>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    commit_info: Option<CommitInfo>,
    protocol: Option<Protocol>,
    meta_data: Option<Metadata>,
    txn: Option<Transaction>,
    domain_metadata: Option<Domain>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitInfo {
    txn_id: Option<String>,
    in_commit_timestamp: Option<i64>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    app_id: String,
    version: i64,
}

#[derive(Deserialize)]
struct Domain {
    domain: String,
    configuration: String,
    #[serde(default)]
    removed: bool,
}

impl Checksum {
    /// What of the commit of its own version it contradicts.
    fn contradicted(&self, commit: &[Action]) -> Option<&'static str> {
        let says = |action: &Action| {
            let of_commit = action.commit_info.as_ref();
            let id = of_commit.and_then(|info| info.txn_id.as_ref());
            let time = of_commit.and_then(|info| info.in_commit_timestamp);
            if self.txn_id.is_some() && id.is_some() && self.txn_id.as_ref() != id {
                Some("transaction")
            } else if time.is_some() && self.in_commit_timestamp_opt != time {
                Some("in-commit timestamp")
            } else if differs(&action.protocol, |p| is_protocol(p, &self.protocol)) {
                Some("protocol")
            } else if differs(&action.meta_data, |m| is_metadata(m, &self.metadata)) {
                Some("metadata")
            } else if differs(&action.txn, |txn| self.knows_transaction(txn)) {
                Some("application transactions")
            } else if differs(&action.domain_metadata, |domain| self.knows_domain(domain)) {
                Some("domain metadata")
            } else {
                None
            }
        };
        commit.iter().find_map(says)
    }

    fn knows_transaction(&self, txn: &Transaction) -> bool {
        let known = self.set_transactions.as_ref();
        known.is_none_or(|known| known.contains(txn))
    }

    fn knows_domain(&self, of_commit: &Domain) -> bool {
        let Some(known) = &self.domain_metadata else {
            return true;
        };
        let known = known.iter().find(|known| known.domain == of_commit.domain);
        match of_commit.removed {
            true => known.is_none(),
            false => known.is_some_and(|known| known.configuration == of_commit.configuration),
        }
    }
}

fn differs<T>(logged: &Option<T>, is_known: impl FnOnce(&T) -> bool) -> bool {
    logged.as_ref().is_some_and(|logged| !is_known(logged))
}

fn is_protocol(a: &Protocol, b: &Protocol) -> bool {
    let parts = |protocol: &Protocol| {
        let names = |features: Option<&[delta_kernel::table_features::TableFeature]>| {
            let names = features
                .unwrap_or_default()
                .iter()
                .map(|f| f.as_ref().to_owned());
            names.collect::<HashSet<String>>()
        };
        (
            protocol.min_reader_version(),
            protocol.min_writer_version(),
            names(protocol.reader_features()),
            names(protocol.writer_features()),
        )
    };
    parts(a) == parts(b)
}

fn is_metadata(a: &Metadata, b: &Metadata) -> bool {
    let schema = |metadata: &Metadata| serde_json::from_str::<Value>(metadata.schema_string()).ok();
    a.id() == b.id()
        && a.partition_columns() == b.partition_columns()
        && a.configuration() == b.configuration()
        && (a.schema_string() == b.schema_string() || schema(a) == schema(b))
}

/// Why the checksum `file`, which `snapshot` begins with, is not to be believed; none if the log does not tell. The
/// answer goes on after the name of the file. Costs the reading of the commits since the checkpoint, for a file once
/// in a process.
///
/// Errors: CorruptTable if the log cannot be read, Storage.
pub fn check(
    table: &str,
    storage: &Storage,
    snapshot: &Snapshot,
    file: &ParsedLogPath,
) -> Result<Option<String>> {
    let seen = &file.location;
    let key = (seen.location.clone(), seen.size, seen.last_modified);
    if lock().contains(&key) {
        return Ok(None);
    }
    let path = storage.path_of(&seen.location)?;
    let read = async { storage.store.get(&path).await?.bytes().await };
    let content = match storage.block_on(read)? {
        Ok(content) => content,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(e) => return Err(Error::from_storage(&format!("read {path}"), e)),
    };
    let why = match contradiction(table, storage, file.version, &content)? {
        Some(why) => Some(why),
        None => contradicted_by_log(table, storage, snapshot)?,
    };
    if why.is_none() {
        let mut known = lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key);
    }
    Ok(why)
}

/// Why `content` is no checksum of `version`; none if the commit of the version does not tell. The answer goes on after the
/// name of the file.
///
/// Errors: CorruptTable if the commit cannot be read, Storage.
pub fn contradiction(
    table: &str,
    storage: &Storage,
    version: u64,
    content: &[u8],
) -> Result<Option<String>> {
    let checksum = match serde_json::from_slice::<Checksum>(content) {
        Ok(checksum) => checksum,
        Err(e) => return Ok(Some(format!("is no checksum ({e})"))),
    };
    let commit = log_files::read_commit::<Action>(table, storage, version)?;
    let what = checksum.contradicted(&commit.unwrap_or_default());
    Ok(what.map(contradicts))
}

fn contradicts(what: &str) -> String {
    format!("contradicts the log in its {what}")
}

fn lock() -> std::sync::MutexGuard<'static, HashSet<(Url, u64, i64)>> {
    TRUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `snapshot` took from a checksum, and the log has otherwise.
fn contradicted_by_log(
    table: &str,
    storage: &Storage,
    snapshot: &Snapshot,
) -> Result<Option<String>> {
    let (protocol, metadata) = logged(storage, snapshot)
        .map_err(|e| Error::from_kernel(&format!("read the log of table {table}"), e))?;
    let configuration = snapshot.table_configuration();
    let what = if differs(&protocol, |p| is_protocol(p, configuration.protocol())) {
        Some("protocol")
    } else {
        differs(&metadata, |m| is_metadata(m, configuration.metadata())).then_some("metadata")
    };
    Ok(what.map(contradicts))
}

/// Protocol and metadata as commits and checkpoint have them.
fn logged(
    storage: &Storage,
    snapshot: &Snapshot,
) -> KernelResult<(Option<Protocol>, Option<Metadata>)> {
    let fields = LOG_PROTOCOL_SCHEMA
        .fields()
        .chain(LOG_METADATA_SCHEMA.fields());
    let schema = StructType::try_new(fields.cloned())?;
    let actions = snapshot
        .log_segment()
        .read_actions(storage.engine.as_ref(), schema.into())?;
    let (mut protocol, mut metadata) = (None, None);
    for batch in actions {
        let batch = batch?.actions.try_into_record_batch()?;
        // The newest commit comes first.
        protocol = protocol.or_else(|| first(&batch, "protocol"));
        metadata = metadata.or_else(|| first(&batch, "metaData"));
        if protocol.is_some() && metadata.is_some() {
            break;
        }
    }
    Ok((protocol, metadata))
}

/// The first action of a kind.
fn first<T: DeserializeOwned>(batch: &RecordBatch, kind: &str) -> Option<T> {
    let actions = batch.column_by_name(kind)?.as_struct_opt()?;
    let row = (0..actions.len()).find(|row| actions.is_valid(*row))?;
    let mut json = LineDelimitedWriter::new(Vec::new());
    let action = RecordBatch::from(actions.slice(row, 1));
    json.write(&action).and_then(|()| json.finish()).ok()?;
    serde_json::from_slice(&json.into_inner()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn protocol(features: [&str; 2]) -> Value {
        json!({"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": features})
    }

    fn metadata(schema: &str) -> Value {
        json!({"id": "t", "format": {"provider": "parquet", "options": {}}, "schemaString": schema,
            "partitionColumns": [], "configuration": {"a": "1"}, "createdTime": 1})
    }

    fn contradicted(action: Value) -> Option<&'static str> {
        let checksum: Checksum = serde_json::from_value(json!({
            "txnId": "x", "inCommitTimestampOpt": 5, "numFiles": 1, "tableSizeBytes": 1,
            "protocol": protocol(["appendOnly", "domainMetadata"]),
            "metadata": metadata(r#"{"type":"struct","fields":[]}"#),
            "setTransactions": [{"appId": "app", "version": 3}],
            "domainMetadata": [{"domain": "d", "configuration": "{}", "removed": false}],
        }))
        .unwrap();
        let actions: Vec<Action> = vec![serde_json::from_value(action).unwrap()];
        checksum.contradicted(&actions)
    }

    #[test]
    fn a_commit_tells_whose_checksum_it_is() {
        let told = [
            (
                json!({"commitInfo": {"txnId": "x", "inCommitTimestamp": 5}}),
                None,
            ),
            (json!({"commitInfo": {"operation": "WRITE"}}), None),
            (json!({"commitInfo": {"txnId": "y"}}), Some("transaction")),
            (
                json!({"commitInfo": {"inCommitTimestamp": 6}}),
                Some("in-commit timestamp"),
            ),
            (
                json!({"protocol": protocol(["domainMetadata", "appendOnly"])}),
                None,
            ),
            (
                json!({"protocol": protocol(["domainMetadata", "rowTracking"])}),
                Some("protocol"),
            ),
            (
                json!({"metaData": metadata(r#"{"fields": [], "type": "struct"}"#)}),
                None,
            ),
            (json!({"metaData": metadata("{}")}), Some("metadata")),
            (json!({"txn": {"appId": "app", "version": 3}}), None),
            (
                json!({"txn": {"appId": "app", "version": 4}}),
                Some("application transactions"),
            ),
            (
                json!({"txn": {"appId": "other", "version": 3}}),
                Some("application transactions"),
            ),
            (
                json!({"domainMetadata": {"domain": "d", "configuration": "{}", "removed": false}}),
                None,
            ),
            (
                json!({"domainMetadata": {"domain": "d", "configuration": "{1}", "removed": false}}),
                Some("domain metadata"),
            ),
            (
                json!({"domainMetadata": {"domain": "d", "configuration": "{}", "removed": true}}),
                Some("domain metadata"),
            ),
            (json!({"add": {"path": "f", "size": 1}}), None),
        ];
        for (action, expected) in told {
            assert_eq!(contradicted(action.clone()), expected, "{action}");
        }
    }
}
