//! What is encoded here comes back through parquet-rs's reader, and is described as its own writer would.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeBinaryArray, Float64Array, Int32Array,
    Int64Array, ListArray, MapArray, RecordBatch, StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use parquet::file::properties::WriterProperties;

use super::{ChunkWriter, leaves};
use crate::table::codec::Codec;
use crate::write::assembly::{Assembly, Output};

const ROWS: usize = 8192;
const BATCHES: usize = 7;

/// Numbers that are random in look.
fn noise(row: usize, column: usize) -> u64 {
    let mut z = (row as u64 + ((column as u64) << 40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 27)
}

fn valid(row: usize, column: usize, one_in: u64) -> bool {
    !noise(row, column + 1000).is_multiple_of(one_in)
}

fn array_of(batch: usize, kind: &DataType, column: usize) -> ArrayRef {
    let rows = batch * ROWS..(batch + 1) * ROWS;
    match kind {
        DataType::Boolean => {
            Arc::new(BooleanArray::from_iter(rows.map(|r| {
                valid(r, column, 3).then(|| noise(r, column).is_multiple_of(2))
            })))
        }
        DataType::Int32 => {
            Arc::new(Int32Array::from_iter(rows.map(|r| {
                valid(r, column, 5).then(|| (noise(r, column) % 9) as i32 - 4)
            })))
        }
        // Repeats at first, and then no more: the dictionary is given up midway.
        DataType::Int64 => Arc::new(Int64Array::from_iter_values(rows.map(|r| {
            let spread = if batch < 2 { 50_000 } else { 1 << 50 };
            (noise(r, column) % spread) as i64 - 1000
        }))),
        DataType::Float64 => Arc::new(Float64Array::from_iter(rows.map(|r| {
            valid(r, column, 50).then(|| match noise(r, column) % 100 {
                0 if batch > 1 => f64::NAN,
                1 => -0.0,
                n => n as f64 - 50.0,
            })
        }))),
        DataType::Binary => Arc::new(BinaryArray::from_iter(rows.map(|r| {
            let length = (noise(r, column) % (40 * column as u64 + 3)) as usize;
            valid(r, column, 4).then(|| {
                let bytes = (0..length).map(|i| (noise(r % 300, i) % 250) as u8);
                bytes.collect::<Vec<_>>()
            })
        }))),
        DataType::FixedSizeBinary(width) => {
            let value = |r| noise(r, column).to_be_bytes().repeat(2)[..*width as usize].to_vec();
            let values = rows.map(|r| valid(r, column, 6).then(|| value(r)));
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, *width).unwrap())
        }
        other => panic!("{other} is not made here"),
    }
}

fn lengths(batch: usize) -> OffsetBuffer<i32> {
    let mut lengths: Vec<usize> = (0..ROWS).map(|r| (noise(r, batch) % 3) as usize).collect();
    let all: usize = lengths.iter().sum();
    // As many elements as an array that is made here has.
    lengths[0] += ROWS.saturating_sub(all);
    let mut over = all.saturating_sub(ROWS);
    for length in &mut lengths {
        let cut = over.min(*length);
        *length -= cut;
        over -= cut;
    }
    OffsetBuffer::from_lengths(lengths)
}

fn nulls(batch: usize, column: usize) -> Option<NullBuffer> {
    Some(
        (0..ROWS)
            .map(|r| valid(batch * ROWS + r, column, 9))
            .collect(),
    )
}

