//! Logs that are damaged, and what can be read of them all the same. Checkpoints, checksums and the hint to the newest
//! checkpoint only save time: one that is broken is [passed over](crate::storage::passed_over), and an older state and
//! the commits serve in its place. No version is ever served without all of its commits: where they are gone, the
//! error names what is missing or broken.
//!
//! A log is looked through only after it could not be read as it stands. What would go unnoticed then (a checkpoint
//! of another schema, a checksum of another commit) is looked at when a table is met for the first time.

use delta_kernel::log_segment_files::{
    group_checkpoint_parts, list_delta_log_from_storage, should_process_log_file,
};
use delta_kernel::path::{CheckpointInstance, LogPathFileType, ParsedLogPath};
use delta_kernel::snapshot::Snapshot;
use delta_kernel::{Engine as _, KernelError};
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use serde::Deserialize;

use super::checkpoint::{self, Broken};
use super::{checksum, log_files};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;
use crate::storage::passed_over::HINT;

const ADVICE: &str = "restore it, from a backup or a replica of the table";

/// Whether a snapshot stands on sound files. If not, what is wrong with the log is passed over from now on: load it
/// again. `known` is a version up to which the log was looked at before.
///
/// Errors: CorruptTable if the snapshot lacks commits, Storage.
pub fn is_sound(
    table: &str,
    storage: &Storage,
    snapshot: &Snapshot,
    known: Option<u64>,
) -> Result<bool> {
    let segment = snapshot.log_segment();
    let commits = &segment.listed.ascending_commit_files;
    if segment.checkpoint_version.is_none()
        && let Some(first) = commits.first().filter(|first| first.version > 0)
    {
        return Err(truncated(
            table,
            snapshot.version(),
            storage,
            first.version,
        )?);
    }
    let unknown = commits
        .iter()
        .filter(|commit| known.is_none_or(|known| commit.version > known));
    // The kernel takes an empty file for a commit without actions.
    for empty in unknown.filter(|commit| commit.location.size == 0) {
        log_files::check_commit(table, storage, empty.version)?;
    }
    let parts = &segment.listed.checkpoint_parts;
    if let Some(broken) = checkpoint::check_shape(storage, parts)? {
        return pass_over_checkpoint(table, storage, parts, &broken).and_then(progress);
    }
    if known.is_none()
        && let Some(newest) = &segment.listed.latest_crc_file
        && let Some(why) = checksum::check(table, storage, snapshot, newest)?
    {
        return pass_over_checksums(table, storage, snapshot, &why).and_then(progress);
    }
    Ok(true)
}

/// What was passed over just now must not be met again.
fn progress(is_new: bool) -> Result<bool> {
    match is_new {
        true => Ok(false),
        false => Err(Error::internal(
            "Cannot pass over a file of a log twice: its listings do not agree",
        )),
    }
}

/// Looks through a log that could not be read up to `version` (the newest without one) and passes over what is broken.
/// False if there is nothing more to pass over.
///
/// Errors: Storage.
pub fn pass_over(table: &str, storage: &Storage, version: Option<u64>) -> Result<bool> {
    let log = Log::list(table, storage, version)?;
    if log.pass_over_stray_checksums(table, storage)? || log.pass_over_hint(table, storage)? {
        return Ok(true);
    }
    let Some(parts) = log.checkpoints().pop() else {
        return Ok(false);
    };
    match checkpoint::check_content(storage, &parts)? {
        Some(broken) => pass_over_checkpoint(table, storage, &parts, &broken),
        None => Ok(false),
    }
}

/// The error of a log that cannot be read, from what the kernel says.
pub fn failed(table: &str, storage: &Storage, error: KernelError) -> Error {
    let action = format!("read table {table} at {}", storage.url);
    let mut root = &error;
    while let KernelError::Backtraced { source, .. } = root {
        root = source;
    }
    let KernelError::MissingVersion(version) = root else {
        return Error::from_kernel(&action, error);
    };
    let file = log_files::commit_path(storage, *version).unwrap_or_default();
    Error::new(
        ErrorKind::CorruptTable,
        format!("Cannot {action}: its log goes on after version {version}, whose commit {file} is missing; {ADVICE}"),
    )
    .class("DELTA_VERSIONS_NOT_CONTIGUOUS")
    .caused_by(error)
}

