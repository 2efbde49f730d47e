//! Bounds of a page and of a column chunk, as bytes in Parquet's plain encoding.

use std::cmp::Ordering;

use parquet::basic::{ConvertedType, LogicalType, SortOrder, Type};
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::schema::types::ColumnDescriptor;

/// Bytes of a bound that the column index keeps.
const INDEX_BYTES: usize = 64;
/// Bytes of a bound kept in the footer: 32 characters of at most 4 bytes, and one more character to
/// decide by.
const STATISTICS_BYTES: usize = 33 * 4;

/// The least and the greatest of some values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    pub min: Vec<u8>,
    pub max: Vec<u8>,
}

/// What is known of the values of a page.
#[derive(Debug, Clone, Default)]
pub struct PageBounds {
    /// None without values.
    pub bounds: Option<Bounds>,
    /// Values that are no numbers; they are outside the bounds unless there are no others.
    pub nans: u64,
}

/// How a column's values are ordered.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    kind: Type,
    text: bool,
    /// Whether bytes are two's complement, as those of decimals are.
    signed: bool,
}

impl Order {
    pub fn of(column: &ColumnDescriptor) -> Self {
        Self {
            kind: column.physical_type(),
            text: matches!(column.logical_type_ref(), Some(LogicalType::String))
                || column.converted_type() == ConvertedType::UTF8,
            signed: column.sort_order() == SortOrder::SIGNED,
        }
    }

    pub fn compare(self, a: &[u8], b: &[u8]) -> Ordering {
        match self.kind {
            Type::INT32 => int(a).cmp(&int(b)),
            Type::INT64 => long(a).cmp(&long(b)),
            Type::FLOAT => float(a).total_cmp(&float(b)),
            Type::DOUBLE => double(a).total_cmp(&double(b)),
            _ if self.signed => signed(a).cmp(&signed(b)),
            _ => a.cmp(b),
        }
    }

    /// The first bytes of a byte string as a number: what is less has a head that is not greater.
    pub fn head(self, value: &[u8]) -> u64 {
        let mut head = [0; 8];
        let length = value.len().min(head.len());
        head[..length].copy_from_slice(&value[..length]);
        let sign = u64::from(self.signed) << 63;
        u64::from_be_bytes(head) ^ sign
    }

    /// Bounds of two pages together. Pages without a number count for nothing beside others.
    pub fn union(self, a: Option<Bounds>, b: &Bounds) -> Bounds {
        let Some(a) = a.filter(|a| !self.is_nan(&a.min)) else {
            return b.clone();
        };
        if self.is_nan(&b.min) {
            return a;
        }
        let min = if self.compare(&b.min, &a.min).is_lt() {
            b.min.clone()
        } else {
            a.min
        };
        let max = if self.compare(&b.max, &a.max).is_gt() {
            b.max.clone()
        } else {
            a.max
        };
        Bounds { min, max }
    }

    /// Bounds as the column index keeps them: true, but cut.
    pub fn for_index(self, bounds: &Bounds) -> Bounds {
        Bounds {
            min: self.lower(&bounds.min, INDEX_BYTES),
            max: self.upper(&bounds.max, INDEX_BYTES),
        }
    }

    fn statistics_of_nans(self, nulls: Option<u64>, nans: u64) -> Statistics {
        match self.kind {
            Type::FLOAT => ValueStatistics::<f32>::new(None, None, None, nulls, false)
                .with_nan_count(Some(nans))
                .into(),
            _ => ValueStatistics::<f64>::new(None, None, None, nulls, false)
                .with_nan_count(Some(nans))
                .into(),
        }
    }

    /// Statistics of a column chunk.
    pub fn statistics(self, bounds: Option<&Bounds>, nulls: u64, nans: u64) -> Statistics {
        let min = bounds.map(|bounds| &bounds.min);
        let max = bounds.map(|bounds| &bounds.max);
        let nulls = Some(nulls);
        match self.kind {
            Type::BOOLEAN => {
                let value = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| bytes[0] != 0);
                Statistics::boolean(value(min), value(max), None, nulls, false)
            }
            Type::INT32 => {
                let value = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| int(bytes));
                ValueStatistics::new(value(min), value(max), None, nulls, false)
                    .with_backwards_compatible_min_max(true)
                    .into()
            }
            Type::INT64 => {
                let value = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| long(bytes));
                ValueStatistics::new(value(min), value(max), None, nulls, false)
                    .with_backwards_compatible_min_max(true)
                    .into()
            }
            // Readers that do not know of NaN counts believe bounds that are equal, and skip the NaNs.
            Type::FLOAT | Type::DOUBLE if nans > 0 && min == max => {
                self.statistics_of_nans(nulls, nans)
            }
            Type::FLOAT => {
                let value = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| float(bytes));
                ValueStatistics::new(value(min), value(max), None, nulls, false)
                    .with_nan_count(Some(nans))
                    .into()
            }
            Type::DOUBLE => {
                let value = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| double(bytes));
                ValueStatistics::new(value(min), value(max), None, nulls, false)
                    .with_nan_count(Some(nans))
                    .into()
            }
            Type::FIXED_LEN_BYTE_ARRAY => {
                let value = |bytes: Option<&Vec<u8>>| {
                    bytes.map(|bytes| FixedLenByteArray::from(bytes.clone()))
                };
                Statistics::fixed_len_byte_array(value(min), value(max), None, nulls, false)
            }
            Type::BYTE_ARRAY | Type::INT96 => {
                let lower = min.map(|min| self.lower(min, STATISTICS_BYTES));
                let upper = max.map(|max| self.upper(max, STATISTICS_BYTES));
                let (min_is_exact, max_is_exact) = (lower.as_ref() == min, upper.as_ref() == max);
                ValueStatistics::new(
                    lower.map(ByteArray::from),
                    upper.map(ByteArray::from),
                    None,
                    nulls,
                    false,
                )
                .with_min_is_exact(min_is_exact)
                .with_max_is_exact(max_is_exact)
                .into()
            }
        }
    }

    fn is_nan(self, bytes: &[u8]) -> bool {
        match self.kind {
            Type::FLOAT => float(bytes).is_nan(),
            Type::DOUBLE => double(bytes).is_nan(),
            _ => false,
        }
    }

    /// A prefix, which is never above the value.
    fn lower(self, value: &[u8], limit: usize) -> Vec<u8> {
        if value.len() <= limit || self.kind != Type::BYTE_ARRAY {
            return value.to_vec();
        }
        value[..self.cut(value, limit)].to_vec()
    }

    /// A prefix with its end raised, which is above the value; the value itself if no prefix can be.
    fn upper(self, value: &[u8], limit: usize) -> Vec<u8> {
        if value.len() <= limit || self.kind != Type::BYTE_ARRAY {
            return value.to_vec();
        }
        let prefix = &value[..self.cut(value, limit)];
        let raised = match std::str::from_utf8(prefix) {
            Ok(prefix) if self.text => next_text(prefix),
            _ => next_bytes(prefix),
        };
        raised.unwrap_or_else(|| value.to_vec())
    }

    /// Where to cut: text that is text stays text.
    fn cut(self, value: &[u8], limit: usize) -> usize {
        match std::str::from_utf8(value) {
            Ok(text) if self.text => {
                let boundary = (0..=limit).rfind(|at| text.is_char_boundary(*at));
                boundary.unwrap_or(limit)
            }
            _ => limit,
        }
    }
}

