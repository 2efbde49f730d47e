//! Statistics of the columns of a file, from its footer.

use std::collections::HashMap;

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::statistics::Statistics;
use parquet::schema::types::SchemaDescriptor;

use super::bound::{Bound, Side, extreme};
use crate::write::layout::wide_decimal;

/// Characters of a string bound (Delta's `MAX_STRING_PREFIX_LENGTH`).
const STRING_PREFIX_CHARS: usize = 32;
/// First byte of U+10FFFF in UTF-8.
const LAST_CHARACTER_LEAD: u8 = 0xf4;

/// Statistics of one file.
#[derive(Debug, Default)]
pub struct FileStats {
    /// Rows in the file.
    pub rows: i64,
    /// By physical column path.
    pub columns: HashMap<Vec<String>, ColumnStats>,
}

/// Of one column; none of what the footer does not tell.
#[derive(Debug, Default, Clone)]
pub struct ColumnStats {
    pub nulls: Option<i64>,
    pub min: Option<Bound>,
    pub max: Option<Bound>,
}

/// Statistics of every leaf that is not inside an array or a map.
pub fn leaf_stats(
    descriptor: &SchemaDescriptor,
    footer: &ParquetMetaData,
) -> HashMap<Vec<String>, ColumnStats> {
    (0..descriptor.num_columns())
        .filter(|&leaf| descriptor.column(leaf).max_rep_level() == 0)
        .map(|leaf| {
            let path = descriptor.column(leaf).path().parts().to_vec();
            let chunks = footer.row_groups().iter().map(|group| group.column(leaf));
            (path, merge(chunks))
        })
        .collect()
}

fn merge<'a>(chunks: impl Iterator<Item = &'a ColumnChunkMetaData>) -> ColumnStats {
    let mut nulls = 0;
    let (mut mins, mut maxes) = (Vec::new(), Vec::new());
    for chunk in chunks {
        let Some(stats) = chunk.statistics() else {
            return ColumnStats::default();
        };
        let chunk_nulls = stats.null_count_opt().unwrap_or(0) as i64;
        nulls += chunk_nulls;
        if chunk_nulls < chunk.num_values() {
            let (min, max) = chunk_bounds(stats);
            mins.push(min);
            maxes.push(max);
        }
    }
    ColumnStats {
        nulls: Some(nulls),
        min: extreme(mins, Side::Min),
        max: extreme(maxes, Side::Max),
    }
}

fn chunk_bounds(stats: &Statistics) -> (Option<Bound>, Option<Bound>) {
    let has_nan = stats.nan_count_opt().is_some_and(|nans| nans > 0);
    match stats {
        Statistics::Int32(s) => (
            s.min_opt().copied().map(Bound::Int),
            s.max_opt().copied().map(Bound::Int),
        ),
        Statistics::Int64(s) => (
            s.min_opt().copied().map(Bound::Long),
            s.max_opt().copied().map(Bound::Long),
        ),
        Statistics::Float(_) if has_nan => {
            (Some(Bound::Float(f32::NAN)), Some(Bound::Float(f32::NAN)))
        }
        Statistics::Float(s) => (
            s.min_opt().copied().map(Bound::Float),
            s.max_opt().copied().map(Bound::Float),
        ),
        Statistics::Double(_) if has_nan => {
            (Some(Bound::Double(f64::NAN)), Some(Bound::Double(f64::NAN)))
        }
        Statistics::Double(s) => (
            s.min_opt().copied().map(Bound::Double),
            s.max_opt().copied().map(Bound::Double),
        ),
        Statistics::ByteArray(s) => (
            s.min_opt().and_then(|v| lower_text(v.data())),
            s.max_opt().and_then(|v| upper_text(v.data())),
        ),
        Statistics::FixedLenByteArray(s) => (
            s.min_opt()
                .and_then(|v| wide_decimal(v.data()))
                .map(Bound::Wide),
            s.max_opt()
                .and_then(|v| wide_decimal(v.data()))
                .map(Bound::Wide),
        ),
        _ => (None, None),
    }
}

/// The longest prefix of at most 32 characters: never above the value itself.
fn lower_text(bytes: &[u8]) -> Option<Bound> {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => std::str::from_utf8(&bytes[..e.valid_up_to()]).ok()?,
    };
    Some(Bound::Text(
        valid.chars().take(STRING_PREFIX_CHARS).collect(),
    ))
}

/// A text at or above the value: the value itself, or its first 32 characters and a tie-breaker
/// that sorts after whatever was cut off. Where no tie-breaker would, the value stays whole.
fn upper_text(bytes: &[u8]) -> Option<Bound> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => return above_invalid(bytes, e.valid_up_to()),
    };
    let tie_breaker = match text.chars().nth(STRING_PREFIX_CHARS) {
        None | Some(char::MAX) => return Some(Bound::Text(text.to_owned())),
        Some(cut) if cut < '\u{7f}' => '\u{7f}',
        Some(_) => char::MAX,
    };
    let prefix = text.chars().take(STRING_PREFIX_CHARS);
    Some(Bound::Text(prefix.chain([tie_breaker]).collect()))
}

/// A text above bytes that stop being UTF-8 at `valid`: possible where the first wrong byte sorts
/// before every encoding of the last character.
fn above_invalid(bytes: &[u8], valid: usize) -> Option<Bound> {
    let (prefix, rest) = bytes.split_at_checked(valid)?;
    let prefix = std::str::from_utf8(prefix).ok()?;
    (rest.first()? < &LAST_CHARACTER_LEAD)
        .then(|| Bound::Text(prefix.chars().chain([char::MAX]).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bound: Option<Bound>) -> String {
        bound.and_then(Bound::text).unwrap()
    }

    #[test]
    fn short_text_bounds_are_exact() {
        assert_eq!(text(lower_text(b"abc")), "abc");
        assert_eq!(text(upper_text("é😀".as_bytes())), "é😀");
    }

    #[test]
    fn long_text_bounds_stay_true() {
        let long = "x".repeat(40);
        assert_eq!(text(lower_text(long.as_bytes())), "x".repeat(32));
        let upper = text(upper_text(long.as_bytes()));
        assert_eq!(upper, format!("{}\u{7f}", "x".repeat(32)));
        assert!(upper > long);
        let wide = format!("{}😀", "x".repeat(32));
        assert!(text(upper_text(wide.as_bytes())) > wide);
    }

    #[test]
    fn invalid_utf8_is_bounded_by_its_valid_prefix() {
        assert_eq!(text(lower_text(b"ab\xffc")), "ab");
        assert_eq!(text(upper_text(b"ab\x80c")), "ab\u{10ffff}");
        assert_eq!(upper_text(b"ab\xffc"), None);
    }

    #[test]
    fn text_without_a_tie_breaker_stays_whole() {
        let last = char::MAX.to_string().repeat(33);
        assert_eq!(text(upper_text(last.as_bytes())), last);
    }
}
