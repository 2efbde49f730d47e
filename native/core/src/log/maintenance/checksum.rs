//! The checksum file of a version (Delta protocol, "Version Checksum File"). From commit to commit the
//! kernel knows how many files there are. After one whose operation it does not know to only add and
//! remove files (a change of properties or columns, another engine's housekeeping) they are counted
//! once, and it goes on from there.

use delta_kernel::KernelResult;
use delta_kernel::crc::{DomainMetadataState, SetTransactionState};
use delta_kernel::snapshot::{ChecksumWriteResult, SnapshotRef};
use object_store::{ObjectStoreExt as _, PutMode, PutOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::{Error, Result};
use crate::storage::Storage;
use crate::storage::passed_over::HINT;
use crate::table::files::FileTotals;
use crate::table::{self, damage, view};

/// Writes what the snapshot knows, as the kernel would; false if it does not know its files.
///
/// Errors: Storage if the file cannot be written.
pub fn write_known(name: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<bool> {
    match snapshot.crc_at_version() {
        Some(checksum) if checksum.file_stats().is_some() => {
            put(name, storage, snapshot.version(), checksum.as_ref()).map(|()| true)
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
    put(name, storage, snapshot.version(), &checksum)
}

/// Writes the checksum of a snapshot as the kernel does, also where a wrong one is in its place.
///
/// Errors: those of the kernel; whatever a wrong one cannot be told or removed with is logged.
pub fn write(
    name: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
) -> KernelResult<(ChecksumWriteResult, SnapshotRef)> {
    let written = snapshot.write_checksum(storage.engine.as_ref());
    match &written {
        Ok((ChecksumWriteResult::AlreadyExists, _))
            if remove_wrong(name, storage, snapshot.version()) =>
        {
            snapshot.write_checksum(storage.engine.as_ref())
        }
        _ => written,
    }
}

/// What a new checkpoint has counted, as the hint to it says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    version: u64,
    num_of_add_files: Option<i64>,
}

/// Corrects the checksum of a version whose checkpoint was just written, if that has counted other files: it was computed
/// from a wrong one. True if the snapshot should not be kept.
///
/// Errors: CorruptTable if the log cannot be read, Storage.
pub fn correct(name: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<bool> {
    let Some(stats) = snapshot.get_file_stats_if_present() else {
        return Ok(false);
    };
    let hint = table::log_path(storage)?.join(HINT);
    let read = async { storage.store.get(&hint).await?.bytes().await };
    let failed = |e| Error::from_storage(&format!("read {hint}"), e);
    let content = storage.block_on(read)?.map_err(failed)?;
    let version = snapshot.version();
    let files = match serde_json::from_slice::<Counted>(&content) {
        Ok(counted) if counted.version == version => counted.num_of_add_files,
        _ => None,
    };
    let Some(files) = files.filter(|files| *files != stats.num_files()) else {
        return Ok(false);
    };
    let why = format!("contradicts the log, which has {files} files");
    damage::pass_over_checksums(name, storage, snapshot, &why)?;
    remove(storage, version)?;
    let snapshot = table::load(name, storage, Some(version))?;
    write_counted(name, storage, &snapshot).map(|()| true)
}

/// Removes the file in the place of a version's checksum if it is none, as a commit that was removed by hand leaves it to
/// the next one of that number. Checksums that are there must not be overwritten (Delta protocol, "Version Checksum
/// File"), and all that could be one stays. True if it is gone.
fn remove_wrong(name: &str, storage: &Storage, version: u64) -> bool {
    match try_remove_wrong(name, storage, version) {
        Ok(is_gone) => is_gone,
        Err(e) => {
            tracing::warn!(table = name, version, error = %e, "a checksum that was there stays");
            false
        }
    }
}

fn try_remove_wrong(name: &str, storage: &Storage, version: u64) -> Result<bool> {
    let path = table::checksum_path(storage, version)?;
    let read = async { storage.store.get(&path).await?.bytes().await };
    let failed = |e| Error::from_storage(&format!("read {path}"), e);
    let content = storage.block_on(read)?.map_err(failed)?;
    let Some(why) = table::checksum::contradiction(name, storage, version, &content)? else {
        return Ok(false);
    };
    tracing::warn!(table = name, "{path}, which {why}, is written anew");
    remove(storage, version).map(|()| true)
}

fn remove(storage: &Storage, version: u64) -> Result<()> {
    let path = table::checksum_path(storage, version)?;
    // Hadoop's local file system keeps a checksum of a file beside it.
    let beside = table::log_path(storage)?.join(format!(".{version:020}.crc.crc"));
    storage.delete_all(&[path, beside])
}

/// One that is there already stays if it may be right.
fn put(name: &str, storage: &Storage, version: u64, checksum: &impl Serialize) -> Result<()> {
    let bytes = serde_json::to_vec(checksum)
        .map_err(|e| Error::internal("Cannot encode a checksum").caused_by(e))?;
    let path = table::checksum_path(storage, version)?;
    let put = || {
        let options = PutOptions::from(PutMode::Create);
        let payload = bytes.clone().into();
        storage.block_on(storage.store.put_opts(&path, payload, options))
    };
    let mut written = put()?;
    if matches!(written, Err(object_store::Error::AlreadyExists { .. }))
        && remove_wrong(name, storage, version)
    {
        written = put()?;
    }
    match written {
        Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
        Err(e) => Err(Error::from_storage(&format!("write {path}"), e)),
    }
}
