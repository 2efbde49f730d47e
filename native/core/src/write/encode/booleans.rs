//! Booleans: one bit a value.

use arrow::array::{Array, AsArray as _};
use parquet::basic::Encoding;

use super::bounds::{Bounds, PageBounds};
use super::plain::{PageBytes, PlainValues};
use super::values::{DictionaryPage, PageValues, Picked, ValueEncoder};

/// There is no dictionary of two values.
#[derive(Default)]
pub struct BooleanEncoder {
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