/// The least text of no more bytes a character above all that begin with `prefix`.
fn next_text(prefix: &str) -> Option<Vec<u8>> {
    prefix.char_indices().rev().find_map(|(at, last)| {
        let next = char::from_u32(last as u32 + 1)?;
        if next.len_utf8() != last.len_utf8() {
            return None;
        }
        let mut raised = prefix[..at].to_owned();
        raised.push(next);
        Some(raised.into_bytes())
    })
}

fn next_bytes(prefix: &[u8]) -> Option<Vec<u8>> {
    let at = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut raised = prefix[..=at].to_vec();
    raised[at] += 1;
    Some(raised)
}

/// Big-endian two's complement of equal widths, comparable.
fn signed(bytes: &[u8]) -> (u8, &[u8]) {
    match bytes.split_first() {
        Some((first, rest)) => (first ^ 0x80, rest),
        None => (0, bytes),
    }
}

fn int(bytes: &[u8]) -> i32 {
    i32::from_le_bytes(exactly(bytes))
}

fn long(bytes: &[u8]) -> i64 {
    i64::from_le_bytes(exactly(bytes))
}

fn float(bytes: &[u8]) -> f32 {
    f32::from_le_bytes(exactly(bytes))
}

fn double(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(exactly(bytes))
}

/// Bounds are made by the encoder of the same physical type, so that the width is right.
fn exactly<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut exact = [0; N];
    exact.copy_from_slice(bytes);
    exact
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Order = Order {
        kind: Type::BYTE_ARRAY,
        text: true,
        signed: false,
    };
    const BINARY: Order = Order {
        kind: Type::BYTE_ARRAY,
        text: false,
        signed: false,
    };

    #[test]
    fn cut_bounds_stay_true() {
        for (order, value) in [
            (TEXT, "é".repeat(100).into_bytes()),
            (TEXT, "\u{10ffff}".repeat(100).into_bytes()),
            (TEXT, vec![0xff; 200]),
            (BINARY, vec![0xff; 200]),
            (BINARY, [vec![0xff; 10], vec![7; 100]].concat()),
            (TEXT, b"short".to_vec()),
        ] {
            for limit in [64, 132] {
                assert!(order.lower(&value, limit) <= value);
                assert!(order.upper(&value, limit) >= value);
            }
        }
        assert_eq!(
            TEXT.upper(&b"a".repeat(65), 64),
            [&b"a".repeat(63)[..], b"b"].concat()
        );
        assert_eq!(
            TEXT.lower(&"é".repeat(50).into_bytes(), 33),
            "é".repeat(16).into_bytes()
        );
        assert_eq!(BINARY.upper(&[vec![1], vec![0xff; 80]].concat(), 64), [2]);
    }

    #[test]
    fn bounds_are_ordered_by_type() {
        let order = |kind| Order {
            kind,
            text: false,
            signed: true,
        };
        let bounds = |min: Vec<u8>, max: Vec<u8>| Bounds { min, max };
        let longs = |a: i64, b: i64| bounds(a.to_le_bytes().into(), b.to_le_bytes().into());
        let all = order(Type::INT64).union(Some(longs(-1, 3)), &longs(-5, 2));
        assert_eq!(all, longs(-5, 3));
        let wide = order(Type::FIXED_LEN_BYTE_ARRAY);
        assert!(wide.compare(&[0xff, 0xff], &[0, 1]).is_lt());
        let doubles = |a: f64, b: f64| bounds(a.to_le_bytes().into(), b.to_le_bytes().into());
        let nan = doubles(f64::NAN, f64::NAN);
        let all = order(Type::DOUBLE).union(Some(nan.clone()), &doubles(-0.0, 0.0));
        assert_eq!(all, doubles(-0.0, 0.0));
        assert_eq!(order(Type::DOUBLE).union(Some(all.clone()), &nan), all);
    }
}
