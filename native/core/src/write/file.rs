//! One data file being written: batches become row groups, row groups a Parquet file on storage.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array as _, ArrayRef};
use arrow::datatypes::Fields;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

use super::codec::Codec;
use super::dictionary;
use super::encode::{ChunkWriter, leaves};
use super::layout::Layout;
use super::sink::{LastUpload, Sink};
use crate::error::{Error, Result};

/// What all files of a write share.
#[derive(Debug, Clone)]
pub struct FileFormat {
    layout: Layout,
    /// For each leaf column, whether it is begun with a dictionary.
    dictionaries: Vec<bool>,
    codec: Codec,
    row_group_bytes: u64,
}

impl FileFormat {
    /// Files of `layout`, compressed with `codec`, their row groups closed at `row_group_bytes`
    /// encoded bytes.
    pub fn new(layout: Layout, codec: Codec, row_group_bytes: u64) -> Self {
        Self {
            dictionaries: vec![true; layout.parquet.num_columns()],
            layout,
            codec,
            row_group_bytes,
        }
    }

    /// The same files, without dictionaries for columns that are better off so, to judge by these of
    /// their rows.
    pub fn fitted_to(&self, columns: &[ArrayRef]) -> Self {
        Self {
            dictionaries: dictionary::worthwhile(columns),
            ..self.clone()
        }
    }

    /// Lanes of the columns, in file order.
    pub fn lanes(&self) -> &Fields {
        &self.layout.lanes
    }

    fn chunks(&self) -> Result<Vec<ChunkWriter>, ParquetError> {
        let columns = self.layout.parquet.columns().iter();
        columns
            .zip(&self.dictionaries)
            .map(|(column, dictionary)| ChunkWriter::new(column.clone(), self.codec, *dictionary))
            .collect()
    }
}

/// A finished file's size and footer.
#[derive(Debug)]
pub struct FinishedFile {
    /// Size of the object, in bytes.
    pub size: u64,
    /// The footer, whose column chunk metadata holds the statistics.
    pub footer: ParquetMetaData,
}

/// An open data file. Dropping it leaves nothing visible on storage, but an upload that has begun
/// should be given up with [`DataFile::abort`].
pub struct DataFile {
    format: Arc<FileFormat>,
    writer: SerializedFileWriter<Sink>,
    /// Column chunks of the open row group, one per Parquet leaf; empty between row groups.
    chunks: Vec<ChunkWriter>,
    rows: u64,
}

impl DataFile {
    /// Starts a file in `sink`.
    pub fn create(format: Arc<FileFormat>, sink: Sink) -> Result<Self> {
        let root = format.layout.parquet.root_schema_ptr();
        let properties = WriterProperties::builder()
            .set_created_by(concat!("sluice version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(sink, root, Arc::new(properties))
            .map_err(|e| Error::from_parquet("start a data file", e))?;
        Ok(Self {
            format,
            writer,
            chunks: Vec::new(),
            rows: 0,
        })
    }

    /// Rows written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Encodes `columns` (in file order, equally long, of the format's lanes). Nothing of them is
    /// kept after the call.
    pub fn write(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        self.encode(columns)
            .map_err(|e| Error::from_parquet("encode rows", e))?;
        self.rows += rows as u64;
        if self.open_group_bytes() >= self.format.row_group_bytes {
            self.flush_row_group()?;
        }
        Ok(())
    }

    /// Whether rows wait in a row group that is not on its way to storage.
    pub fn has_open_row_group(&self) -> bool {
        !self.chunks.is_empty()
    }

    /// Closes the open row group, if there is one, and hands it to storage.
    pub fn flush_row_group(&mut self) -> Result<()> {
        if self.chunks.is_empty() {
            return Ok(());
        }
        self.append_row_group()
            .map_err(|e| Error::from_parquet("write a row group", e))
    }

    /// Bytes of the file so far, those of the open row group as estimated.
    pub fn bytes(&self) -> u64 {
        self.writer.inner().written() + self.open_group_bytes()
    }

    /// Memory held by encoders and buffers, in bytes.
    pub fn memory(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(ChunkWriter::memory).sum();
        chunks + self.writer.inner().buffered()
    }

    /// Time spent waiting for storage.
    pub fn waited(&self) -> Duration {
        self.writer.inner().waited()
    }

    /// Writes the footer. The file exists on storage when the upload that is returned has succeeded.
    pub fn finish(&mut self) -> Result<(FinishedFile, LastUpload)> {
        self.flush_row_group()?;
        let footer = self
            .writer
            .finish()
            .map_err(|e| Error::from_parquet("write a footer", e))?;
        let size = self.writer.inner().written();
        let upload = self.writer.inner_mut().close();
        Ok((FinishedFile { size, footer }, upload))
    }

    /// Gives the file up.
    pub fn abort(&mut self) {
        self.chunks.clear();
        self.writer.inner_mut().abort();
    }

    fn open_group_bytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.bytes() as u64).sum()
    }

    fn encode(&mut self, columns: &[ArrayRef]) -> Result<(), ParquetError> {
        if self.chunks.is_empty() {
            self.chunks = self.format.chunks()?;
        }
        let mut chunks = self.chunks.iter_mut();
        for (lane, array) in self.format.layout.lanes.iter().zip(columns) {
            debug_assert_eq!(lane.data_type(), array.data_type());
            for leaf in leaves(lane, array) {
                let chunk = chunks
                    .next()
                    .ok_or_else(|| ParquetError::General("more leaves than columns".into()))?;
                chunk.write(&leaf)?;
            }
        }
        Ok(())
    }

    fn append_row_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for chunk in self.chunks.drain(..) {
            chunk.close()?.append_to(&mut group)?;
        }
        group.close()?;
        Ok(())
    }
}
