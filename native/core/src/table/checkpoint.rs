//! Whether the files of a checkpoint hold one (Delta protocol, "Checkpoints"). Missing columns are null to the kernel,
//! so what is a Parquet file of something else would be a table without files.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

use arrow::array::{Array as _, AsArray as _};
use bytes::Bytes;
use delta_kernel::actions::{LOG_ADD_SCHEMA, LOG_METADATA_SCHEMA, LOG_PROTOCOL_SCHEMA};
use delta_kernel::engine::arrow_data::EngineDataArrowExt as _;
use delta_kernel::path::ParsedLogPath;
use delta_kernel::schema::{DataType, SchemaRef, StructField, StructType};
use delta_kernel::{Engine as _, FileMeta, KernelError, KernelResult};
use futures::future::BoxFuture;
use futures::{FutureExt as _, TryFutureExt as _};
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use parquet::arrow::async_reader::MetadataFetch;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use serde::Deserialize;
use serde::de::IgnoredAny;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;

/// Actions that every checkpoint holds one of.
const INDISPENSABLE: [&str; 2] = ["protocol", "metaData"];
/// Where the files of the table are, in the checkpoint itself or in files beside it.
const FILES: [&str; 2] = ["add", "sidecar"];
/// Bytes at the end of a file in which its footer mostly lies.
const FOOTER_BYTES: usize = 64 << 10;
/// Files that are remembered to be checkpoints.
const REMEMBERED: usize = 4_096;

/// Files that were found to be checkpoints, as they were listed: their shape is looked at once in a process.
static SOUND: LazyLock<Mutex<HashSet<(Url, u64, i64)>>> = LazyLock::new(Default::default);

/// A file that a checkpoint cannot do without, and cannot be read with.
#[derive(Debug)]
pub struct Broken {
    pub file: Url,
    /// Goes on after the name of the file.
    pub why: String,
}

/// What stops an examination.
enum Stop {
    Broken(Broken),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

fn broken<T>(file: &Url, why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Broken(Broken {
        file: file.clone(),
        why: why.into(),
    }))
}

