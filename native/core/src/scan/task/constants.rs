//! Columns with one value for all rows of a slice: partition values and facts of the file.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryViewArray, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array,
};
use delta_kernel::expressions::Scalar;
use percent_encoding::percent_decode_str;
use url::Url;

use super::cast::decimals;
use crate::error::{Error, Result};
use crate::scan::fields::{FileFact, Leaf, Origin};
use crate::scan::message::Slice;

/// The one value of a partition column or file fact; of a fact that differs by row, that of the first.
/// `path` is the file's, as people see it.
///
/// Errors: those of [`crate::scan::files::DataFile::partition_value`].
pub fn constant(origin: &Origin, leaf: &Leaf, slice: &Slice, path: &str) -> Result<ArrayRef> {
    match origin {
        Origin::Partition { name, kind } => {
            Ok(scalar(&slice.file.partition_value(name, kind)?, leaf))
        }
        Origin::Metadata(fact) | Origin::Tracked { fact, .. } => Ok(fact_value(*fact, slice, path)),
        Origin::File { .. } | Origin::Facts => Err(Error::internal(
            "Cannot take a stored column for a constant",
        )),
    }
}

fn fact_value(fact: FileFact, slice: &Slice, path: &str) -> ArrayRef {
    let number = |value: Option<i64>| -> ArrayRef { Arc::new(Int64Array::from(vec![value])) };
    let long = |value: u64| number(i64::try_from(value).ok());
    let text = |value: &str| -> ArrayRef {
        Arc::new(BinaryViewArray::from_iter_values([value.as_bytes()]))
    };
    match fact {
        FileFact::FileNumber => long(slice.file.number),
        FileFact::ChangeType => text(slice.file.change_type.as_deref().unwrap_or_default()),
        FileFact::FilePath => text(path),
        FileFact::FileName => text(path.rsplit('/').next().unwrap_or_default()),
        FileFact::FileSize => long(slice.file.size),
        FileFact::FileBlockStart => long(slice.start),
        FileFact::FileBlockLength => long(slice.length),
        FileFact::FileModificationTime => number(Some(slice.file.modified * 1000)),
        FileFact::RowIndex => number(Some(0)),
        FileFact::BaseRowId | FileFact::RowId => number(slice.file.base_row_id),
        FileFact::DefaultRowCommitVersion | FileFact::RowCommitVersion => {
            number(slice.file.default_row_commit_version)
        }
    }
}

/// A file's URL as people see it: under the scheme by which `path` in the log, or else the `location` of
/// the table, names it.
pub fn shown(url: &Url, path: &str, location: &str) -> String {
    let named = [path, location];
    let scheme = named.iter().find_map(|name| name.split_once(":/"));
    hadoop_path(url, scheme.map_or(url.scheme(), |(scheme, _)| scheme))
}

/// A URL as Hadoop's Path.toUri writes it: `file:/a`, and of a path only those ASCII characters encoded
/// that a URI cannot have.
fn hadoop_path(url: &Url, scheme: &str) -> String {
    let mut path = match url.host_str() {
        Some(_) => format!("{scheme}://{}", url.authority()),
        None => format!("{scheme}:"),
    };
    for character in percent_decode_str(url.path()).decode_utf8_lossy().chars() {
        if character.is_ascii_control() || " \"#%<>?[\\]^`{|}".contains(character) {
            path.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            path.push(character);
        }
    }
    path
}

/// A lane of one row. A scalar of another type than the leaf's is null.
pub fn scalar(value: &Scalar, leaf: &Leaf) -> ArrayRef {
    let int = |v: Option<i32>| -> ArrayRef { Arc::new(Int32Array::from(vec![v])) };
    let long = |v: Option<i64>| -> ArrayRef { Arc::new(Int64Array::from(vec![v])) };
    match (leaf, value) {
        (Leaf::Byte, Scalar::Byte(v)) => int(Some((*v).into())),
        (Leaf::Short, Scalar::Short(v)) => int(Some((*v).into())),
        (Leaf::Integer, Scalar::Integer(v)) | (Leaf::Date, Scalar::Date(v)) => int(Some(*v)),
        (Leaf::Byte | Leaf::Short | Leaf::Integer | Leaf::Date, _) => int(None),
        (Leaf::Long, Scalar::Long(v))
        | (Leaf::Timestamp, Scalar::Timestamp(v) | Scalar::TimestampNtz(v)) => long(Some(*v)),
        (Leaf::Long | Leaf::Timestamp, _) => long(None),
        (Leaf::Boolean, Scalar::Boolean(v)) => Arc::new(BooleanArray::from(vec![*v])),
        (Leaf::Boolean, _) => Arc::new(BooleanArray::from(vec![None])),
        (Leaf::Float, Scalar::Float(v)) => Arc::new(Float32Array::from(vec![*v])),
        (Leaf::Float, _) => Arc::new(Float32Array::from(vec![None])),
        (Leaf::Double, Scalar::Double(v)) => Arc::new(Float64Array::from(vec![*v])),
        (Leaf::Double, _) => Arc::new(Float64Array::from(vec![None])),
        (Leaf::Bytes, Scalar::String(v)) => bytes(Some(v.as_bytes())),
        (Leaf::Bytes, Scalar::Binary(v)) => bytes(Some(v)),
        (Leaf::Bytes, _) => bytes(None),
        (Leaf::Decimal { precision, .. }, Scalar::Decimal(v)) => {
            decimals(*precision, std::iter::once(Some(v.bits())))
        }
        (Leaf::Decimal { precision, .. }, _) => decimals(*precision, std::iter::once(None)),
    }
}

fn bytes(value: Option<&[u8]>) -> ArrayRef {
    Arc::new(BinaryViewArray::from_iter([value]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_the_scheme_they_were_named_by() {
        let url = |text: &str| Url::parse(text).unwrap();
        let remote = url("s3://bucket/t/p=a%20b/f.parquet");
        let relative = shown(&remote, "p=a%20b/f.parquet", "s3a://bucket/t");
        assert_eq!(relative, "s3a://bucket/t/p=a%20b/f.parquet");
        let absolute = shown(&remote, "s3n://bucket/t/p=a%20b/f.parquet", "s3a://other/t");
        assert_eq!(absolute, "s3n://bucket/t/p=a%20b/f.parquet");
        let local = shown(
            &url("file:///t/a%2520b/%C3%BC.parquet"),
            "ü.parquet",
            "file:///t",
        );
        assert_eq!(local, "file:/t/a%2520b/ü.parquet");
    }
}
