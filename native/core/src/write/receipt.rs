//! A task's receipt: the add actions of the files it wrote, as bytes that travel to the driver
//! inside a commit message.
//!
//! Layout, integers little-endian: `"SLUR"`, format version (u16), CRC-32 of all that follows (u32),
//! length of the summary (u32), the summary as JSON, then an Arrow IPC stream of add rows in the
//! shape the kernel's `Transaction::add_files` takes (absent when no file was written).

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, MapArray, RecordBatch, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use serde::{Deserialize, Serialize};

use super::plan::Purpose;
use crate::error::{Error, Result};

const MAGIC: &[u8; 4] = b"SLUR";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 4 + 2 + 4 + 4;

/// What a task wrote.
#[derive(Debug, Default, Clone)]
pub struct Receipt {
    /// Totals, and where the files are.
    pub summary: Summary,
    /// Add rows; none when no file was written.
    pub add_rows: Vec<RecordBatch>,
}

/// Totals of a receipt.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Rows written.
    pub rows: u64,
    /// Size of all files, in bytes.
    pub bytes: u64,
    /// Store paths of the files, for clean-up.
    pub paths: Vec<String>,
    #[serde(default)]
    pub purpose: Purpose,
}

/// What the tasks of a write wrote.
#[derive(Debug, Default, Clone)]
pub struct Written {
    /// Rows of the table.
    pub data: Receipt,
    /// Rows that came and went, for the change data feed.
    pub changes: Receipt,
}

impl Written {
    /// All of `receipts`.
    ///
    /// Errors: those of [`Receipt::decode`].
    pub fn of(receipts: &[Vec<u8>]) -> Result<Self> {
        let mut written = Self::default();
        for bytes in receipts {
            let receipt = Receipt::decode(bytes)?;
            match receipt.summary.purpose {
                Purpose::Data => written.data.append(receipt),
                Purpose::Changes => written.changes.append(receipt),
            }
        }
        Ok(written)
    }

    /// Adds what other tasks wrote.
    pub fn append(&mut self, other: Self) {
        self.data.append(other.data);
        self.changes.append(other.changes);
    }

    /// Store paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        let changes = self.changes.summary.paths.iter();
        self.data.summary.paths.iter().chain(changes)
    }
}

/// One file of a receipt.
#[derive(Debug)]
pub struct AddedFile {
    /// `add.path`: relative to the table root, URI-encoded.
    pub path: String,
    /// By physical column name; `None` is the null partition value.
    pub partition_values: HashMap<String, Option<String>>,
    /// In bytes.
    pub size: u64,
    /// In milliseconds since the epoch.
    pub modification_time: i64,
}

/// Add rows of `files` with their `stats`, row for row.
pub fn add_rows(files: &[AddedFile], stats: StructArray) -> Result<RecordBatch> {
    let columns: Vec<(Field, ArrayRef)> = vec![
        required(
            "path",
            Arc::new(StringArray::from_iter_values(files.iter().map(|f| &f.path))),
        ),
        required("partitionValues", Arc::new(partition_values(files)?)),
        required(
            "size",
            Arc::new(Int64Array::from_iter_values(
                files.iter().map(|f| f.size as i64),
            )),
        ),
        required(
            "modificationTime",
            Arc::new(Int64Array::from_iter_values(
                files.iter().map(|f| f.modification_time),
            )),
        ),
        (
            Field::new(
                "stats",
                arrow::array::Array::data_type(&stats).clone(),
                true,
            ),
            Arc::new(stats),
        ),
    ];
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|e| Error::from_arrow("assemble add actions", e))
}

fn required(name: &str, array: ArrayRef) -> (Field, ArrayRef) {
    (Field::new(name, array.data_type().clone(), false), array)
}

fn partition_values(files: &[AddedFile]) -> Result<MapArray> {
    let entries = || files.iter().flat_map(|file| &file.partition_values);
    let keys: ArrayRef = Arc::new(StringArray::from_iter_values(entries().map(|(key, _)| key)));
    let values: ArrayRef = Arc::new(StringArray::from_iter(
        entries().map(|(_, value)| value.as_deref()),
    ));
    let fields = vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
    ];
    let offsets = OffsetBuffer::from_lengths(files.iter().map(|file| file.partition_values.len()));
    StructArray::try_new(fields.into(), vec![keys, values], None)
        .and_then(|entries| {
            let field = Field::new(
                "key_value",
                arrow::array::Array::data_type(&entries).clone(),
                false,
            );
            MapArray::try_new(Arc::new(field), offsets, entries, None, false)
        })
        .map_err(|e| Error::from_arrow("assemble partition values", e))
}