/// The error with all that is known about the log's state: the commit that is broken, where the error does not tell,
/// and what was passed over before.
pub fn explained(table: &str, storage: &Storage, version: Option<u64>, error: Error) -> Error {
    let mut error = match broken_commit(table, storage, version) {
        Some(broken) if error.class == broken.class => broken,
        _ => error,
    };
    let log = log_files::log_path(storage).unwrap_or_default();
    let passed_over = storage.passed_over.within(&log);
    if !passed_over.is_empty() {
        let files = passed_over
            .iter()
            .map(|(path, why)| format!("{path} {why}"));
        let files = files.collect::<Vec<_>>().join("; ");
        error.message = format!(
            "{}. Files that would stand in for it: {files}",
            error.message
        );
    }
    error
}

/// The first commit that is needed and cannot be read.
fn broken_commit(table: &str, storage: &Storage, version: Option<u64>) -> Option<Error> {
    let log = Log::list(table, storage, version).ok()?;
    let checkpoint = log.checkpoints().pop().map(|parts| parts[0].version);
    let mut commits = log.of_type(&LogPathFileType::Commit);
    commits.retain(|commit| checkpoint.is_none_or(|covered| commit.version > covered));
    let check = |commit: &&ParsedLogPath| log_files::check_commit(table, storage, commit.version);
    let failed = commits.iter().find_map(|commit| check(commit).err());
    failed.filter(|e| e.kind == ErrorKind::CorruptTable)
}

/// The error of a log without its beginning.
fn truncated(table: &str, version: u64, storage: &Storage, first: u64) -> Result<Error> {
    let log = Log::list(table, storage, Some(version))?;
    let missing = log_files::commit_path(storage, 0)?;
    let action = format!("Cannot read table {table} at version {version}");
    if let Some(part) = log.missing_part() {
        let part = log_files::log_path(storage)?.join(part);
        return Ok(Error::new(
            ErrorKind::CorruptTable,
            format!(
                "{action}: its checkpoint lacks the part {part}, and the commits before version {first} were cleaned \
                 up; {ADVICE}"
            ),
        )
        .class("DELTA_MISSING_PART_FILES"));
    }
    Ok(Error::new(
        ErrorKind::CorruptTable,
        format!(
            "{action}: its commits before version {first}, from {missing} on, are gone, and no whole checkpoint stands \
             for them; {ADVICE}"
        ),
    )
    .class("DELTA_TRUNCATED_TRANSACTION_LOG"))
}

/// What is passed over is said once.
fn note(table: &str, storage: &Storage, file: &ParsedLogPath, why: &str) -> Result<bool> {
    let path = storage.path_of(&file.location.location)?;
    let is_new = note_quietly(storage, file, why)?;
    if is_new {
        warn(table, &path, why);
    }
    Ok(is_new)
}

fn note_quietly(storage: &Storage, file: &ParsedLogPath, why: &str) -> Result<bool> {
    let path = storage.path_of(&file.location.location)?;
    Ok(storage
        .passed_over
        .add(path, &file.location, why.to_owned()))
}

fn warn(table: &str, file: &Path, why: &str) {
    tracing::warn!(table, "the log is read without {file}, which {why}");
}

fn pass_over_checkpoint(
    table: &str,
    storage: &Storage,
    parts: &[ParsedLogPath],
    broken: &Broken,
) -> Result<bool> {
    let mut is_new = false;
    for part in parts {
        let is_itself = part.location.location == broken.file;
        let why = match is_itself {
            true => broken.why.clone(),
            false => format!("needs {}, which {}", broken.file.path(), broken.why),
        };
        is_new |= note(table, storage, part, &why)?;
    }
    Ok(is_new)
}

