//! Which rows of a row group may match, by the bounds of its pages (Parquet, "Page Index").

use std::ops::Range;

use parquet::arrow::arrow_reader::RowSelection;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::page_index::PageIndexProvider;
use parquet::file::metadata::{
    ColumnChunkMask, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::ChunkReader;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;

use crate::scan::filter::{Bounds, Filter};

/// The footer with the page indexes of `groups`: bounds of the columns that `filter` names, places of
/// all columns. As it is if there are none to go by.
///
/// Errors: those of the source; an index that is none.
pub fn with_page_index(
    footer: ParquetMetaData,
    groups: &[usize],
    filter: &Filter,
    source: &impl ChunkReader,
) -> Result<ParquetMetaData, ParquetError> {
    let indexed = indexed_columns(&footer, groups, filter);
    if indexed.is_empty() {
        return Ok(footer);
    }
    let bounds = ColumnChunkMask::row_groups_and_columns(groups.iter().copied(), indexed);
    let places = ColumnChunkMask::row_groups(groups.iter().copied());
    let mut reader = ParquetMetaDataReader::new_with_metadata(footer)
        .with_page_index_policy(PageIndexPolicy::Optional)
        .with_column_index_mask(bounds)
        .with_offset_index_mask(places);
    reader.read_page_indexes(source)?;
    reader.finish()
}

/// Columns of the filter that have page bounds in one of the groups.
fn indexed_columns(footer: &ParquetMetaData, groups: &[usize], filter: &Filter) -> Vec<usize> {
    let mut found = Vec::new();
    filter.visit(&mut |leaf| {
        let groups = groups.iter().map(|group| footer.row_group(*group));
        let indexed = groups.filter_map(|group| {
            let column = column(group, leaf.physical_path()?)?;
            let chunk = group.column(column);
            (chunk.column_index_range().is_some() && chunk.offset_index_range().is_some())
                .then_some(column)
        });
        found.extend(indexed);
    });
    found
}

fn column(group: &RowGroupMetaData, path: &[String]) -> Option<usize> {
    let mut columns = group.columns().iter();
    columns.position(|column| column.column_path().parts() == path)
}

/// The rows of a row group that may match; none where the index excludes no page.
pub fn matching_rows(
    footer: &ParquetMetaData,
    group: usize,
    filter: &Filter,
) -> Option<RowSelection> {
    let pages = Pages {
        index: footer.page_index()?.as_ref(),
        number: group,
        group: footer.row_group(group),
        rows: usize::try_from(footer.row_group(group).num_rows()).ok()?,
    };
    pages.matching(filter)
}

/// The bytes of a column chunk that hold the selected rows, or the whole chunk without an index.
pub fn ranges(
    footer: &ParquetMetaData,
    group: usize,
    column: usize,
    rows: Option<&RowSelection>,
) -> Vec<Range<u64>> {
    let (start, length) = footer.row_group(group).column(column).byte_range();
    let pages = footer
        .page_index()
        .and_then(|index| index.page_locations(group, column));
    let (Some(pages), Some(rows)) = (pages, rows) else {
        return std::iter::once(start..start + length).collect();
    };
    let first = pages
        .first()
        .and_then(|page| u64::try_from(page.offset).ok());
    let dictionary = start..first.unwrap_or(start);
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for page in std::iter::once(dictionary).chain(rows.scan_ranges(pages)) {
        match ranges.last_mut() {
            Some(last) if last.end == page.start => last.end = page.end,
            _ => ranges.push(page),
        }
    }
    ranges.retain(|range| !range.is_empty());
    ranges
}

/// The page index of one row group.
struct Pages<'a> {
    index: &'a dyn PageIndexProvider,
    number: usize,
    group: &'a RowGroupMetaData,
    rows: usize,
}

impl Pages<'_> {
    /// None stands for all rows.
    fn matching(&self, filter: &Filter) -> Option<RowSelection> {
        match filter {
            Filter::And(all) => {
                let parts = all.iter().filter_map(|part| self.matching(part));
                parts.reduce(|a, b| a.intersection(&b))
            }
            Filter::Or(any) => {
                let parts: Option<Vec<_>> = any.iter().map(|part| self.matching(part)).collect();
                parts?.into_iter().reduce(|a, b| a.union(&b))
            }
            leaf => self.matching_leaf(leaf),
        }
    }

    fn matching_leaf(&self, leaf: &Filter) -> Option<RowSelection> {
        let column = column(self.group, leaf.physical_path()?)?;
        let bounds = self.index.column_index(self.number, column)?;
        let pages = self.index.page_locations(self.number, column)?;
        if usize::try_from(bounds.num_pages()).ok()? != pages.len() {
            return None;
        }
        let rows = rows_of(pages, self.rows)?;
        let kept = rows.iter().enumerate().filter(|(page, rows)| {
            let page = PageBounds {
                column: self.group.column(column).column_descr(),
                statistics: statistics(bounds, *page),
                is_null: bounds.is_null_page(*page),
                nulls: bounds.null_count(*page),
                rows: rows.len() as u64,
            };
            leaf.may_match(&|_, like| page.bounds(like))
        });
        let kept: Vec<_> = kept.map(|(_, rows)| rows.clone()).collect();
        (kept.len() < pages.len())
            .then(|| RowSelection::from_consecutive_ranges(kept.into_iter(), self.rows))
    }
}

/// The rows of each page; none if they are not in order.
fn rows_of(pages: &[PageLocation], rows: usize) -> Option<Vec<Range<usize>>> {
    let starts = pages
        .iter()
        .map(|page| usize::try_from(page.first_row_index).ok());
    let starts: Vec<usize> = starts.collect::<Option<_>>()?;
    let ends = starts.iter().copied().skip(1).chain([rows]);
    let ranges: Vec<_> = starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(a, b)| a..b)
        .collect();
    let whole = ranges.iter().all(|range| range.start <= range.end) && starts.first() == Some(&0);
    whole.then_some(ranges)
}

