//! Parquet files that belong to no table, as far as there is but one way to read them: those whose columns are stored
//! just as Spark itself would have written them. All others are left to Spark, whose rules for them are its own.

use delta_kernel::schema::{DataType, PrimitiveType, StructField, StructType};
use parquet::basic::{
    CompressionCodec, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical,
};
use parquet::file::metadata::{FileMetaData, ParquetMetaData};
use parquet::schema::types::{Type, TypePtr};
use serde::Deserialize;

use super::calendar::Hybrid;
use super::cast::{INT32_DIGITS, INT64_DIGITS};
use crate::scan::files::DataFile;
use crate::scan::message::Slice;

/// A range of a file. The row groups whose middle lies in it belong to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlainSlice {
    /// URL.
    pub path: String,
    /// Bytes of the whole file.
    pub size: u64,
    pub start: u64,
    pub length: u64,
    /// Partition columns that are not null, and their values as Delta writes such.
    pub partition_values: Vec<(String, String)>,
}

impl From<PlainSlice> for Slice {
    fn from(slice: PlainSlice) -> Self {
        Self {
            file: DataFile {
                number: 0,
                size: slice.size,
                ..DataFile::of_partition(slice.path, slice.partition_values)
            },
            start: slice.start,
            length: slice.length,
        }
    }
}

/// Whether a file holds the columns of `wanted` as Spark writes such, or not at all, in codecs that all readers agree on.
pub fn is_plain(footer: &ParquetMetaData, wanted: &StructType) -> bool {
    let chunks = footer.row_groups().iter().flat_map(|group| group.columns());
    let mut codecs = chunks.map(|chunk| chunk.compression_codec());
    codecs.all(is_plain_codec) && are_plain(footer.file_metadata(), wanted)
}

fn is_plain_codec(codec: CompressionCodec) -> bool {
    matches!(
        codec,
        CompressionCodec::UNCOMPRESSED
            | CompressionCodec::SNAPPY
            | CompressionCodec::GZIP
            | CompressionCodec::ZSTD
            | CompressionCodec::LZ4_RAW
    )
}

fn are_plain(file: &FileMetaData, wanted: &StructType) -> bool {
    let hybrid = Hybrid::of(file);
    let columns = file.schema_descr().root_schema().get_fields();
    !hybrid.days
        && !hybrid.int96
        && wanted
            .fields()
            .all(|field| match find(columns, field.name()) {
                Found::One(column) => is_plain_column(column, field.data_type()),
                Found::None => true,
                Found::Unclear => false,
            })
}

enum Found<'a> {
    One(&'a Type),
    None,
    /// In another case, or more than once.
    Unclear,
}

fn find<'a>(columns: &'a [TypePtr], name: &str) -> Found<'a> {
    let folded = name.to_lowercase();
    let mut alike = columns
        .iter()
        .filter(|column| column.name().to_lowercase() == folded);
    match (alike.next(), alike.next()) {
        (None, _) => Found::None,
        (Some(column), None) if column.name() == name => Found::One(column),
        _ => Found::Unclear,
    }
}

fn is_plain_column(column: &Type, wanted: &DataType) -> bool {
    if is_repeated(column) {
        return false;
    }
    match wanted {
        DataType::Primitive(wanted) => column.is_primitive() && is_plain_leaf(column, wanted),
        DataType::Struct(wanted) => {
            let is_plain_field = |field: &StructField| {
                let found = find(column.get_fields(), field.name());
                matches!(found, Found::One(child) if is_plain_column(child, field.data_type()))
            };
            column.is_group() && meaning(column).is_none() && wanted.fields().all(is_plain_field)
        }
        DataType::Array(wanted) => match entries(column, LogicalType::List, "list") {
            Some([element]) => {
                element.name() == "element" && is_plain_column(element, wanted.element_type())
            }
            _ => false,
        },
        DataType::Map(wanted) => match entries(column, LogicalType::Map, "key_value") {
            Some([key, value]) => {
                (key.name(), value.name()) == ("key", "value")
                    && is_plain_column(key, wanted.key_type())
                    && is_plain_column(value, wanted.value_type())
            }
            _ => false,
        },
        DataType::Variant(_) => false,
    }
}

