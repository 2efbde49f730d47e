//! A Parquet file put together from encoded column chunks: their bytes in order, the page indexes and the footer
//! (Parquet format, "File Format"). `parquet`'s own file writer would copy the chunks; here they are handed on.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::LogicalType;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::page_index::PageIndexBuilder;
use parquet::file::metadata::{
    FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataWriter,
    RowGroupMetaData,
};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::offset_index::OffsetIndexMetaData;
use parquet::file::writer::TrackedWrite;
use parquet::schema::types::SchemaDescPtr;

use super::encode::ChunkWriter;

const MAGIC: &[u8] = b"PAR1";
const CREATED_BY: &str = concat!("sluice version ", env!("CARGO_PKG_VERSION"));
/// Of the format, as every reader expects it.
const VERSION: i32 = 1;

/// Where the bytes of a file go.
pub trait Output {
    /// Takes the next bytes, without a copy.
    fn put(&mut self, bytes: Bytes) -> io::Result<()>;
}

/// A file that row groups are added to.
pub struct Assembly<O> {
    schema: SchemaDescPtr,
    output: O,
    position: u64,
    row_groups: Vec<RowGroupMetaData>,
    /// Of each chunk in each row group.
    indexes: Vec<Vec<(ColumnIndexMetaData, OffsetIndexMetaData)>>,
}

impl<O: Output> Assembly<O> {
    /// Begins the file.
    pub fn begin(schema: SchemaDescPtr, output: O) -> io::Result<Self> {
        let mut file = Self {
            schema,
            output,
            position: 0,
            row_groups: Vec::new(),
            indexes: Vec::new(),
        };
        file.put(Bytes::from_static(MAGIC))?;
        Ok(file)
    }

    pub fn output(&self) -> &O {
        &self.output
    }

    pub fn output_mut(&mut self) -> &mut O {
        &mut self.output
    }

    fn put(&mut self, bytes: Bytes) -> io::Result<()> {
        self.position += bytes.len() as u64;
        self.output.put(bytes)
    }

    /// Adds a row group of `chunks`, one for each column of the schema and in its order.
    pub fn append_row_group(&mut self, chunks: impl Iterator<Item = ChunkWriter>) -> Result<()> {
        let begin = self.position;
        let (mut columns, mut indexes, mut rows) = (Vec::new(), Vec::new(), 0);
        for chunk in chunks {
            let chunk = chunk.close(self.position)?;
            for piece in chunk.pieces {
                self.put(piece)?;
            }
            rows = chunk.rows;
            columns.push(chunk.metadata);
            indexes.push((chunk.column_index, chunk.offset_index));
        }
        let bytes = columns.iter().map(|column| column.uncompressed_size());
        let ordinal = i32::try_from(self.row_groups.len())
            .map_err(|_| ParquetError::General("too many row groups for one file".into()))?;
        let group = RowGroupMetaData::builder(self.schema.clone())
            .set_total_byte_size(bytes.sum())
            .set_column_metadata(columns)
            .set_num_rows(rows as i64)
            .set_ordinal(ordinal)
            .set_file_offset(begin as i64)
            .build()?;
        self.row_groups.push(group);
        self.indexes.push(indexes);
        Ok(())
    }

    /// Ends the file with its page indexes and footer.
    pub fn finish(&mut self) -> Result<ParquetMetaData> {
        let mut page_index = PageIndexBuilder::new(self.indexes.len(), self.schema.num_columns());
        for (group, indexes) in std::mem::take(&mut self.indexes).into_iter().enumerate() {
            for (column, (pages, offsets)) in indexes.into_iter().enumerate() {
                page_index.put_column_index(pages, group, column);
                page_index.put_offset_index(offsets, group, column);
            }
        }
        let row_groups = std::mem::take(&mut self.row_groups);
        let rows = row_groups.iter().map(RowGroupMetaData::num_rows).sum();
        let by = Some(CREATED_BY.to_owned());
        let calendar = has_days(&self.schema).then(calendar);
        let file = FileMetaData::new(VERSION, rows, by, calendar, self.schema.clone(), None);
        let metadata = ParquetMetaDataBuilder::new(file)
            .set_row_groups(row_groups)
            .set_page_index(Some(Arc::new(page_index.build())))
            .build();
        let end = self.encode_end(&metadata)?;
        self.put(end.into())?;
        Ok(metadata)
    }

    fn encode_end(&self, metadata: &ParquetMetaData) -> Result<Vec<u8>> {
        let mut end = Vec::new();
        let mut tracked = TrackedWrite::new(After {
            before: self.position,
            bytes: &mut end,
        });
        skip(&mut tracked, self.position)?;
        ParquetMetaDataWriter::new_with_tracked(tracked, metadata).finish()?;
        Ok(end)
    }
}

/// Whether any column holds dates or timestamps.
fn has_days(schema: &SchemaDescPtr) -> bool {
    schema.columns().iter().any(|column| {
        matches!(
            column.logical_type_ref(),
            Some(LogicalType::Date | LogicalType::Timestamp(_))
        )
    })
}

/// By the version of Spark in a footer its readers tell the calendar: since 3.0 it is the proleptic Gregorian one, as
/// the format wants it. Without one, old days are read as the session says, or not at all.
fn calendar() -> Vec<KeyValue> {
    vec![KeyValue::new(
        "org.apache.spark.version".to_owned(),
        "4.0.0".to_owned(),
    )]
}

/// The footer's writer takes its place in the file from what it has written, and cannot be told: so it writes as many
/// zeros as there are bytes before, and [`After`] drops them.
fn skip(writer: &mut impl Write, mut bytes: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    while bytes > 0 {
        let now = bytes.min(ZEROS.len() as u64);
        writer.write_all(&ZEROS[..now as usize])?;
        bytes -= now;
    }
    Ok(())
}

/// Keeps what is written after the first bytes.
struct After<'a> {
    before: u64,
    bytes: &'a mut Vec<u8>,
}

impl Write for After<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let dropped = self.before.min(bytes.len() as u64);
        self.before -= dropped;
        self.bytes.extend_from_slice(&bytes[dropped as usize..]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
