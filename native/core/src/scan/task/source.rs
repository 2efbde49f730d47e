//! The bytes of a data file: a local one through the file system's own calls, any other through its
//! object store. Column chunks are fetched whole before they are decoded.

use std::fs::File;
use std::io::{Cursor, ErrorKind as IoErrorKind};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use delta_kernel::object_store::DynObjectStore;
use delta_kernel::object_store::path::Path;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use url::Url;

use crate::error::Result;
use crate::runtime;
use crate::storage::Storage;

/// Bytes fetched with the footer, which they nearly always hold.
const TAIL: u64 = 64 << 10;

/// A data file, of which some ranges are in memory.
#[derive(Debug, Clone)]
pub struct DataSource {
    origin: Arc<Origin>,
    size: u64,
    cached: Vec<(u64, Bytes)>,
}

#[derive(Debug)]
enum Origin {
    Local(File),
    Remote(Arc<DynObjectStore>, Path),
}

impl DataSource {
    /// Opens the file at `url` and fetches its end. `size` is what the log says.
    ///
    /// Errors: Parquet's wrapping of an I/O or object-store error.
    pub fn open(storage: &Storage, url: &Url, size: u64) -> Result<Result<Self, ParquetError>> {
        let origin = match url.to_file_path() {
            Ok(path) if url.scheme() == "file" => match File::open(path) {
                Ok(file) => Origin::Local(file),
                Err(e) => return Ok(Err(ParquetError::External(Box::new(e)))),
            },
            _ => Origin::Remote(storage.store.clone(), storage.path_of(url)?),
        };
        let source = Self {
            origin: Arc::new(origin),
            size,
            cached: Vec::new(),
        };
        let tail = size.saturating_sub(TAIL)..size;
        Ok(source.with_ranges(std::slice::from_ref(&tail)))
    }

    /// The same file with these ranges in memory, and no others.
    pub fn with_ranges(&self, ranges: &[Range<u64>]) -> Result<Self, ParquetError> {
        let fetched = self.fetch(ranges)?;
        Ok(Self {
            origin: self.origin.clone(),
            size: self.size,
            cached: ranges.iter().map(|r| r.start).zip(fetched).collect(),
        })
    }

    fn fetch(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, ParquetError> {
        match self.origin.as_ref() {
            Origin::Local(file) => ranges.iter().map(|range| read_at(file, range)).collect(),
            Origin::Remote(store, path) => runtime::block_on(store.get_ranges(path, ranges))
                .map_err(|e| ParquetError::External(Box::new(e)))?
                .map_err(|e| ParquetError::External(Box::new(e))),
        }
    }

    fn cached(&self, start: u64, length: usize) -> Option<Bytes> {
        self.cached.iter().find_map(|(at, bytes)| {
            let from = usize::try_from(start.checked_sub(*at)?).ok()?;
            let to = from.checked_add(length)?;
            (to <= bytes.len()).then(|| bytes.slice(from..to))
        })
    }

    /// From `start` to the end of the cached range that holds it.
    fn rest(&self, start: u64) -> Option<Bytes> {
        self.cached.iter().find_map(|(at, bytes)| {
            let from = usize::try_from(start.checked_sub(*at)?).ok()?;
            (from < bytes.len()).then(|| bytes.slice(from..))
        })
    }
}

fn read_at(file: &File, range: &Range<u64>) -> Result<Bytes, ParquetError> {
    let length = usize::try_from(range.end.saturating_sub(range.start))
        .map_err(|e| ParquetError::External(Box::new(e)))?;
    let mut bytes = vec![0; length];
    match read_exact_at(file, &mut bytes, range.start) {
        Ok(()) => Ok(bytes.into()),
        Err(e) if e.kind() == IoErrorKind::UnexpectedEof => Err(ParquetError::EOF(format!(
            "the file ends before byte {}",
            range.end
        ))),
        Err(e) => Err(ParquetError::External(Box::new(e))),
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(IoErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}

impl Length for DataSource {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for DataSource {
    type T = Cursor<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        match self.rest(start) {
            Some(bytes) => Ok(Cursor::new(bytes)),
            None => Ok(Cursor::new(read_rest(self, start)?)),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if let Some(bytes) = self.cached(start, length) {
            return Ok(bytes);
        }
        let range = start..start.saturating_add(length as u64);
        let fetched = self.fetch(std::slice::from_ref(&range))?;
        fetched
            .into_iter()
            .next()
            .ok_or_else(|| ParquetError::EOF("no bytes came back".into()))
    }
}

fn read_rest(source: &DataSource, start: u64) -> Result<Bytes, ParquetError> {
    let length = source.size.saturating_sub(start);
    let length = usize::try_from(length).map_err(|e| ParquetError::External(Box::new(e)))?;
    source.get_bytes(start, length)
}