fn is_repeated(column: &Type) -> bool {
    let info = column.get_basic_info();
    info.has_repetition() && info.repetition() == Repetition::REPEATED
}

/// What repeats below a list or a map (Parquet format, "Nested Types").
fn entries<'a>(column: &'a Type, kind: LogicalType, name: &str) -> Option<&'a [TypePtr]> {
    if !column.is_group() || meaning(column) != Some(kind) {
        return None;
    }
    match column.get_fields() {
        [group] if group.is_group() && is_repeated(group) && group.name() == name => {
            Some(group.get_fields())
        }
        _ => None,
    }
}

fn is_plain_leaf(column: &Type, wanted: &PrimitiveType) -> bool {
    let integer = |bits| Some(LogicalType::integer(bits, true));
    let timestamp = |in_utc| Some(LogicalType::timestamp(in_utc, TimeUnit::MICROS));
    let (physical, meanings) = match wanted {
        PrimitiveType::Boolean => (Physical::BOOLEAN, vec![None]),
        PrimitiveType::Byte => (Physical::INT32, vec![integer(8)]),
        PrimitiveType::Short => (Physical::INT32, vec![integer(16)]),
        PrimitiveType::Integer => (Physical::INT32, vec![None, integer(32)]),
        PrimitiveType::Long => (Physical::INT64, vec![None, integer(64)]),
        PrimitiveType::Float => (Physical::FLOAT, vec![None]),
        PrimitiveType::Double => (Physical::DOUBLE, vec![None]),
        PrimitiveType::String => (Physical::BYTE_ARRAY, vec![Some(LogicalType::String)]),
        PrimitiveType::Binary => (Physical::BYTE_ARRAY, vec![None]),
        PrimitiveType::Date => (Physical::INT32, vec![Some(LogicalType::Date)]),
        PrimitiveType::Timestamp => (Physical::INT64, vec![timestamp(true)]),
        PrimitiveType::TimestampNtz => (Physical::INT64, vec![timestamp(false)]),
        PrimitiveType::Decimal(decimal) => {
            let (precision, scale) = (decimal.precision(), decimal.scale());
            let physical = match column.get_physical_type() {
                // As Arrow writes all of them, and Spark those of many digits.
                Physical::FIXED_LEN_BYTE_ARRAY => Physical::FIXED_LEN_BYTE_ARRAY,
                _ if precision <= INT32_DIGITS => Physical::INT32,
                _ if precision <= INT64_DIGITS => Physical::INT64,
                _ => return false,
            };
            let meaning = LogicalType::decimal(scale.into(), precision.into());
            (physical, vec![Some(meaning)])
        }
        _ => return false,
    };
    let is_int96 = *wanted == PrimitiveType::Timestamp
        && column.get_physical_type() == Physical::INT96
        && meaning(column).is_none();
    is_int96 || column.get_physical_type() == physical && meanings.contains(&meaning(column))
}