/// Passes over the checksums of a log whose files, of which there are `files` of `bytes` in all, were counted otherwise in
/// `snapshot`. True if the snapshot should not be kept.
///
/// Errors: Storage.
pub fn check_counts(
    table: &str,
    storage: &Storage,
    snapshot: &Snapshot,
    files: u64,
    bytes: u64,
) -> Result<bool> {
    let is = |counted: i64, files: u64| u64::try_from(counted).is_ok_and(|c| c == files);
    match snapshot.get_file_stats_if_present() {
        Some(c) if !is(c.num_files(), files) || !is(c.table_size_bytes(), bytes) => {
            let why =
                format!("contradicts the log, which has {files} files of {bytes} bytes in all");
            pass_over_checksums(table, storage, snapshot, &why)
        }
        _ => Ok(false),
    }
}

/// Passes over the checksums of a log up to the version of `snapshot`. Where one is wrong, those before it are not believed
/// either: they may be of the same other history. False if all were passed over before.
///
/// Errors: Storage.
pub fn pass_over_checksums(
    table: &str,
    storage: &Storage,
    snapshot: &Snapshot,
    why: &str,
) -> Result<bool> {
    let log = Log::list(table, storage, Some(snapshot.version()))?;
    let newest = snapshot.log_segment().listed.latest_crc_file.as_ref();
    let mut is_new = false;
    for file in log.of_type(&LogPathFileType::Crc) {
        is_new |= match newest.is_some_and(|newest| newest.version != file.version) {
            true => note_quietly(storage, file, "is older than one that is wrong")?,
            false => note(table, storage, file, why)?,
        };
    }
    Ok(is_new)
}

/// The files of a log up to a version, as the kernel sees them, in the order of their versions.
struct Log {
    files: Vec<ParsedLogPath>,
    is_newest: bool,
}

fn is_whole(checkpoint: &CheckpointInstance, parts: &[ParsedLogPath]) -> bool {
    match checkpoint {
        CheckpointInstance::MultiPart { num_parts } => parts.len() == *num_parts as usize,
        _ => parts.len() == 1,
    }
}

/// What a checkpoint hint says.
#[derive(Deserialize)]
struct Hint {
    version: u64,
}

