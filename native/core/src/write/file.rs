//! One data file being written: batches become row groups, row groups a Parquet file on storage.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array as _, ArrayRef};
use arrow::datatypes::Fields;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use super::assembly::Assembly;
use super::dictionary;
use super::encode::{ChunkWriter, leaves, mean_bytes};
use super::layout::Layout;
use super::sink::{LastUpload, Sink};
use crate::cores::{self, Cores};
use crate::error::{Error, Result};
use crate::table::codec::Codec;

/// Values below which a batch is not worth another core.
const WORTH_SHARING: usize = 16 << 10;

/// What all files of a write share.
#[derive(Debug, Clone)]
pub struct FileFormat {
    layout: Layout,
    /// For each leaf column, whether it is begun with a dictionary.
    dictionaries: Vec<bool>,
    codec: Codec,
    row_group_bytes: u64,
    /// Cores among which the columns of a batch may be shared out.
    cores: usize,
}

impl FileFormat {
    /// Files of `layout`, compressed with `codec`, their row groups closed at `row_group_bytes`
    /// encoded bytes; `cores` are this process's.
    pub fn new(layout: Layout, codec: Codec, row_group_bytes: u64, cores: usize) -> Self {
        Self {
            dictionaries: vec![true; layout.parquet.num_columns()],
            layout,
            codec,
            row_group_bytes,
            cores,
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
    file: Assembly<Sink>,
    /// Column chunks of the open row group, one per Parquet leaf; empty between row groups.
    chunks: Vec<ChunkWriter>,
    rows: u64,
}

impl DataFile {
    /// Starts a file in `sink`.
    pub fn create(format: Arc<FileFormat>, sink: Sink) -> Result<Self> {
        let file = Assembly::begin(format.layout.parquet.clone(), sink)
            .map_err(|e| Error::from_parquet("start a data file", e.into()))?;
        Ok(Self {
            format,
            file,
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
        self.file.output().written() + self.open_group_bytes()
    }

    /// Memory held by encoders and buffers, in bytes.
    pub fn memory(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(ChunkWriter::memory).sum();
        chunks + self.file.output().buffered()
    }

    /// Time spent waiting for storage.
    pub fn waited(&self) -> Duration {
        self.file.output().waited()
    }

    /// Writes the footer. The file exists on storage when the upload that is returned has succeeded.
    pub fn finish(&mut self) -> Result<(FinishedFile, LastUpload)> {
        self.flush_row_group()?;
        let footer = self
            .file
            .finish()
            .map_err(|e| Error::from_parquet("write a footer", e))?;
        let size = self.file.output().written();
        let upload = self.file.output_mut().close();
        Ok((FinishedFile { size, footer }, upload))
    }

    /// Gives the file up.
    pub fn abort(&mut self) {
        self.chunks.clear();
        self.file.output_mut().abort();
    }

    fn open_group_bytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.bytes() as u64).sum()
    }

    fn encode(&mut self, columns: &[ArrayRef]) -> Result<(), ParquetError> {
        if self.chunks.is_empty() {
            self.chunks = self.format.chunks()?;
        }
        let mut batch = Vec::with_capacity(self.chunks.len());
        for (lane, array) in self.format.layout.lanes.iter().zip(columns) {
            debug_assert_eq!(lane.data_type(), array.data_type());
            batch.extend(leaves(lane, array));
        }
        if batch.len() != self.chunks.len() {
            return Err(ParquetError::General("not one leaf a column".into()));
        }
        let values = batch.iter().map(|leaf| leaf.slots.count).sum();
        let helpers = self.helpers(values);
        let mut pairs: Vec<_> = self.chunks.iter_mut().zip(&batch).collect();
        if helpers.count() > 0 {
            // The longest first, so that none is left for the end.
            pairs.sort_by_key(|(_, leaf)| Reverse(leaf.slots.count * mean_bytes(&leaf.array)));
        }
        cores::for_each(pairs.into_iter(), &helpers, |(chunk, leaf)| {
            chunk.write(leaf)
        })
    }

    /// Cores to encode so many values with besides the task's own.
    fn helpers(&self, values: usize) -> Cores<'static> {
        let most = (values / WORTH_SHARING).min(self.chunks.len().saturating_sub(1));
        Cores::borrow(most, self.format.cores)
    }

    fn append_row_group(&mut self) -> Result<(), ParquetError> {
        let open = self.chunks.iter().map(ChunkWriter::open_values).sum();
        let helpers = self.helpers(open);
        cores::for_each(self.chunks.iter_mut(), &helpers, ChunkWriter::finish)?;
        self.file.append_row_group(self.chunks.drain(..))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{BinaryArray, Int64Array};
    use delta_kernel::schema::{DataType, StructField, StructType};
    use object_store::ObjectStoreExt as _;
    use object_store::memory::InMemory;
    use object_store::path::Path;

    use super::*;
    use crate::runtime;

    const ROWS: i64 = 40_000;

    fn layout() -> Layout {
        let fields = [
            StructField::nullable("a", DataType::LONG),
            StructField::nullable("b", DataType::LONG),
            StructField::nullable("c", DataType::STRING),
        ];
        Layout::of(&StructType::try_new(fields).unwrap()).unwrap()
    }

    fn columns(batch: i64) -> Vec<ArrayRef> {
        let values = || (0..ROWS).map(move |row| (row * row + batch) % 30_011);
        vec![
            Arc::new(Int64Array::from_iter_values(values())),
            Arc::new(Int64Array::from_iter(
                values().map(|v| (v % 3 > 0).then_some(v)),
            )),
            Arc::new(BinaryArray::from_iter_values(values().map(|v| {
                let text = v.to_string();
                text.repeat(1 + v as usize % 5)
            }))),
        ]
    }

    fn write(cores: usize) -> (Vec<u8>, usize) {
        const ROW_GROUP_BYTES: u64 = 1 << 20;
        let store = Arc::new(InMemory::new());
        let path = Path::from("file.parquet");
        let format = FileFormat::new(layout(), Codec::Snappy, ROW_GROUP_BYTES, cores);
        let sink = Sink::new(store.clone(), path.clone());
        let mut file = DataFile::create(Arc::new(format), sink).unwrap();
        (0..6).for_each(|batch| file.write(&columns(batch), ROWS as usize).unwrap());
        let (finished, upload) = file.finish().unwrap();
        let bytes = runtime::block_on(async {
            upload.work.await.unwrap();
            store.get(&path).await.unwrap().bytes().await.unwrap()
        });
        (bytes.unwrap().to_vec(), finished.footer.num_row_groups())
    }

    #[test]
    fn a_file_is_the_same_on_any_number_of_cores() {
        let (alone, row_groups) = write(0);
        assert!(row_groups > 1);
        for _ in 0..5 {
            // More than there are: some are idle whatever other tests hold.
            assert!(write(1000).0 == alone);
        }
    }
}
