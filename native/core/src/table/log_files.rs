//! The files of a table's log, by version: where they lie, and the actions of a commit.

use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;

/// The directory of the log.
pub fn log_path(storage: &Storage) -> Result<Path> {
    storage.path_of(&storage.join("_delta_log/")?)
}

/// Path of the commit file of `version` (Delta protocol, "Delta Log Entries").
pub fn commit_path(storage: &Storage, version: u64) -> Result<Path> {
    storage.path_of(&storage.join(&format!("_delta_log/{version:020}.json"))?)
}

/// Path of the checksum file of `version` (Delta protocol, "Version Checksum File").
pub fn checksum_path(storage: &Storage, version: u64) -> Result<Path> {
    storage.path_of(&storage.join(&format!("_delta_log/{version:020}.crc"))?)
}

/// The fields an action cannot be without (Delta protocol, "Actions"); others are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read only to see that they are there")]
struct LoggedAction {
    add: Option<LoggedFile>,
    remove: Option<LoggedPath>,
    meta_data: Option<LoggedMetadata>,
    protocol: Option<LoggedProtocol>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read only to see that they are there")]
struct LoggedFile {
    path: String,
    size: i64,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read only to see that they are there")]
struct LoggedPath {
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read only to see that they are there")]
struct LoggedMetadata {
    id: String,
    schema_string: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read only to see that they are there")]
struct LoggedProtocol {
    min_reader_version: i32,
    min_writer_version: i32,
}

/// A checksum file lets the kernel pass over the commit it belongs to. Nothing should be written on
/// top of a damaged commit all the same, so a table met for the first time has its newest one read.
/// One that was cleaned up is passed over: a checkpoint stands for it.
pub fn check_commit(table: &str, storage: &Storage, version: u64) -> Result<()> {
    read_commit::<LoggedAction>(table, storage, version).map(drop)
}

/// The actions of the commit of `version`, as far as `A` knows them, in their order; none if there
/// is no such file.
///
/// Errors: CorruptTable if a line of it is no `A`, Storage if it cannot be read.
pub fn read_commit<A: DeserializeOwned>(
    table: &str,
    storage: &Storage,
    version: u64,
) -> Result<Option<Vec<A>>> {
    let path = commit_path(storage, version)?;
    let read = async { storage.store.get(&path).await?.bytes().await };
    let commit = match storage.block_on(read)? {
        Ok(commit) => commit,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(e) => return Err(Error::from_storage(&format!("read the commit {path}"), e)),
    };
    if commit.is_empty() {
        return Err(broken(table, &path, "is empty"));
    }
    let actions = commit
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(serde_json::from_slice)
        .collect::<std::result::Result<_, _>>();
    actions.map(Some).map_err(|e| no_action(table, &path, e))
}

/// The error of a commit with a line that is no action.
pub fn no_action(table: &str, commit: &Path, cause: serde_json::Error) -> Error {
    broken(table, commit, "holds something that is no Delta action").caused_by(cause)
}

fn broken(table: &str, commit: &Path, what: &str) -> Error {
    Error::new(
        ErrorKind::CorruptTable,
        format!(
            "Cannot read table {table}: its commit {commit} {what}; restore the file, or recover the table from a \
             checkpoint with delta-spark"
        ),
    )
}