struct PageBounds<'a> {
    column: &'a ColumnDescriptor,
    statistics: Option<Statistics>,
    is_null: bool,
    nulls: Option<i64>,
    rows: u64,
}

impl PageBounds<'_> {
    fn bounds(&self, like: &delta_kernel::expressions::Scalar) -> Option<Bounds> {
        let nulls = self.nulls.and_then(|nulls| u64::try_from(nulls).ok());
        let nulls = if self.is_null { Some(self.rows) } else { nulls };
        let known = Bounds {
            nulls,
            rows: self.rows,
            ..Bounds::default()
        };
        Some(known.between(self.statistics.as_ref()?, self.column, like))
    }
}

/// The bounds of a page as a footer has those of a row group.
fn statistics(index: &ColumnIndexMetaData, page: usize) -> Option<Statistics> {
    macro_rules! of {
        ($make:ident, $index:expr) => {
            Statistics::$make(
                $index.min_value(page).copied(),
                $index.max_value(page).copied(),
                None,
                None,
                false,
            )
        };
    }
    let bytes = |value: Option<&[u8]>| value.map(|value| ByteArray::from(value.to_vec()));
    Some(match index {
        ColumnIndexMetaData::BOOLEAN(index) => of!(boolean, index),
        ColumnIndexMetaData::INT32(index) => of!(int32, index),
        ColumnIndexMetaData::INT64(index) => of!(int64, index),
        ColumnIndexMetaData::FLOAT(index) => of!(float, index),
        ColumnIndexMetaData::DOUBLE(index) => of!(double, index),
        ColumnIndexMetaData::BYTE_ARRAY(index) => Statistics::byte_array(
            bytes(index.min_value(page)),
            bytes(index.max_value(page)),
            None,
            None,
            false,
        ),
        ColumnIndexMetaData::INT96(_) | ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(_) => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use bytes::Bytes;
    use delta_kernel::schema::{DataType, StructField, StructType};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::{EnabledStatistics, WriterProperties};

    use super::*;
    use crate::scan::filter::Request;

    /// A file of ids 0 to 999, ten pages.
    fn file(statistics: EnabledStatistics, offset_index: bool) -> Bytes {
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
        let batch = RecordBatch::try_from_iter([("id", ids)]).unwrap();
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_data_page_row_count_limit(100)
            .set_write_batch_size(100)
            .set_statistics_enabled(statistics)
            .set_offset_index_disabled(!offset_index)
            .build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        bytes.into()
    }

    fn filter(request: &str) -> Filter {
        let id = StructField::nullable("id", DataType::LONG);
        let request: Request = serde_json::from_str(request).unwrap();
        Filter::bind(&request, &StructType::try_new([id]).unwrap())
    }

    fn compare(op: &str, value: i64) -> String {
        format!(
            r#"{{"compare": {{"column": ["id"], "op": "{op}", "value": {{"type": "long", "value": {value}}}}}}}"#
        )
    }

    fn rows(file: &Bytes, request: &str) -> Option<(usize, usize)> {
        let filter = filter(request);
        let footer = ParquetMetaDataReader::new().parse_and_finish(file).unwrap();
        let footer = with_page_index(footer, &[0], &filter, file).unwrap();
        let rows = matching_rows(&footer, 0, &filter)?;
        let fetched = ranges(&footer, 0, 0, Some(&rows));
        assert!(fetched.len() <= 2, "neighbours are one range: {fetched:?}");
        Some((rows.row_count(), rows.total_row_count()))
    }

    #[test]
    fn only_pages_that_may_match_are_read() {
        let file = file(EnabledStatistics::Page, true);
        assert_eq!(rows(&file, &compare("=", 250)), Some((100, 1000)));
        assert_eq!(rows(&file, &compare(">=", 350)), Some((700, 1000)));
        assert_eq!(rows(&file, &compare("=", 5000)), Some((0, 1000)));
        assert_eq!(rows(&file, &compare(">=", 0)), None);
        let (low, high) = (compare("<", 150), compare(">", 850));
        let either = format!(r#"{{"or": [{low}, {high}]}}"#);
        assert_eq!(rows(&file, &either), Some((400, 1000)));
        let both = format!(r#"{{"and": [{low}, {high}]}}"#);
        assert_eq!(rows(&file, &both), Some((0, 1000)));
        let unknown = r#"{"startsWith": {"column": ["id"], "prefix": "x"}}"#;
        assert_eq!(
            rows(&file, &format!(r#"{{"or": [{low}, {unknown}]}}"#)),
            None
        );
        assert_eq!(
            rows(&file, &format!(r#"{{"and": [{low}, {unknown}]}}"#)),
            Some((200, 1000))
        );
    }

    #[test]
    fn files_without_index_are_read_whole() {
        for file in [
            file(EnabledStatistics::Chunk, true),
            file(EnabledStatistics::None, true),
            file(EnabledStatistics::None, false),
        ] {
            assert_eq!(rows(&file, &compare("=", 250)), None);
            let footer = ParquetMetaDataReader::new()
                .parse_and_finish(&file)
                .unwrap();
            let (start, length) = footer.row_group(0).column(0).byte_range();
            let all = RowSelection::from_consecutive_ranges(std::iter::once(5..6), 1000);
            let whole = start..start + length;
            assert_eq!(ranges(&footer, 0, 0, Some(&all)), [whole]);
        }
    }
}
