//! Compression of pages (Parquet format, "Compression"). Contexts and buffers are kept from page to page.

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{GzipLevel, ZstdLevel};
use parquet::errors::{ParquetError, Result};

use crate::write::codec::Codec;

/// Compresses one page after the other.
pub struct Compressor {
    method: Method,
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

enum Method {
    Uncompressed,
    Snappy(Box<snap::raw::Encoder>),
    Gzip,
    /// Blocks in Hadoop's framing.
    Lz4,
    Lz4Raw,
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Compressor {
    pub fn new(codec: Codec) -> Result<Self> {
        let method = match codec {
            Codec::Uncompressed => Method::Uncompressed,
            Codec::Snappy => Method::Snappy(Box::new(snap::raw::Encoder::new())),
            Codec::Gzip => Method::Gzip,
            Codec::Lz4 => Method::Lz4,
            Codec::Lz4Raw => Method::Lz4Raw,
            Codec::Zstd => {
                let level = ZstdLevel::default().compression_level();
                Method::Zstd(zstd::bulk::Compressor::new(level).map_err(failed)?)
            }
        };
        Ok(Self {
            method,
            buffer: Arc::default(),
        })
    }

    /// Memory held, in bytes.
    pub fn memory(&self) -> usize {
        self.buffer.capacity()
    }

    /// The page as it is stored. Its memory is used for the next page again, if this one is dropped by then.
    pub fn compress(&mut self, page: &[u8]) -> Result<Bytes> {
        let buffer = Arc::make_mut(&mut self.buffer);
        let length = match &mut self.method {
            Method::Uncompressed => return Ok(Bytes::copy_from_slice(page)),
            Method::Snappy(encoder) => {
                grow(buffer, snap::raw::max_compress_len(page.len()));
                encoder.compress(page, buffer).map_err(failed)?
            }
            Method::Gzip => {
                buffer.clear();
                let level = flate2::Compression::new(GzipLevel::default().compression_level());
                let mut encoder = flate2::write::GzEncoder::new(&mut *buffer, level);
                encoder.write_all(page)?;
                encoder.finish()?;
                buffer.len()
            }
            Method::Lz4 => {
                const HEADER: usize = 8;
                let most = lz4_flex::block::get_maximum_output_size(page.len());
                grow(buffer, HEADER + most);
                let block = &mut buffer[HEADER..];
                let length = lz4_flex::block::compress_into(page, block).map_err(failed)?;
                buffer[..4].copy_from_slice(&(page.len() as u32).to_be_bytes());
                buffer[4..HEADER].copy_from_slice(&(length as u32).to_be_bytes());
                HEADER + length
            }
            Method::Lz4Raw => {
                grow(buffer, lz4_flex::block::get_maximum_output_size(page.len()));
                lz4_flex::block::compress_into(page, buffer).map_err(failed)?
            }
            Method::Zstd(compressor) => {
                grow(buffer, zstd::zstd_safe::compress_bound(page.len()));
                let buffer = buffer.as_mut_slice();
                compressor
                    .compress_to_buffer(page, buffer)
                    .map_err(failed)?
            }
        };
        Ok(Bytes::from_owner(Lent(self.buffer.clone())).slice(..length))
    }
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