impl Receipt {
    /// Adds what another task wrote.
    pub fn append(&mut self, other: Self) {
        self.summary.rows += other.summary.rows;
        self.summary.bytes += other.summary.bytes;
        self.summary.paths.extend(other.summary.paths);
        self.add_rows.extend(other.add_rows);
    }

    /// Serializes the receipt.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let summary = serde_json::to_vec(&self.summary)
            .map_err(|e| Error::internal("Cannot encode a receipt").caused_by(e))?;
        let mut body = (summary.len() as u32).to_le_bytes().to_vec();
        body.extend_from_slice(&summary);
        if let Some(first) = self.add_rows.first() {
            let broken = |e| Error::from_arrow("encode a receipt", e);
            let mut writer =
                StreamWriter::try_new(&mut body, first.schema_ref()).map_err(broken)?;
            for batch in &self.add_rows {
                writer.write(batch).map_err(broken)?;
            }
            writer.finish().map_err(broken)?;
        }
        let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    /// Reads a receipt back.
    ///
    /// Errors: Internal for anything but bytes that [`encode`](Self::encode) of the same format
    /// version has made.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let (summary, rows) = split(bytes)?;
        let summary: Summary = serde_json::from_slice(summary)
            .map_err(|e| malformed("its summary is not valid").caused_by(e))?;
        let add_rows = if rows.is_empty() {
            Vec::new()
        } else {
            StreamReader::try_new(Cursor::new(rows), None)
                .and_then(Iterator::collect)
                .map_err(|e| malformed("its add actions are not valid").caused_by(e))?
        };
        let files: usize = add_rows.iter().map(RecordBatch::num_rows).sum();
        if files != summary.paths.len() {
            return Err(malformed(&format!(
                "it names {} files but has {files} add actions",
                summary.paths.len()
            )));
        }
        Ok(Self { summary, add_rows })
    }
}

/// The summary and the IPC stream of a receipt whose frame is sound.
fn split(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let header = bytes
        .get(..HEADER_BYTES)
        .ok_or_else(|| malformed("it is too short"))?;
    if &header[..4] != MAGIC {
        return Err(malformed("it does not begin with the magic bytes"));
    }
    let version = u16::from_le_bytes([header[4], header[5]]);
    if version != VERSION {
        return Err(malformed(&format!(
            "it has format version {version}, expected {VERSION}; driver and executors must run \
             the same sluice-spark.jar"
        )));
    }
    let checksum = u32::from_le_bytes([header[6], header[7], header[8], header[9]]);
    if crc32fast::hash(&bytes[10..]) != checksum {
        return Err(malformed("its checksum does not match"));
    }
    let length = u32::from_le_bytes([header[10], header[11], header[12], header[13]]) as usize;
    bytes[HEADER_BYTES..]
        .split_at_checked(length)
        .ok_or_else(|| malformed("its summary is cut off"))
}

fn malformed(why: &str) -> Error {
    Error::internal(format!("Cannot read a task's receipt: {why}"))
        .class("SLUICE_MALFORMED_RECEIPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        let files = [AddedFile {
            path: "p=1/a.parquet".into(),
            partition_values: HashMap::from([("p".to_owned(), Some("1".to_owned()))]),
            size: 7,
            modification_time: 1,
        }];
        let rows: ArrayRef = Arc::new(Int64Array::from(vec![3]));
        let stats = StructArray::from(vec![(
            Arc::new(Field::new("numRecords", DataType::Int64, true)),
            rows,
        )]);
        Receipt {
            summary: Summary {
                rows: 3,
                bytes: 7,
                paths: vec!["t/p=1/a.parquet".into()],
                purpose: Purpose::Data,
            },
            add_rows: vec![add_rows(&files, stats).unwrap()],
        }
    }

    #[test]
    fn round_trip() {
        let decoded = Receipt::decode(&receipt().encode().unwrap()).unwrap();
        assert_eq!(decoded.summary, receipt().summary);
        assert_eq!(decoded.add_rows, receipt().add_rows);
        let empty = Receipt {
            summary: Summary::default(),
            add_rows: vec![],
        };
        assert!(
            Receipt::decode(&empty.encode().unwrap())
                .unwrap()
                .add_rows
                .is_empty()
        );
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_rejected() {
        let bytes = receipt().encode().unwrap();
        for length in 0..bytes.len() {
            assert!(
                Receipt::decode(&bytes[..length]).is_err(),
                "cut at {length}"
            );
        }
        for position in 0..bytes.len() * 8 {
            let mut broken = bytes.clone();
            broken[position / 8] ^= 1 << (position % 8);
            assert!(Receipt::decode(&broken).is_err(), "bit {position}");
        }
    }
}
