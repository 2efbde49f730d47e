//! One column chunk being written: levels and values become pages, pages wait in memory until the row group
//! is closed.

use arrow::array::{Array, AsArray as _};
use arrow::datatypes::DataType;
use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Encoding, PageType, Type};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::errors::Result;
use parquet::file::metadata::{
    ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder, PageEncodingStats,
};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::offset_index::OffsetIndexMetaData;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::bits;
use super::blocks::Blocks;
use super::bounds::{Bounds, Order};
use super::compress::Compressor;
use super::encoder::encoder;
use super::levels::{Leaf, Levels, Present, Slots};
use super::plain::PageBytes;
use super::values::{DictionaryPage, PageValues, Picked, ValueEncoder};
use crate::table::codec::Codec;

/// Largest dictionary page, in bytes. A column whose dictionary would outgrow it goes on without.
pub const DICTIONARY_BYTES: usize = 1 << 20;

/// Size of a page's values at which it is closed, in bytes.
const PAGE_BYTES: usize = 1 << 20;
/// Rows at which a page is closed.
const PAGE_ROWS: usize = 20_000;
/// Slots taken at least between two looks at the sizes.
const STEP: usize = 64;

/// Writes the chunk of one column in one row group.
pub struct ChunkWriter {
    column: ColumnDescPtr,
    codec: Codec,
    compressor: Compressor,
    encoder: Box<dyn ValueEncoder>,
    page: OpenPage,
    /// The dictionary page, if there is one, which comes first.
    dictionary: StoredPages,
    pages: StoredPages,
    totals: Totals,
    index: PageIndex,
    /// The levels of a page, encoded, and the whole page.
    levels: Vec<u8>,
    buffer: PageBytes,
}

/// The page that rows are added to.
#[derive(Default)]
struct OpenPage {
    slots: usize,
    rows: usize,
    values: usize,
    definition: PageLevels,
    repetition: PageLevels,
}

#[derive(Default)]
struct Totals {
    rows: u64,
    slots: i64,
    nulls: u64,
    nans: u64,
    compressed: i64,
    uncompressed: i64,
    bounds: Option<Bounds>,
    encodings: Vec<PageEncodingStats>,
}

/// A column chunk, ready for its row group.
pub struct EncodedChunk {
    /// Its bytes.
    pub pieces: Vec<Bytes>,
    pub rows: u64,
    pub metadata: ColumnChunkMetaData,
    pub column_index: ColumnIndexMetaData,
    pub offset_index: OffsetIndexMetaData,
}

/// Pages with their headers, one after the other.
#[derive(Default)]
struct StoredPages {
    blocks: Blocks,
    bytes: usize,
}

impl ChunkWriter {
    /// Errors: for a physical type that is not written.
    pub fn new(column: ColumnDescPtr, codec: Codec, dictionary: bool) -> Result<Self> {
        Ok(Self {
            codec,
            compressor: Compressor::new(codec),
            encoder: encoder(&column, dictionary)?,
            page: OpenPage::default(),
            dictionary: StoredPages::default(),
            pages: StoredPages::default(),
            totals: Totals::default(),
            index: PageIndex::new(&column),
            levels: Vec::new(),
            buffer: PageBytes::default(),
            column,
        })
    }

    /// Adds a batch. Nothing of it is kept after the call.
    pub fn write(&mut self, leaf: &Leaf) -> Result<()> {
        let slots = &leaf.slots;
        let mean_bytes = mean_bytes(leaf.array.as_ref());
        let (mut slot, mut value) = (0, 0);
        while slot < slots.count {
            let end = self.next_step(slots, slot, mean_bytes);
            let values = self.page.add(slots, slot..end);
            self.encoder
                .put(leaf.array.as_ref(), slots.present.part(value, values));
            (slot, value) = (end, value + values);
            if self.page.rows >= PAGE_ROWS || self.encoder.page_bytes() >= PAGE_BYTES {
                self.finish_page()?;
            }
            if self.encoder.dictionary_bytes() >= DICTIONARY_BYTES {
                self.finish_page()?;
                self.finish_dictionary()?;
            }
        }
        Ok(())
    }

