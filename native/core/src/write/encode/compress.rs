//! Compression of pages (Parquet format, "Compression"). What codecs need to work in is the process's, as it is large
//! and tasks have many columns open; a column keeps the buffer of its last page.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::basic::{GzipLevel, ZstdLevel};
use parquet::errors::{ParquetError, Result};

use crate::table::codec::Codec;

static SNAPPY: Pool<snap::raw::Encoder> = Pool(Mutex::new(Vec::new()));
static ZSTD: Pool<zstd::bulk::Compressor<'static>> = Pool(Mutex::new(Vec::new()));

/// What a codec works in, a page at a time: as many as pages were compressed at once.
struct Pool<T>(Mutex<Vec<T>>);

impl<T> Pool<T> {
    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give_back(&self, item: T) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(item);
    }
}

/// Compresses one page after the other.
pub struct Compressor {
    codec: Codec,
    /// Lent to the last page as long as that is there.
    buffer: Arc<Vec<u8>>,
}

/// The part of a compressor's buffer that a page takes is good as long as this is.
struct Lent(Arc<Vec<u8>>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Compressor {
    pub fn new(codec: Codec) -> Self {
        Self {
            codec,
            buffer: Arc::default(),
        }
    }

    /// Memory held, in bytes.
    pub fn memory(&self) -> usize {
        self.buffer.capacity()
    }

    /// The page as it is stored. Its memory is used for the next page again, if this one is dropped by then.
    pub fn compress(&mut self, page: &[u8]) -> Result<Bytes> {
        let buffer = Arc::make_mut(&mut self.buffer);
        let length = match self.codec {
            Codec::Uncompressed => return Ok(Bytes::copy_from_slice(page)),
            Codec::Snappy => {
                grow(buffer, snap::raw::max_compress_len(page.len()));
                let mut encoder = SNAPPY.take().unwrap_or_else(snap::raw::Encoder::new);
                let length = encoder.compress(page, buffer);
                SNAPPY.give_back(encoder);
                length.map_err(failed)?
            }
            Codec::Gzip => {
                buffer.clear();
                let level = flate2::Compression::new(GzipLevel::default().compression_level());
                let mut encoder = flate2::write::GzEncoder::new(&mut *buffer, level);
                encoder.write_all(page)?;
                encoder.finish()?;
                buffer.len()
            }
            Codec::Lz4Raw => {
                grow(buffer, lz4_flex::block::get_maximum_output_size(page.len()));
                lz4_flex::block::compress_into(page, buffer).map_err(failed)?
            }
            Codec::Zstd => {
                grow(buffer, zstd::zstd_safe::compress_bound(page.len()));
                zstd_page(page, buffer)?
            }
        };
        Ok(Bytes::from_owner(Lent(self.buffer.clone())).slice(..length))
    }
}

fn zstd_page(page: &[u8], buffer: &mut [u8]) -> Result<usize> {
    let mut compressor = match ZSTD.take() {
        Some(compressor) => compressor,
        None => {
            let level = ZstdLevel::default().compression_level();
            zstd::bulk::Compressor::new(level).map_err(failed)?
        }
    };
    let length = compressor.compress_to_buffer(page, buffer);
    ZSTD.give_back(compressor);
    length.map_err(failed)
}

/// Makes room without clearing what is there already.
fn grow(buffer: &mut Vec<u8>, length: usize) {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ParquetError {
    ParquetError::External(Box::new(error))
}
