//! Values of one column, encoded page by page: as keys of a dictionary while that is worth it, plainly else.

use std::ops::Range;

use arrow::array::{Array, AsArray as _};
use parquet::basic::{Encoding, Type};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use super::bits;
use super::bounds::{Bounds, Order, PageBounds};
use super::bytes::BytesEncoder;
use super::natives::NativeEncoder;
use super::plain::{PageBytes, PlainValues};

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

/// The encoder of a column's physical type.
///
/// Errors: for a type that Delta tables do not have.
pub fn encoder(column: &ColumnDescriptor, dictionary: bool) -> Result<Box<dyn ValueEncoder>> {
    let order = Order::of(column);
    Ok(match column.physical_type() {
        Type::BOOLEAN => Box::new(BooleanEncoder::default()),
        Type::INT32 => Box::new(NativeEncoder::<i32>::new(dictionary)),
        Type::INT64 => Box::new(NativeEncoder::<i64>::new(dictionary)),
        Type::FLOAT => Box::new(NativeEncoder::<f32>::new(dictionary)),
        Type::DOUBLE => Box::new(NativeEncoder::<f64>::new(dictionary)),
        Type::BYTE_ARRAY => Box::new(BytesEncoder::new(order, None, dictionary)),
        Type::FIXED_LEN_BYTE_ARRAY => {
            let width = column.type_length() as usize;
            Box::new(BytesEncoder::new(order, Some(width), dictionary))
        }
        Type::INT96 => return Err(ParquetError::NYI("INT96 is not written".into())),
    })
}

/// Appends dictionary keys: their width, then the hybrid of runs and packed keys.
pub fn encode_keys(keys: &[u32], dictionary_values: usize, out: &mut Vec<u8>) {
    let width = bits::width(dictionary_values.saturating_sub(1) as u32);
    out.push(width as u8);
    bits::encode(keys, width, out);
}

/// One bit a value; there is no dictionary of two values.
#[derive(Default)]
struct BooleanEncoder {
    packed: PlainValues,
    count: usize,
    trues: usize,
}

impl BooleanEncoder {
    fn push(&mut self, value: bool) {
        let packed = self.packed.bytes();
        if self.count.is_multiple_of(8) {
            packed.push(0);
        }
        if let Some(last) = packed.last_mut() {
            *last |= u8::from(value) << (self.count % 8);
        }
        self.count += 1;
        self.trues += usize::from(value);
    }
}

impl ValueEncoder for BooleanEncoder {
    fn put(&mut self, array: &dyn Array, picked: Picked<'_>) {
        let values = array.as_boolean();
        match picked {
            Picked::Range(range) => range.for_each(|index| self.push(values.value(index))),
            Picked::Indices(indices) => {
                let indices = indices.iter().map(|index| *index as usize);
                indices.for_each(|index| self.push(values.value(index)));
            }
        }
    }

    fn page_bytes(&self) -> usize {
        self.packed.len()
    }

    fn finish_page(&mut self, levels: &[u8], page: &mut PageBytes) -> PageValues {
        self.packed.finish(levels, page);
        let (count, trues) = (
            std::mem::take(&mut self.count),
            std::mem::take(&mut self.trues),
        );
        let bounds = (count > 0).then(|| Bounds {
            min: vec![u8::from(trues == count)],
            max: vec![u8::from(trues > 0)],
        });
        PageValues {
            encoding: Encoding::PLAIN,
            bounds: PageBounds { bounds, nans: 0 },
        }
    }

    fn dictionary_bytes(&self) -> usize {
        0
    }

    fn end_dictionary(&mut self) -> Option<DictionaryPage> {
        None
    }

    fn memory(&self) -> usize {
        self.packed.memory()
    }
}