    /// Bytes of the chunk so far; those of the open page as they are before compression.
    pub fn bytes(&self) -> usize {
        self.totals.compressed as usize
            + self.encoder.page_bytes()
            + self.encoder.dictionary_bytes()
    }

    /// Memory held, in bytes.
    pub fn memory(&self) -> usize {
        self.totals.compressed as usize
            + self.pages.blocks.spare()
            + self.dictionary.blocks.spare()
            + self.encoder.memory()
            + self.compressor.memory()
            + self.levels.capacity()
            + self.buffer.memory()
    }

    /// Values and nulls of the page that is not encoded yet.
    pub fn open_values(&self) -> usize {
        self.page.slots
    }

    /// Encodes what waits. Nothing may be added afterwards.
    pub fn finish(&mut self) -> Result<()> {
        self.finish_page()?;
        self.finish_dictionary()
    }

    /// Ends the chunk, which begins at the byte `begin` of its file.
    pub fn close(mut self, begin: u64) -> Result<EncodedChunk> {
        self.finish()?;
        let totals = self.totals;
        let statistics =
            self.index
                .order
                .statistics(totals.bounds.as_ref(), totals.nulls, totals.nans);
        let mut encodings: Vec<Encoding> = vec![Encoding::RLE];
        encodings.extend(totals.encodings.iter().map(|stats| stats.encoding));
        encodings.dedup();
        let dictionary = (self.dictionary.bytes > 0).then_some(begin as i64);
        let data = begin as i64 + self.dictionary.bytes as i64;
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(self.codec.parquet())
            .set_encodings(encodings)
            .set_page_encoding_stats(totals.encodings)
            .set_total_compressed_size(totals.compressed)
            .set_total_uncompressed_size(totals.uncompressed)
            .set_num_values(totals.slots)
            .set_dictionary_page_offset(dictionary)
            .set_data_page_offset(data)
            .set_statistics(statistics)
            .build()?;
        let (column_index, offset_index) = self.index.build(data)?;
        let mut pieces = self.dictionary.blocks.into_pieces();
        pieces.extend(self.pages.blocks.into_pieces());
        Ok(EncodedChunk {
            pieces,
            rows: totals.rows,
            metadata,
            column_index,
            offset_index,
        })
    }

    /// How far to go before the sizes are looked at again: to the end of a row, and not much over a page
    /// or a dictionary.
    fn next_step(&self, slots: &Slots, from: usize, mean_bytes: usize) -> usize {
        let page = PAGE_BYTES.saturating_sub(self.encoder.page_bytes());
        let dictionary = match self.encoder.dictionary_bytes() {
            0 => page,
            taken => DICTIONARY_BYTES.saturating_sub(taken),
        };
        let fitting = (page.min(dictionary) / mean_bytes.max(1)).max(STEP);
        let rows = PAGE_ROWS - self.page.rows;
        let end = (from + fitting.min(rows)).min(slots.count);
        match &slots.repetition {
            None => end,
            Some(levels) => {
                let rest = levels[end..].iter().take_while(|level| **level != 0);
                end + rest.count()
            }
        }
    }

