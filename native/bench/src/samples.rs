//! Batches of lanes, as the shim lends them. A value is a hash of its row and column: random in look, the
//! same in every run.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
    StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{Field, Schema};
use serde_json::{Value, json};

/// Rows of a batch, as the shim fills it.
pub const BATCH_ROWS: u64 = 8192;

const WORDS: &[&str] = &[
    "furiously",
    "carefully",
    "quickly",
    "blithely",
    "final",
    "special",
    "regular",
    "express",
    "pending",
    "ironic",
    "deposits",
    "requests",
    "accounts",
    "packages",
    "foxes",
    "pinto",
    "beans",
    "platelets",
    "sleep",
    "haggle",
];

/// Rows of one shape.
pub struct Sample {
    pub name: &'static str,
    /// Delta schema string.
    pub schema: String,
    /// Column that the table is partitioned by.
    pub partition_by: Option<&'static str>,
    pub batches: Vec<RecordBatch>,
}

impl Sample {
    /// Rows of all batches.
    pub fn rows(&self) -> u64 {
        self.batches
            .iter()
            .map(|batch| batch.num_rows() as u64)
            .sum()
    }

    fn new(
        name: &'static str,
        batches: u64,
        columns: &[(&str, Value)],
        values: impl Fn(u64) -> Vec<ArrayRef>,
    ) -> Self {
        let fields = columns
            .iter()
            .map(|(name, kind)| field(name, kind.clone()))
            .collect::<Vec<_>>();
        let batches = (0..batches).map(|batch| {
            let arrays = values(batch * BATCH_ROWS);
            let lanes = columns.iter().zip(&arrays);
            let lanes =
                lanes.map(|((name, _), array)| Field::new(*name, array.data_type().clone(), true));
            RecordBatch::try_new(Arc::new(Schema::new(lanes.collect::<Vec<_>>())), arrays)
                .expect("columns of equal length")
        });
        Self {
            name,
            schema: json!({"type": "struct", "fields": fields}).to_string(),
            partition_by: None,
            batches: batches.collect(),
        }
    }
}

/// A way to make the rows of a shape, so many batches of them.
pub type Shape = fn(u64) -> Sample;

/// All shapes by name.
pub const SHAPES: [(&str, Shape); 4] = [
    ("lineitem", lineitem),
    ("nested", nested),
    ("strings", strings),
    ("partitioned", partitioned),
];

/// TPC-H's lineitem in its types and cardinalities.
pub fn lineitem(batches: u64) -> Sample {
    let decimal = || json!("decimal(15,2)");
    let columns = [
        ("orderkey", json!("long")),
        ("partkey", json!("long")),
        ("suppkey", json!("long")),
        ("linenumber", json!("integer")),
        ("quantity", decimal()),
        ("extendedprice", decimal()),
        ("discount", decimal()),
        ("tax", decimal()),
        ("returnflag", json!("string")),
        ("linestatus", json!("string")),
        ("shipdate", json!("date")),
        ("commitdate", json!("date")),
        ("receiptdate", json!("date")),
        ("shipinstruct", json!("string")),
        ("shipmode", json!("string")),
        ("comment", json!("string")),
    ];
    Sample::new("lineitem", batches, &columns, |from| {
        vec![
            longs(from, |row| row / 7 + 1),
            longs(from, |row| below(row, 1, 133_333)),
            longs(from, |row| below(row, 2, 6_666)),
            ints(from, |row| row % 7 + 1),
            longs(from, |row| 100 * below(row, 3, 50)),
            longs(from, |row| below(row, 4, 10_000_000)),
            longs(from, |row| below(row, 5, 11)),
            longs(from, |row| below(row, 6, 9)),
            texts(from, |row| WORDS[below(row, 7, 3) as usize][..1].into()),
            texts(from, |row| WORDS[below(row, 8, 2) as usize][..1].into()),
            ints(from, |row| 8036 + below(row, 9, 2526)),
            ints(from, |row| 8036 + below(row, 10, 2526)),
            ints(from, |row| 8036 + below(row, 11, 2526)),
            texts(from, |row| WORDS[below(row, 12, 4) as usize].into()),
            texts(from, |row| WORDS[below(row, 13, 7) as usize].into()),
            texts(from, |row| words(row, 14, 4)),
        ]
    })
}