impl Log {
    fn list(table: &str, storage: &Storage, version: Option<u64>) -> Result<Self> {
        let root = storage.join("_delta_log/")?;
        let handler = storage.engine.storage_handler();
        let last = version.unwrap_or(u64::MAX);
        let files = list_delta_log_from_storage(handler.as_ref(), &root, 0, last, None)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|e| Error::from_kernel(&format!("list the log of table {table}"), e))?;
        Ok(Self {
            files,
            is_newest: version.is_none(),
        })
    }

    fn of_type(&self, wanted: &LogPathFileType) -> Vec<&ParsedLogPath> {
        let files = self.files.iter();
        files.filter(|file| file.file_type == *wanted).collect()
    }

    /// The whole checkpoints, oldest first, as the kernel chooses them.
    fn checkpoints(&self) -> Vec<Vec<ParsedLogPath>> {
        let files = self
            .files
            .iter()
            .filter(|file| file.is_checkpoint() && should_process_log_file(file));
        let files: Vec<_> = files.collect();
        let versions = files.chunk_by(|a, b| a.version == b.version);
        let whole = |files: &[&ParsedLogPath]| {
            group_checkpoint_parts(files.iter().map(|file| (*file).clone()).collect())
                .into_iter()
                .filter(|(checkpoint, parts)| is_whole(checkpoint, parts))
                .max_by(|(a, _), (b, _)| a.cmp(b))
                .map(|(_, parts)| parts)
        };
        versions.filter_map(whole).collect()
    }

    /// The name of the first part that the newest checkpoint in parts lacks.
    fn missing_part(&self) -> Option<String> {
        let parts = self
            .files
            .iter()
            .rev()
            .filter(|file| file.location.size > 0);
        let newest = parts.clone().find_map(|file| match file.file_type {
            LogPathFileType::MultiPartCheckpoint { num_parts, .. } => {
                Some((file.version, num_parts))
            }
            _ => None,
        });
        let (version, num_parts) = newest?;
        let name =
            |part: u32| format!("{version:020}.checkpoint.{part:010}.{num_parts:010}.parquet");
        let is_there = |name: &String| parts.clone().any(|file| file.filename == *name);
        (1..=num_parts).map(name).find(|name| !is_there(name))
    }

    /// Checksums of versions that are not there, as a commit that was removed leaves them: the kernel refuses the log.
    fn pass_over_stray_checksums(&self, table: &str, storage: &Storage) -> Result<bool> {
        let is_state = |file: &&ParsedLogPath| file.is_commit() || file.is_checkpoint();
        let newest = self.files.iter().filter(is_state).map(|file| file.version);
        let newest = newest.max();
        let mut is_new = false;
        for file in self.of_type(&LogPathFileType::Crc) {
            if newest.is_some_and(|newest| file.version > newest) {
                is_new |= note(table, storage, file, "is of a version that is not there")?;
            }
        }
        Ok(is_new)
    }

    /// A hint that names no checkpoint that is there, nor one before the newest.
    fn pass_over_hint(&self, table: &str, storage: &Storage) -> Result<bool> {
        let path = log_files::log_path(storage)?.join(HINT);
        let read = async { storage.store.get(&path).await?.bytes().await };
        let content = match storage.block_on(read)? {
            Ok(content) => content,
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(e) => return Err(Error::from_storage(&format!("read {path}"), e)),
        };
        let Ok(Hint { version }) = serde_json::from_slice(&content) else {
            return Ok(false); // passed over when it is read
        };
        let newest = self.checkpoints().pop().map(|parts| parts[0].version);
        let is_beyond = !self.is_newest && self.files.last().is_none_or(|f| f.version < version);
        if is_beyond || newest.is_some_and(|newest| newest >= version) {
            return Ok(false);
        }
        let why = format!("names a checkpoint of version {version} that is not there");
        let is_new = storage
            .passed_over
            .add_hint(path.clone(), content, why.clone());
        if is_new {
            warn(table, &path, &why);
        }
        Ok(is_new)
    }
}

#[cfg(test)]
mod tests {
    use delta_kernel::FileMeta;

    use super::*;

    /// A log of files of some size; those whose names end in `!` are empty.
    fn log(names: &[&str]) -> Log {
        let file = |name: &&str| {
            let size = if name.ends_with('!') { 0 } else { 1 };
            let (version, rest) = name.trim_end_matches('!').split_once('.').unwrap();
            let url = format!("memory:///t/_delta_log/{version:0>20}.{rest}");
            let file = FileMeta::new(url::Url::parse(&url).unwrap(), 0, size);
            ParsedLogPath::try_from(file).unwrap().unwrap()
        };
        Log {
            files: names.iter().map(file).collect(),
            is_newest: true,
        }
    }

    fn versions(log: &Log) -> Vec<u64> {
        log.checkpoints()
            .iter()
            .map(|parts| parts[0].version)
            .collect()
    }

    #[test]
    fn only_whole_checkpoints_count() {
        let part = |number: u32| format!("checkpoint.{number:010}.0000000003.parquet");
        let (first, second, third) = (part(1), part(2), part(3));
        let names = [
            "2.checkpoint.parquet!".to_owned(),
            "3.checkpoint.parquet".to_owned(),
            format!("5.{first}"),
            format!("5.{second}"),
            format!("5.{third}"),
            "6.json".to_owned(),
            format!("7.{first}"),
            format!("7.{third}"),
        ];
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(versions(&log(&names)), [3, 5]);
        let missing = format!("{:020}.{second}", 7);
        assert_eq!(log(&names).missing_part(), Some(missing));
        assert_eq!(log(&names[..5]).missing_part(), None);
        let emptied = format!("5.{second}!");
        let emptied = [names[2], emptied.as_str(), names[4]];
        assert!(versions(&log(&emptied)).is_empty());
        assert!(
            log(&emptied)
                .missing_part()
                .is_some_and(|name| name.ends_with(&second))
        );
    }
}