fn found(examined: Result<(), Stop>) -> Result<Option<Broken>> {
    match examined {
        Ok(()) => Ok(None),
        Err(Stop::Broken(broken)) => Ok(Some(broken)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// The result of reading `file`, which is broken unless the storage failed.
fn read<T>(file: &Url, result: KernelResult<T>) -> Result<T, Stop> {
    result.map_err(|e| {
        let why = format!("cannot be read ({})", first_line(&e));
        let error = Error::from_kernel(&format!("read {file}"), e);
        match error.kind {
            ErrorKind::Storage => Stop::Failed(error),
            _ => Stop::Broken(Broken {
                file: file.clone(),
                why,
            }),
        }
    })
}

/// Messages of the kernel may go on with a stack trace.
fn first_line(error: &KernelError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

/// Looks whether the files of a checkpoint have its shape, by their footers alone; a file once in a process.
///
/// Errors: Storage if they cannot be reached.
pub fn check_shape(storage: &Storage, parts: &[ParsedLogPath]) -> Result<Option<Broken>> {
    let key = |part: &ParsedLogPath| {
        let file = &part.location;
        (file.location.clone(), file.size, file.last_modified)
    };
    let known = |part: &ParsedLogPath| lock().contains(&key(part));
    if parts.iter().all(known) {
        return Ok(None);
    }
    let shapes = parts.iter().map(|part| shape(storage, part));
    let examined = shapes.collect::<Result<Vec<_>, _>>().and_then(|rows| {
        let rows: i64 = rows.iter().sum();
        match parts.first() {
            Some(part) if rows < INDISPENSABLE.len() as i64 => {
                broken(&part.location.location, "holds no state of a table")
            }
            _ => Ok(()),
        }
    });
    if examined.is_ok() {
        let mut sound = lock();
        if sound.len() + parts.len() > REMEMBERED {
            sound.clear();
        }
        sound.extend(parts.iter().map(key));
    }
    found(examined)
}

fn lock() -> std::sync::MutexGuard<'static, HashSet<(Url, u64, i64)>> {
    SOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a checkpoint to its end, and the files that it names.
///
/// Errors: Storage if they cannot be reached.
pub fn check_content(storage: &Storage, parts: &[ParsedLogPath]) -> Result<Option<Broken>> {
    let read_all = |part: &ParsedLogPath| {
        shape(storage, part)?;
        content(storage, &part.location, is_json(part))?;
        sidecars(storage, part)?
            .iter()
            .try_for_each(|sidecar| content(storage, sidecar, false))
    };
    let examined = parts.iter().try_for_each(read_all);
    found(examined.and_then(|()| state(storage, parts)))
}

/// Looks whether one of the files holds each of the actions that a table cannot be without.
fn state(storage: &Storage, parts: &[ParsedLogPath]) -> Result<(), Stop> {
    for schema in [&*LOG_PROTOCOL_SCHEMA, &*LOG_METADATA_SCHEMA] {
        let mut is_there = false;
        for part in parts {
            for batch in rows(storage, &part.location, is_json(part), schema.clone())? {
                let batch = batch.and_then(|batch| batch.try_into_record_batch());
                let batch = read(&part.location.location, batch)?;
                is_there |= batch.column(0).null_count() < batch.num_rows();
            }
        }
        if let (false, Some(part)) = (is_there, parts.first()) {
            return broken(&part.location.location, "holds no state of a table");
        }
    }
    Ok(())
}

fn is_json(part: &ParsedLogPath) -> bool {
    part.extension == "json"
}

/// The number of its rows.
fn shape(storage: &Storage, part: &ParsedLogPath) -> Result<i64, Stop> {
    match is_json(part) {
        true => json_shape(storage, &part.location),
        false => parquet_shape(storage, &part.location),
    }
}

/// Reads ranges of a file.
struct Fetch<'a>(&'a Storage, Path);

impl MetadataFetch for Fetch<'_> {
    fn fetch(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        let read = self.0.store.get_range(&self.1, range);
        read.map_err(|e| ParquetError::External(Box::new(e)))
            .boxed()
    }
}

fn parquet_shape(storage: &Storage, file: &FileMeta) -> Result<i64, Stop> {
    let url = &file.location;
    let path = storage.path_of(url)?;
    let reader = ParquetMetaDataReader::new().with_prefetch_hint(Some(FOOTER_BYTES));
    let footer = reader.load_and_finish(Fetch(storage, path), file.size);
    let footer = storage.block_on(footer)?.map_err(KernelError::Parquet);
    let footer = read(url, footer)?;
    let footer = footer.file_metadata();
    let columns = footer.schema_descr().root_schema().get_fields();
    let has = |name: &str| {
        let named = columns.iter().find(|column| column.name() == name);
        named.is_some_and(|column| column.is_group())
    };
    if INDISPENSABLE.into_iter().all(has) && FILES.into_iter().any(has) {
        return Ok(footer.num_rows());
    }
    broken(
        url,
        "is a Parquet file of another schema than a checkpoint's",
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    protocol: Option<IgnoredAny>,
    meta_data: Option<IgnoredAny>,
}

fn json_shape(storage: &Storage, file: &FileMeta) -> Result<i64, Stop> {
    let url = &file.location;
    let path = storage.path_of(url)?;
    let read_all = async { storage.store.get(&path).await?.bytes().await };
    let content = read(url, storage.block_on(read_all)?.map_err(KernelError::from))?;
    let (mut rows, mut protocol, mut metadata) = (0, false, false);
    for line in content.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            continue;
        }
        let Ok(line) = serde_json::from_slice::<Line>(line) else {
            return broken(url, "holds something that is no Delta action");
        };
        rows += 1;
        protocol |= line.protocol.is_some();
        metadata |= line.meta_data.is_some();
    }
    match protocol && metadata {
        true => Ok(rows),
        false => broken(url, "holds no state of a table"),
    }
}

fn content(storage: &Storage, file: &FileMeta, is_json: bool) -> Result<(), Stop> {
    for rows in rows(storage, file, is_json, LOG_ADD_SCHEMA.clone())? {
        read(&file.location, rows)?;
    }
    Ok(())
}

fn rows(
    storage: &Storage,
    file: &FileMeta,
    is_json: bool,
    schema: SchemaRef,
) -> Result<delta_kernel::FileDataReadResultIterator, Stop> {
    let files = std::slice::from_ref(file);
    let rows = match is_json {
        true => storage
            .engine
            .json_handler()
            .read_json_files(files, schema, None),
        false => storage
            .engine
            .parquet_handler()
            .read_parquet_files(files, schema, None),
    };
    read(&file.location, rows)
}

/// The files beside a checkpoint that it names (Delta protocol, "Sidecar Files").
fn sidecars(storage: &Storage, part: &ParsedLogPath) -> Result<Vec<FileMeta>, Stop> {
    let path = StructField::nullable("path", DataType::STRING);
    let sidecar = StructField::nullable("sidecar", StructType::new_unchecked([path]));
    let schema = SchemaRef::new(StructType::new_unchecked([sidecar]));
    let directory = storage.join("_delta_log/_sidecars/")?;
    let mut files = Vec::new();
    for batch in rows(storage, &part.location, is_json(part), schema)? {
        let batch = read(
            &part.location.location,
            batch.and_then(|b| b.try_into_record_batch()),
        )?;
        let sidecars = batch.column(0).as_struct_opt();
        let paths = sidecars.and_then(|sidecars| sidecars.column(0).as_string_opt::<i32>());
        for path in paths.into_iter().flatten().flatten() {
            let Ok(url) = directory.join(path) else {
                return broken(
                    &part.location.location,
                    format!("names the sidecar '{path}'"),
                );
            };
            files.push(existing(storage, url)?);
        }
    }
    Ok(files)
}

fn existing(storage: &Storage, url: Url) -> Result<FileMeta, Stop> {
    let path = storage.path_of(&url)?;
    match storage.block_on(storage.store.head(&path))? {
        Ok(file) => {
            let modified = file.last_modified.timestamp_millis();
            Ok(FileMeta::new(url, modified, file.size))
        }
        Err(object_store::Error::NotFound { .. }) => broken(&url, "is missing"),
        Err(e) => Err(Error::from_storage(&format!("read {url}"), e).into()),
    }
}