/// Arrays of up to six structs that hold structs.
pub fn nested(batches: u64) -> Sample {
    let number = |name: &str| field(name, json!("double"));
    let place = json!({"type": "struct", "fields": [number("x"), number("y")]});
    let item = json!({"type": "struct", "fields": [
        field("sku", json!("integer")), field("name", json!("string")),
        field("price", json!("decimal(10,2)")), field("place", place),
    ]});
    let items = json!({"type": "array", "elementType": item, "containsNull": true});
    Sample::new(
        "nested",
        batches,
        &[("id", json!("long")), ("items", items)],
        |from| vec![longs(from, |row| row), item_lists(from)],
    )
}

/// Two texts a row, of about 100 and 800 characters.
pub fn strings(batches: u64) -> Sample {
    let columns = [
        ("id", json!("long")),
        ("title", json!("string")),
        ("body", json!("string")),
    ];
    Sample::new("strings", batches, &columns, |from| {
        vec![
            longs(from, |row| row),
            texts(from, |row| words(row, 1, 14)),
            texts(from, |row| words(row, 2, 110)),
        ]
    })
}

/// A key of 1,000 values in no order.
pub fn partitioned(batches: u64) -> Sample {
    let columns = [
        ("part", json!("integer")),
        ("id", json!("long")),
        ("comment", json!("string")),
    ];
    let sample = Sample::new("partitioned", batches, &columns, |from| {
        vec![
            ints(from, |row| below(row, 1, 1000)),
            longs(from, |row| row),
            texts(from, |row| words(row, 2, 4)),
        ]
    });
    Sample {
        partition_by: Some("part"),
        ..sample
    }
}

fn item_lists(from: u64) -> ArrayRef {
    let lengths: Vec<usize> = rows(from).map(|row| below(row, 1, 7) as usize).collect();
    let keys: Vec<u64> = rows(from)
        .zip(&lengths)
        .flat_map(|(row, length)| (0..*length as u64).map(move |i| row * 8 + i))
        .collect();
    let doubles = |column, bound| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(
            keys.iter()
                .map(|key| below(*key, column, bound) as f64 / 10.0),
        ))
    };
    let lane =
        |name: &str, array: &ArrayRef| Arc::new(Field::new(name, array.data_type().clone(), true));
    let structs = |named: Vec<(&str, ArrayRef)>| -> ArrayRef {
        let lanes = named
            .into_iter()
            .map(|(name, array)| (lane(name, &array), array));
        Arc::new(StructArray::from(lanes.collect::<Vec<_>>()))
    };
    let names = keys.iter().map(|key| WORDS[below(*key, 3, 20) as usize]);
    let items = structs(vec![
        (
            "sku",
            Arc::new(Int32Array::from_iter_values(
                keys.iter().map(|key| below(*key, 2, 100_000) as i32),
            )),
        ),
        ("name", Arc::new(BinaryArray::from_iter_values(names))),
        (
            "price",
            Arc::new(Int64Array::from_iter_values(
                keys.iter().map(|key| below(*key, 4, 100_000) as i64),
            )),
        ),
        (
            "place",
            structs(vec![("x", doubles(5, 3600)), ("y", doubles(6, 1800))]),
        ),
    ]);
    let offsets = OffsetBuffer::from_lengths(lengths);
    Arc::new(ListArray::new(
        lane("element", &items),
        offsets,
        items,
        None,
    ))
}

fn field(name: &str, kind: Value) -> Value {
    json!({"name": name, "type": kind, "nullable": true, "metadata": {}})
}

fn rows(from: u64) -> std::ops::Range<u64> {
    from..from + BATCH_ROWS
}

fn longs(from: u64, value: impl Fn(u64) -> u64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(
        rows(from).map(|row| value(row) as i64),
    ))
}

fn ints(from: u64, value: impl Fn(u64) -> u64) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(
        rows(from).map(|row| value(row) as i32),
    ))
}

fn texts(from: u64, value: impl Fn(u64) -> String) -> ArrayRef {
    Arc::new(BinaryArray::from_iter_values(rows(from).map(value)))
}

fn words(row: u64, column: u64, count: u64) -> String {
    let words = (0..count).map(|i| WORDS[below(row, column * 1000 + i, 20) as usize]);
    words.collect::<Vec<_>>().join(" ")
}

/// A number below `bound` (SplitMix64 of row and column).
fn below(row: u64, column: u64, bound: u64) -> u64 {
    let mut z = row
        .wrapping_add(column << 40)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % bound
}