fn batch(index: usize) -> Vec<(&'static str, ArrayRef)> {
    let make = |kind, column| array_of(index, &kind, column);
    let fields = |children: &[(&str, &ArrayRef)]| -> Fields {
        let named = children.iter();
        named
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
            .collect()
    };
    let (x, y) = (make(DataType::Float64, 20), make(DataType::Binary, 2));
    let inner = StructArray::new(
        fields(&[("x", &x), ("y", &y)]),
        vec![x, y],
        nulls(index, 21),
    );
    let (inner, flag): (ArrayRef, _) = (Arc::new(inner), make(DataType::Boolean, 22));
    let item = StructArray::new(
        fields(&[("inner", &inner), ("flag", &flag)]),
        vec![inner, flag],
        nulls(index, 23),
    );
    let element = Arc::new(Field::new("element", item.data_type().clone(), true));
    let list = ListArray::new(element, lengths(index), Arc::new(item), nulls(index, 24));
    let deep = Arc::new(Field::new("element", list.data_type().clone(), true));
    let lists = ListArray::new(
        deep,
        lengths(index + 50),
        Arc::new(list.clone()),
        nulls(index, 25),
    );
    let key = Arc::new(Int64Array::from_iter_values(0..ROWS as i64)) as ArrayRef;
    let value = make(DataType::Int32, 26);
    let pairs = StructArray::new(
        Fields::from(vec![
            Field::new("key", DataType::Int64, false),
            Field::new("value", DataType::Int32, true),
        ]),
        vec![key, value],
        None,
    );
    let entries = Arc::new(Field::new("key_value", pairs.data_type().clone(), false));
    let map = MapArray::new(entries, lengths(index + 9), pairs, nulls(index, 27), false);
    vec![
        ("bool", make(DataType::Boolean, 1)),
        ("int", make(DataType::Int32, 2)),
        ("long", make(DataType::Int64, 3)),
        ("double", make(DataType::Float64, 4)),
        ("short text", make(DataType::Binary, 0)),
        ("long text", make(DataType::Binary, 6)),
        ("decimal", make(DataType::FixedSizeBinary(9), 7)),
        ("nothing", Arc::new(Int64Array::from(vec![None; ROWS]))),
        ("same", Arc::new(Int32Array::from(vec![7; ROWS]))),
        ("list", Arc::new(list)),
        ("lists", Arc::new(lists)),
        ("map", Arc::new(map)),
    ]
}

fn batches() -> Vec<RecordBatch> {
    let made = (0..BATCHES).map(batch);
    made.map(|columns| {
        RecordBatch::try_from_iter_with_nullable(
            columns
                .into_iter()
                .map(|(name, array)| (name, array, name != "long" && name != "same")),
        )
        .unwrap()
    })
    .collect()
}

fn encode(batches: &[RecordBatch], codec: Codec, dictionary: bool) -> Bytes {
    let schema = batches[0].schema();
    let parquet = ArrowSchemaConverter::new().convert(&schema).unwrap();
    let mut file = Assembly::begin(Arc::new(parquet.clone()), Pieces::default()).unwrap();
    for batches in batches.chunks(5) {
        let mut chunks: Vec<_> = parquet
            .columns()
            .iter()
            .map(|column| ChunkWriter::new(column.clone(), codec, dictionary).unwrap())
            .collect();
        for batch in batches {
            let columns = schema.fields().iter().zip(batch.columns());
            let leaves = columns.flat_map(|(field, array)| leaves(field, array));
            let pairs: Vec<_> = leaves.zip(&mut chunks).collect();
            pairs
                .into_iter()
                .for_each(|(leaf, chunk)| chunk.write(&leaf).unwrap());
        }
        file.append_row_group(chunks.into_iter()).unwrap();
    }
    file.finish().unwrap();
    file.output().0.concat().into()
}

#[derive(Default)]
struct Pieces(Vec<Bytes>);

impl Output for Pieces {
    fn put(&mut self, bytes: Bytes) -> std::io::Result<()> {
        self.0.push(bytes);
        Ok(())
    }
}

fn open(file: &Bytes) -> ParquetRecordBatchReaderBuilder<Bytes> {
    let options = ArrowReaderOptions::new()
        .with_page_index_policy(PageIndexPolicy::Required)
        .with_skip_arrow_metadata(true);
    ParquetRecordBatchReaderBuilder::try_new_with_options(file.clone(), options).unwrap()
}

fn read(file: &Bytes, schema: &SchemaRef) -> RecordBatch {
    let reader = open(file).with_batch_size(5000).build().unwrap();
    let read: Vec<_> = reader.map(Result::unwrap).collect();
    let all = concat_batches(&read[0].schema(), &read).unwrap();
    // The reader may name list elements in its own way.
    let cast = all.columns().iter().zip(schema.fields());
    let cast = cast.map(|(array, field)| arrow::compute::cast(array, field.data_type()).unwrap());
    RecordBatch::try_new(schema.clone(), cast.collect()).unwrap()
}

#[test]
fn every_type_comes_back_in_every_codec() {
    let batches = batches();
    let schema = batches[0].schema();
    let expected = concat_batches(&schema, &batches).unwrap();
    for (codec, dictionary) in [
        (Codec::Uncompressed, true),
        (Codec::Snappy, false),
        (Codec::Snappy, true),
        (Codec::Gzip, true),
        (Codec::Lz4Raw, false),
        (Codec::Zstd, true),
    ] {
        let read = read(&encode(&batches, codec, dictionary), &schema);
        for (field, (read, expected)) in schema
            .fields()
            .iter()
            .zip(read.columns().iter().zip(expected.columns()))
        {
            assert!(read == expected, "{} {codec:?} {dictionary}", field.name());
        }
    }
}