    fn finish_page(&mut self) -> Result<()> {
        if self.page.slots == 0 {
            return Ok(());
        }
        let page = std::mem::take(&mut self.page);
        self.levels.clear();
        page.repetition
            .encode(self.column.max_rep_level(), &mut self.levels);
        page.definition
            .encode(self.column.max_def_level(), &mut self.levels);
        let values = self.encoder.finish_page(&self.levels, &mut self.buffer);
        let data_page = Page::DataPage {
            buf: self.compressor.compress(self.buffer.get())?,
            num_values: page.slots as u32,
            encoding: values.encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let data_page = CompressedPage::new(data_page, self.buffer.get().len());
        let stored = self.pages.push(data_page)?;
        self.index.add(&page, &values, stored.compressed);
        self.totals.add(self.index.order, &page, values);
        self.totals.add_sizes(&stored);
        Ok(())
    }

    fn finish_dictionary(&mut self) -> Result<()> {
        let Some(DictionaryPage { bytes, values }) = self.encoder.end_dictionary() else {
            return Ok(());
        };
        let page = Page::DictionaryPage {
            buf: self.compressor.compress(&bytes)?,
            num_values: values as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let page = CompressedPage::new(page, bytes.len());
        let stored = self.dictionary.push(page)?;
        self.totals.add_sizes(&stored);
        self.totals
            .count_encoding(PageType::DICTIONARY_PAGE, Encoding::PLAIN);
        Ok(())
    }
}

/// Bytes a value takes in a page, on average of a batch: those of texts after four for the length.
pub fn mean_bytes(array: &dyn Array) -> usize {
    match array.data_type() {
        DataType::Binary => {
            let offsets = array.as_binary::<i32>().value_offsets();
            let bytes = offsets[offsets.len() - 1] - offsets[0];
            4 + bytes as usize / array.len().max(1)
        }
        DataType::BinaryView => {
            let lengths = array.as_binary_view().lengths();
            4 + lengths.map(|bytes| bytes as usize).sum::<usize>() / array.len().max(1)
        }
        DataType::FixedSizeBinary(width) => *width as usize,
        kind => kind.primitive_width().unwrap_or(1),
    }
}

/// Bytes of a page, its header included.
struct PageSizes {
    compressed: usize,
    uncompressed: usize,
}

impl StoredPages {
    fn push(&mut self, page: CompressedPage) -> Result<PageSizes> {
        let mut sink = TrackedWrite::new(&mut self.blocks);
        let written = SerializedPageWriter::new(&mut sink).write_page(page)?;
        let compressed = sink.bytes_written();
        sink.into_inner()?;
        self.bytes += compressed;
        Ok(PageSizes {
            compressed,
            uncompressed: written.uncompressed_size,
        })
    }
}

impl OpenPage {
    /// Adds the levels of some slots and returns how many values they hold.
    fn add(&mut self, slots: &Slots, range: std::ops::Range<usize>) -> usize {
        let values = match &slots.definition {
            Levels::Uniform(level) => {
                self.definition.add_run(*level, range.len());
                if *level == slots.max_definition {
                    range.len()
                } else {
                    0
                }
            }
            Levels::Each(levels) => {
                let levels = &levels[range.clone()];
                self.definition.add(levels);
                levels
                    .iter()
                    .filter(|level| **level == slots.max_definition)
                    .count()
            }
        };
        self.rows += match &slots.repetition {
            None => range.len(),
            Some(levels) => {
                let levels = &levels[range.clone()];
                self.repetition.add(levels);
                levels.iter().filter(|level| **level == 0).count()
            }
        };
        self.slots += range.len();
        self.values += values;
        values
    }
}

/// Levels of a page: one number as long as they are all the same.
#[derive(Default)]
struct PageLevels {
    run: (u8, usize),
    each: Vec<u8>,
}

impl PageLevels {
    fn add_run(&mut self, level: u8, count: usize) {
        if self.each.is_empty() && (self.run.1 == 0 || self.run.0 == level) {
            self.run = (level, self.run.1 + count);
        } else {
            self.spell_out();
            self.each.resize(self.each.len() + count, level);
        }
    }

    fn add(&mut self, levels: &[u8]) {
        self.spell_out();
        self.each.extend_from_slice(levels);
    }

    fn spell_out(&mut self) {
        let (level, count) = std::mem::take(&mut self.run);
        self.each.resize(self.each.len() + count, level);
    }

    /// Appends the levels after their length in bytes, as in data pages of version 1; nothing if there is
    /// but one level.
    fn encode(&self, max_level: i16, out: &mut Vec<u8>) {
        if max_level == 0 {
            return;
        }
        let at = out.len();
        out.extend_from_slice(&[0; 4]);
        let width = bits::width(max_level as u32);
        bits::repeat(u32::from(self.run.0), self.run.1, width, out);
        bits::encode(&self.each, width, out);
        let length = (out.len() - at - 4) as u32;
        out[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }
}

impl Totals {
    fn add(&mut self, order: Order, page: &OpenPage, values: PageValues) {
        self.rows += page.rows as u64;
        self.slots += page.slots as i64;
        self.nulls += (page.slots - page.values) as u64;
        self.nans += values.bounds.nans;
        if let Some(bounds) = &values.bounds.bounds {
            self.bounds = Some(order.union(self.bounds.take(), bounds));
        }
        self.count_encoding(PageType::DATA_PAGE, values.encoding);
    }

    fn add_sizes(&mut self, page: &PageSizes) {
        self.compressed += page.compressed as i64;
        self.uncompressed += page.uncompressed as i64;
    }

    fn count_encoding(&mut self, page_type: PageType, encoding: Encoding) {
        let same = |stats: &&mut PageEncodingStats| {
            stats.page_type == page_type && stats.encoding == encoding
        };
        match self.encodings.iter_mut().find(same) {
            Some(stats) => stats.count += 1,
            None => self.encodings.push(PageEncodingStats {
                page_type,
                encoding,
                count: 1,
            }),
        }
    }
}

/// The column and offset index (Parquet format, "Page Index").
struct PageIndex {
    order: Order,
    floats: bool,
    columns: ColumnIndexBuilder,
    offsets: OffsetIndexBuilder,
    offset: i64,
    last: Option<Bounds>,
    ascending: bool,
    descending: bool,
}

impl PageIndex {
    fn new(column: &ColumnDescPtr) -> Self {
        Self {
            order: Order::of(column),
            floats: matches!(column.physical_type(), Type::FLOAT | Type::DOUBLE),
            columns: ColumnIndexBuilder::new(column.physical_type()),
            offsets: OffsetIndexBuilder::new(),
            offset: 0,
            last: None,
            ascending: true,
            descending: true,
        }
    }

    fn add(&mut self, page: &OpenPage, values: &PageValues, bytes: usize) {
        self.offsets.append_row_count(page.rows as i64);
        self.offsets
            .append_offset_and_size(self.offset, bytes as i32);
        self.offset += bytes as i64;
        let nulls = (page.slots - page.values) as i64;
        let nans = self.floats.then_some(values.bounds.nans as i64);
        let Some(bounds) = &values.bounds.bounds else {
            self.columns.append(true, vec![], vec![], nulls, nans);
            return;
        };
        let cut = self.order.for_index(bounds);
        self.columns.append(false, cut.min, cut.max, nulls, nans);
        if let Some(last) = &self.last {
            let (min, max) = (
                self.order.compare(&last.min, &bounds.min),
                self.order.compare(&last.max, &bounds.max),
            );
            self.ascending &= min.is_le() && max.is_le();
            self.descending &= min.is_ge() && max.is_ge();
        }
        self.last = Some(bounds.clone());
    }

    /// `begin` is the place of the first data page in the file.
    fn build(mut self, begin: i64) -> Result<(ColumnIndexMetaData, OffsetIndexMetaData)> {
        self.columns
            .set_boundary_order(match (self.ascending, self.descending) {
                (true, _) => BoundaryOrder::ASCENDING,
                (false, true) => BoundaryOrder::DESCENDING,
                (false, false) => BoundaryOrder::UNORDERED,
            });
        let mut offsets = self.offsets.build();
        for page in &mut offsets.page_locations {
            page.offset += begin;
        }
        Ok((self.columns.build()?, offsets))
    }
}

impl Present {
    /// Some of these elements, `from` counting from the first.
    fn part(&self, from: usize, count: usize) -> Picked<'_> {
        match self {
            Self::Range { start, .. } => Picked::Range(start + from..start + from + count),
            Self::Indices(indices) => Picked::Indices(&indices[from..from + count]),
        }
    }
}