/// What a column is annotated as; older writers know converted types only.
fn meaning(column: &Type) -> Option<LogicalType> {
    let info = column.get_basic_info();
    if let Some(meaning) = info.logical_type_ref() {
        return Some(meaning.clone());
    }
    Some(match info.converted_type() {
        ConvertedType::NONE => return None,
        ConvertedType::UTF8 => LogicalType::String,
        ConvertedType::INT_8 => LogicalType::integer(8, true),
        ConvertedType::INT_16 => LogicalType::integer(16, true),
        ConvertedType::INT_32 => LogicalType::integer(32, true),
        ConvertedType::INT_64 => LogicalType::integer(64, true),
        ConvertedType::DATE => LogicalType::Date,
        ConvertedType::TIMESTAMP_MICROS => LogicalType::timestamp(true, TimeUnit::MICROS),
        ConvertedType::DECIMAL if column.is_primitive() => {
            LogicalType::decimal(column.get_scale(), column.get_precision())
        }
        ConvertedType::LIST => LogicalType::List,
        ConvertedType::MAP => LogicalType::Map,
        // Nothing that Spark writes.
        _ => LogicalType::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::basic::Compression;
    use parquet::file::metadata::{ColumnChunkMetaData, KeyValue, RowGroupMetaData};
    use parquet::schema::parser::parse_message_type;
    use parquet::schema::types::SchemaDescriptor;

    use super::*;

    fn file(columns: &str, entries: &[(&str, &str)]) -> FileMetaData {
        let schema = parse_message_type(&format!("message m {{ {columns} }}")).unwrap();
        let entries = entries.iter();
        let entries = entries.map(|(key, value)| KeyValue::new(key.to_string(), value.to_string()));
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(schema)));
        FileMetaData::new(1, 0, None, Some(entries.collect()), schema, None)
    }

    fn wanted(fields: &str) -> StructType {
        serde_json::from_str(&format!(r#"{{"type":"struct","fields":[{fields}]}}"#)).unwrap()
    }

    fn field(name: &str, kind: &str) -> String {
        format!(r#"{{"name":"{name}","type":{kind},"nullable":true,"metadata":{{}}}}"#)
    }

    fn plain(columns: &str, name: &str, kind: &str) -> bool {
        are_plain(&file(columns, &[]), &wanted(&field(name, kind)))
    }

    #[test]
    fn leaves_are_plain_as_spark_writes_them() {
        for (column, kind) in [
            ("INT32 a", r#""integer""#),
            ("INT32 a (INTEGER(8,true))", r#""byte""#),
            ("INT32 a (INT_16)", r#""short""#),
            ("INT64 a", r#""long""#),
            ("BYTE_ARRAY a (UTF8)", r#""string""#),
            ("BYTE_ARRAY a", r#""binary""#),
            ("INT32 a (DATE)", r#""date""#),
            ("INT64 a (TIMESTAMP(MICROS,true))", r#""timestamp""#),
            ("INT64 a (TIMESTAMP_MICROS)", r#""timestamp""#),
            ("INT96 a", r#""timestamp""#),
            ("INT64 a (TIMESTAMP(MICROS,false))", r#""timestamp_ntz""#),
            ("INT32 a (DECIMAL(5,2))", r#""decimal(5,2)""#),
            ("INT64 a (DECIMAL(15,2))", r#""decimal(15,2)""#),
            (
                "FIXED_LEN_BYTE_ARRAY (3) a (DECIMAL(5,2))",
                r#""decimal(5,2)""#,
            ),
            (
                "FIXED_LEN_BYTE_ARRAY (16) a (DECIMAL(20,2))",
                r#""decimal(20,2)""#,
            ),
        ] {
            assert!(
                plain(&format!("OPTIONAL {column};"), "a", kind),
                "{column} as {kind}"
            );
        }
    }

    #[test]
    fn what_needs_a_rule_is_not_plain() {
        for (column, kind) in [
            ("OPTIONAL INT32 a", r#""long""#),
            ("OPTIONAL INT32 a", r#""byte""#),
            ("OPTIONAL INT32 a (INTEGER(32,false))", r#""integer""#),
            ("OPTIONAL INT32 a (DATE)", r#""integer""#),
            ("OPTIONAL INT96 a", r#""timestamp_ntz""#),
            (
                "OPTIONAL INT64 a (TIMESTAMP(MILLIS,true))",
                r#""timestamp""#,
            ),
            (
                "OPTIONAL INT64 a (TIMESTAMP(MICROS,false))",
                r#""timestamp""#,
            ),
            ("OPTIONAL BYTE_ARRAY a", r#""string""#),
            ("OPTIONAL BYTE_ARRAY a (UTF8)", r#""binary""#),
            ("OPTIONAL INT64 a (DECIMAL(5,2))", r#""decimal(5,2)""#),
            ("OPTIONAL INT32 a (DECIMAL(5,2))", r#""decimal(6,2)""#),
            (
                "OPTIONAL FIXED_LEN_BYTE_ARRAY (3) a (DECIMAL(5,2))",
                r#""decimal(6,2)""#,
            ),
            ("REPEATED INT32 a", r#""integer""#),
            ("OPTIONAL INT32 A", r#""integer""#),
            ("OPTIONAL INT32 a; OPTIONAL INT32 A", r#""integer""#),
        ] {
            assert!(
                !plain(&format!("{column};"), "a", kind),
                "{column} as {kind}"
            );
        }
        assert!(
            plain("OPTIONAL INT32 b;", "a", r#""string""#),
            "null in every row"
        );
    }

    #[test]
    fn nested_columns_are_plain_in_their_modern_form() {
        let list = r#"{"type":"array","elementType":"integer","containsNull":true}"#;
        let map =
            r#"{"type":"map","keyType":"string","valueType":"long","valueContainsNull":true}"#;
        let group = format!(
            r#"{{"type":"struct","fields":[{}]}}"#,
            field("b", r#""long""#)
        );
        for (columns, kind) in [
            (
                "OPTIONAL GROUP a (LIST) { REPEATED GROUP list { OPTIONAL INT32 element; } }",
                list,
            ),
            (
                "OPTIONAL GROUP a (MAP) { REPEATED GROUP key_value { REQUIRED BYTE_ARRAY key (UTF8); OPTIONAL INT64 value; } }",
                map,
            ),
            (
                "OPTIONAL GROUP a { OPTIONAL INT64 b; OPTIONAL INT64 c; }",
                group.as_str(),
            ),
        ] {
            assert!(plain(columns, "a", kind), "{columns}");
        }
        for (columns, kind) in [
            ("OPTIONAL GROUP a (LIST) { REPEATED INT32 element; }", list),
            (
                "OPTIONAL GROUP a (LIST) { REPEATED GROUP bag { OPTIONAL INT32 array_element; } }",
                list,
            ),
            (
                "OPTIONAL GROUP a { REPEATED GROUP list { OPTIONAL INT32 element; } }",
                list,
            ),
            ("OPTIONAL GROUP a { OPTIONAL INT64 c; }", group.as_str()),
            ("OPTIONAL GROUP a { OPTIONAL INT64 B; }", group.as_str()),
        ] {
            assert!(!plain(columns, "a", kind), "{columns}");
        }
    }

    #[test]
    fn files_of_the_old_calendar_are_not_plain() {
        let wanted = wanted(&field("a", r#""date""#));
        let of = |version| {
            file(
                "OPTIONAL INT32 a (DATE);",
                &[("org.apache.spark.version", version)],
            )
        };
        assert!(!are_plain(&of("2.4.8"), &wanted));
        assert!(are_plain(&of("4.1.1"), &wanted));
    }

    #[test]
    fn codecs_that_readers_differ_on_are_not_plain() {
        let of = |codec| {
            let file = file("OPTIONAL INT32 a;", &[]);
            let schema = file.schema_descr_ptr();
            let chunk = ColumnChunkMetaData::builder(schema.column(0)).set_compression(codec);
            let group = RowGroupMetaData::builder(schema)
                .set_column_metadata(vec![chunk.build().unwrap()])
                .build()
                .unwrap();
            ParquetMetaData::new(file, vec![group])
        };
        let wanted = wanted(&field("a", r#""integer""#));
        assert!(is_plain(&of(Compression::LZ4_RAW), &wanted));
        assert!(!is_plain(&of(Compression::LZ4), &wanted));
        assert!(!is_plain(&of(Compression::LZO), &wanted));
    }
}