#[test]
fn views_make_the_same_file() {
    let batches = batches();
    let texts = ["short text", "long text"];
    let chosen = |batch: &RecordBatch, kind: &DataType| {
        let columns = texts.iter().map(|name| {
            let values = batch.column_by_name(name).unwrap();
            (*name, arrow::compute::cast(values, kind).unwrap(), true)
        });
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    };
    for dictionary in [true, false] {
        let [bytes, views] = [DataType::Binary, DataType::BinaryView].map(|kind| {
            let chosen: Vec<_> = batches.iter().map(|batch| chosen(batch, &kind)).collect();
            encode(&chosen, Codec::Snappy, dictionary)
        });
        assert!(bytes == views, "dictionary: {dictionary}");
    }
}

#[test]
fn footers_say_what_parquet_rs_would() {
    let batches = batches();
    let ours = encode(&batches, Codec::Snappy, true);
    let properties = WriterProperties::builder()
        .set_statistics_truncate_length(Some(132))
        .set_max_row_group_row_count(Some(5 * ROWS))
        .build();
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batches[0].schema(), Some(properties)).unwrap();
    batches
        .iter()
        .for_each(|batch| writer.write(batch).unwrap());
    let theirs: Bytes = writer.into_inner().unwrap().into();
    let (ours, theirs) = (open(&ours), open(&theirs));
    let (ours, theirs): (&ParquetMetaData, &ParquetMetaData) = (ours.metadata(), theirs.metadata());
    assert_eq!(ours.num_row_groups(), theirs.num_row_groups());
    for (ours, theirs) in ours.row_groups().iter().zip(theirs.row_groups()) {
        assert_eq!(ours.num_rows(), theirs.num_rows());
        for (ours, theirs) in ours.columns().iter().zip(theirs.columns()) {
            let path = ours.column_path().string();
            assert_eq!(ours.num_values(), theirs.num_values(), "{path}");
            let (a, b) = (ours.statistics().unwrap(), theirs.statistics().unwrap());
            assert_eq!(a.null_count_opt(), b.null_count_opt(), "{path}");
            assert_eq!(
                a.nan_count_opt().unwrap_or(0),
                b.nan_count_opt().unwrap_or(0),
                "{path}"
            );
            assert_eq!(a.min_bytes_opt(), b.min_bytes_opt(), "{path}");
            assert_eq!(a.max_bytes_opt(), b.max_bytes_opt(), "{path}");
            let (a, b) = (
                ours.compressed_size() as f64,
                theirs.compressed_size() as f64,
            );
            assert!(a < b * 1.1 + 200.0, "{path} takes {a} bytes instead of {b}");
        }
    }
}

#[test]
fn pages_are_indexed() {
    let file = encode(&batches(), Codec::Snappy, true);
    let reader = open(&file);
    let metadata = reader.metadata();
    for (index, group) in metadata.row_groups().iter().enumerate() {
        let pages_of = metadata.page_index_for_row_group(index);
        for (leaf, chunk) in group.columns().iter().enumerate() {
            let column = pages_of.column_index(leaf).unwrap();
            let pages = pages_of.offset_index(leaf).unwrap().page_locations();
            let (start, length) = chunk.byte_range();
            let end = pages
                .last()
                .map(|page| page.offset + i64::from(page.compressed_page_size));
            assert_eq!(end, Some((start + length) as i64));
            assert_eq!(pages[0].offset, chunk.data_page_offset());
            assert_eq!(column.num_pages() as usize, pages.len());
            assert!(
                group.num_rows() < 20_000 || pages.len() > 1,
                "{}",
                chunk.column_path()
            );
            for page in pages.windows(2) {
                assert!(page[0].first_row_index < page[1].first_row_index);
                assert!(page[1].first_row_index - page[0].first_row_index <= 20_000);
            }
        }
    }
}

#[test]
fn files_without_rows_can_be_read() {
    let empty = batch(0)
        .into_iter()
        .map(|(name, array)| (name, array.slice(0, 0)));
    let batch = RecordBatch::try_from_iter(empty).unwrap();
    let schema = Arc::new(Schema::new(batch.schema().fields().clone()));
    let file = encode(std::slice::from_ref(&batch), Codec::Zstd, true);
    let reader = open(&file).build().unwrap();
    assert_eq!(
        reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(),
        0
    );
    assert_eq!(schema.fields().len(), batch.num_columns());
}
