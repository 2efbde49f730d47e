//! The checksum file of a version (Delta protocol, "Version Checksum File"). From commit to commit the
//! kernel knows how many files there are. After one whose operation it does not know to only add and
//! remove files (a change of properties or columns, another engine's housekeeping) they are counted
//! once, and it goes on from there.

use delta_kernel::crc::{DomainMetadataState, SetTransactionState};
use delta_kernel::snapshot::SnapshotRef;
use object_store::{PutMode, PutOptions};
use serde::Serialize;
use serde_json::json;

use crate::error::{Error, Result};
use crate::storage::Storage;
use crate::table;
use crate::table::files::FileTotals;
use crate::table::view;

/// Writes what the snapshot knows, as the kernel would; false if it does not know its files.
///
/// Errors: Storage if the file cannot be written.
pub fn write_known(storage: &Storage, snapshot: &SnapshotRef) -> Result<bool> {
    match snapshot.crc_at_version() {
        Some(checksum) if checksum.file_stats().is_some() => {
            put(storage, snapshot.version(), checksum.as_ref()).map(|()| true)
        }
        _ => Ok(false),
    }
}

/// Counts the files of the snapshot and writes its checksum.
///
/// Errors: CorruptTable if the log cannot be read, Storage.
pub fn write_counted(name: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<()> {
    let action = format!("write the checksum of table {name}");
    let broken = |e| Error::from_kernel(&action, e);
    let totals = FileTotals::counted(name, storage, snapshot)?;
    let time = view::spelled(name, snapshot)?.get_in_commit_timestamp(storage.engine.as_ref());
    let configuration = snapshot.table_configuration();
    let mut checksum = json!({
        "tableSizeBytes": totals.bytes,
        "numFiles": totals.files,
        "numMetadata": 1,
        "numProtocol": 1,
        "metadata": configuration.metadata(),
        "protocol": configuration.protocol(),
    });
    if let Some(time) = time.map_err(broken)? {
        checksum["inCommitTimestampOpt"] = time.into();
    }
    if let Some(known) = snapshot.crc_at_version() {
        if let SetTransactionState::Complete(transactions) = &known.set_transaction_state {
            checksum["setTransactions"] = json!(transactions.values().collect::<Vec<_>>());
        }
        if let DomainMetadataState::Complete(domains) = &known.domain_metadata_state {
            checksum["domainMetadata"] = json!(domains.values().collect::<Vec<_>>());
        }
    }
    put(storage, snapshot.version(), &checksum)
}

/// One that is there already stays.
fn put(storage: &Storage, version: u64, checksum: &impl Serialize) -> Result<()> {
    let bytes = serde_json::to_vec(checksum)
        .map_err(|e| Error::internal("Cannot encode a checksum").caused_by(e))?;
    let path = table::checksum_path(storage, version)?;
    let options = PutOptions::from(PutMode::Create);
    match storage.block_on(storage.store.put_opts(&path, bytes.into(), options))? {
        Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
        Err(e) => Err(Error::from_storage(&format!("write {path}"), e)),
    }
}
