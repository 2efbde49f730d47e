//! Compression of pages (Parquet format, "Compression"). What codecs need to work in is the thread's, as it is large
//! and tasks have many columns open; a column keeps the buffer of its last page.

use std::cell::RefCell;
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{GzipLevel, ZstdLevel};
use parquet::errors::{ParquetError, Result};

use crate::write::codec::Codec;

thread_local! {
    static SNAPPY: RefCell<snap::raw::Encoder> = RefCell::new(snap::raw::Encoder::new());
    /// None before the first page.
    static ZSTD: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
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
                SNAPPY
                    .with_borrow_mut(|encoder| encoder.compress(page, buffer))
                    .map_err(failed)?
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
                ZSTD.with_borrow_mut(|context| zstd_page(context, page, buffer))?
            }
        };
        Ok(Bytes::from_owner(Lent(self.buffer.clone())).slice(..length))
    }
}

fn zstd_page(
    context: &mut Option<zstd::bulk::Compressor<'static>>,
    page: &[u8],
    buffer: &mut [u8],
) -> Result<usize> {
    let compressor = match context {
        Some(compressor) => compressor,
        None => {
            let level = ZstdLevel::default().compression_level();
            context.insert(zstd::bulk::Compressor::new(level).map_err(failed)?)
        }
    };
    compressor.compress_to_buffer(page, buffer).map_err(failed)
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
