//! Values of one column, encoded page by page: as keys of a dictionary while that is worth it, plainly else.

use std::ops::Range;

use arrow::array::Array;
use parquet::basic::Encoding;

use super::bits;
use super::bounds::PageBounds;
use super::plain::PageBytes;

/// Encodes the values of a column. One is made for each column chunk.
pub trait ValueEncoder: Send {
    /// Adds elements of `array`, none of them null, to the open page.
    fn put(&mut self, array: &dyn Array, picked: Picked<'_>);

    /// Size of the open page's values so far, in bytes; of dictionary keys about.
    fn page_bytes(&self) -> usize;

    /// Fills `page` with `levels` and the open page's values, and begins the next page.
    fn finish_page(&mut self, levels: &[u8], page: &mut PageBytes) -> PageValues;

    /// Size of the dictionary page so far, in bytes.
    fn dictionary_bytes(&self) -> usize;

    /// Ends the dictionary, if there is one in use: what follows is encoded plainly. Only between pages.
    fn end_dictionary(&mut self) -> Option<DictionaryPage>;

    /// Memory held, in bytes.
    fn memory(&self) -> usize;
}

/// Elements of an array.
#[derive(Debug, Clone)]
pub enum Picked<'a> {
    Range(Range<usize>),
    Indices(&'a [u32]),
}

/// What a finished page is, beside its bytes.
#[derive(Debug)]
pub struct PageValues {
    pub encoding: Encoding,
    pub bounds: PageBounds,
}

/// A dictionary in plain encoding.
#[derive(Debug)]
pub struct DictionaryPage {
    pub bytes: Vec<u8>,
    pub values: usize,
}

/// Appends dictionary keys: their width, then the hybrid of runs and packed keys.
pub fn encode_keys(keys: &[u32], dictionary_values: usize, out: &mut Vec<u8>) {
    let width = bits::width(dictionary_values.saturating_sub(1) as u32);
    out.push(width as u8);
    bits::encode(keys, width, out);
}
