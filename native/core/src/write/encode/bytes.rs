//! Texts, binary, and decimals wider than 64 bits: BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY.

use std::ops::Range;

use arrow::array::{Array, AsArray as _, BinaryViewArray};
use arrow::datatypes::DataType;
use parquet::basic::Encoding;

use super::bounds::{Bounds, Order, PageBounds};
use super::plain::{PageBytes, PlainValues};
use super::values::{DictionaryPage, PageValues, Picked, ValueEncoder, encode_keys};

/// Marks a slot of the hash table that holds no key.
const EMPTY: u32 = u32::MAX;
/// Slots of a new hash table.
const SLOTS: usize = 1 << 10;

/// Longest value that a view holds itself.
const MAX_INLINE_BYTES: u32 = 12;

/// Encodes byte strings.
pub struct BytesEncoder {
    order: Order,
    /// Of each value, if all have the same.
    width: Option<usize>,
    plain: PlainValues,
    keys: Vec<u32>,
    dictionary: Option<Dictionary>,
    extremes: Extremes,
}

impl BytesEncoder {
    pub fn new(order: Order, width: Option<usize>, dictionary: bool) -> Self {
        Self {
            order,
            width,
            plain: PlainValues::default(),
            keys: Vec::new(),
            dictionary: dictionary.then(Dictionary::new),
            extremes: Extremes::default(),
        }
    }

    fn put_picked(&mut self, strings: &impl Strings, picked: Picked<'_>) {
        match picked {
            Picked::Range(range) => self.put_values(strings, range),
            Picked::Indices(indices) => {
                self.put_values(strings, indices.iter().map(|index| *index as usize));
            }
        }
    }

    fn put_values(&mut self, strings: &impl Strings, indices: impl Iterator<Item = usize>) {
        if let Some(dictionary) = &mut self.dictionary {
            let key = |index| dictionary.key(strings.words(index), strings.value(index));
            self.keys.extend(indices.map(key));
            return;
        }
        let plain = self.plain.bytes();
        for index in indices {
            let value = strings.value(index);
            self.extremes.add(self.order, value);
            if self.width.is_none() {
                plain.extend_from_slice(&(value.len() as u32).to_le_bytes());
            }
            plain.extend_from_slice(value);
        }
    }
}

/// The byte strings of an array.
trait Strings {
    fn value(&self, index: usize) -> &[u8];

    /// The first words of a value.
    fn words(&self, index: usize) -> Words;
}

/// One after the other.
struct Spans<'a, F> {
    data: &'a [u8],
    span: F,
}

impl<F: Fn(usize) -> Range<usize>> Strings for Spans<'_, F> {
    fn value(&self, index: usize) -> &[u8] {
        &self.data[(self.span)(index)]
    }

    fn words(&self, index: usize) -> Words {
        Words::of(self.data, &(self.span)(index))
    }
}

impl Strings for BinaryViewArray {
    fn value(&self, index: usize) -> &[u8] {
        BinaryViewArray::value(self, index)
    }

    /// A view holds short values itself, behind their length and padded with zeros (Arrow, "Variable-size Binary View
    /// Layout").
    fn words(&self, index: usize) -> Words {
        let view = self.views()[index];
        let length = view as u32;
        if length <= MAX_INLINE_BYTES {
            let bytes = view >> u32::BITS;
            return Words(bytes as u64, (bytes >> u64::BITS) as u64);
        }
        let value = Strings::value(self, index);
        Words::of(value, &(0..value.len()))
    }
}

impl ValueEncoder for BytesEncoder {
    fn put(&mut self, array: &dyn Array, picked: Picked<'_>) {
        match self.width {
            None if array.data_type() == &DataType::BinaryView => {
                self.put_picked(array.as_binary_view(), picked);
            }
            None => {
                let array = array.as_binary::<i32>();
                let offsets = array.value_offsets();
                if let (Picked::Range(range), None) = (&picked, &self.dictionary) {
                    let bytes = offsets[range.end] - offsets[range.start];
                    let bytes = bytes as usize + 4 * range.len();
                    self.plain.bytes().reserve(bytes);
                }
                let strings = Spans {
                    data: array.value_data(),
                    span: |index: usize| offsets[index] as usize..offsets[index + 1] as usize,
                };
                self.put_picked(&strings, picked);
            }
            Some(width) => {
                let strings = Spans {
                    data: array.as_fixed_size_binary().value_data(),
                    span: |index: usize| width * index..width * (index + 1),
                };
                self.put_picked(&strings, picked);
            }
        }
    }

    fn page_bytes(&self) -> usize {
        self.plain.len() + self.keys.len() * 2
    }

    fn finish_page(&mut self, levels: &[u8], page: &mut PageBytes) -> PageValues {
        match &self.dictionary {
            Some(dictionary) if !self.keys.is_empty() => {
                encode_keys(&self.keys, dictionary.len(), page.begin(levels));
                let bounds = dictionary.bounds_of(&self.keys, self.order);
                self.keys.clear();
                PageValues {
                    encoding: Encoding::RLE_DICTIONARY,
                    bounds,
                }
            }
            _ => {
                self.plain.finish(levels, page);
                PageValues {
                    encoding: Encoding::PLAIN,
                    bounds: std::mem::take(&mut self.extremes).bounds(),
                }
            }
        }
    }

    fn dictionary_bytes(&self) -> usize {
        let prefix = if self.width.is_none() { 4 } else { 0 };
        let size = |dictionary: &Dictionary| dictionary.data.len() + prefix * dictionary.len();
        self.dictionary.as_ref().map_or(0, size)
    }

    fn end_dictionary(&mut self) -> Option<DictionaryPage> {
        let dictionary = self.dictionary.take()?;
        let mut bytes = Vec::with_capacity(dictionary.data.len() + 4 * dictionary.len());
        for key in 0..dictionary.len() {
            let value = dictionary.value(key);
            if self.width.is_none() {
                bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
            }
            bytes.extend_from_slice(value);
        }
        let values = dictionary.len();
        (values > 0).then_some(DictionaryPage { bytes, values })
    }

    fn memory(&self) -> usize {
        let dictionary = self.dictionary.as_ref().map_or(0, Dictionary::memory);
        self.plain.memory() + 4 * self.keys.capacity() + dictionary
    }
}

/// The least and the greatest value of a page. Their first bytes decide most comparisons.
#[derive(Default)]
struct Extremes {
    known: Option<(u64, u64)>,
    min: Vec<u8>,
    max: Vec<u8>,
}

impl Extremes {
    /// Not inlined, so that a profile tells what statistics cost.
    #[inline(never)]
    fn add(&mut self, order: Order, value: &[u8]) {
        let head = order.head(value);
        let Some((lowest, highest)) = self.known else {
            self.known = Some((head, head));
            self.min = value.to_vec();
            self.max = value.to_vec();
            return;
        };
        if head <= lowest && order.compare(value, &self.min).is_lt() {
            self.known = Some((head, highest));
            self.min.clear();
            self.min.extend_from_slice(value);
        } else if head >= highest && order.compare(value, &self.max).is_gt() {
            self.known = Some((lowest, head));
            self.max.clear();
            self.max.extend_from_slice(value);
        }
    }

    fn bounds(self) -> PageBounds {
        let bounds = self.known.map(|_| Bounds {
            min: self.min,
            max: self.max,
        });
        PageBounds { bounds, nans: 0 }
    }
}

/// Distinct values in the order of their first appearance, found again through an open-addressing hash
/// table of their keys.
struct Dictionary {
    data: Vec<u8>,
    entries: Vec<Entry>,
    slots: Vec<u32>,
}

/// A value of a dictionary. Its first sixteen bytes and its length tell most values apart.
struct Entry {
    words: Words,
    /// Where it ends in the dictionary's data.
    end: u32,
    length: u32,
}

/// The first sixteen bytes of a value as two numbers, those it lacks as zeros.
#[derive(Clone, Copy, PartialEq)]
struct Words(u64, u64);

impl Words {
    const BYTES: usize = 16;
    const WORD: usize = size_of::<u64>();

    /// Of the value at `span` of `data`; bytes behind it are read and masked where there are enough.
    fn of(data: &[u8], span: &Range<usize>) -> Self {
        let length = span.len().min(Self::BYTES);
        let Some(bytes) = data[span.start..].first_chunk::<{ Self::BYTES }>() else {
            let mut padded = [0; Self::BYTES];
            padded[..length].copy_from_slice(&data[span.start..][..length]);
            return Self::read(&padded);
        };
        let Self(first, second) = Self::read(bytes);
        let (first_mask, second_mask) = MASKS[length];
        Self(first & first_mask, second & second_mask)
    }

    fn read(bytes: &[u8; Self::BYTES]) -> Self {
        let all = u128::from_le_bytes(*bytes);
        Self(all as u64, (all >> u64::BITS) as u64)
    }
}

/// What is left of two words for a value of so many bytes.
const MASKS: [(u64, u64); Words::BYTES + 1] = {
    let mut masks = [(0, 0); Words::BYTES + 1];
    let mut length = 1;
    while length <= Words::BYTES {
        let mask = u128::MAX >> (u128::BITS as usize - 8 * length);
        masks[length] = (mask as u64, (mask >> u64::BITS) as u64);
        length += 1;
    }
    masks
};

impl Dictionary {
    fn new() -> Self {
        Self {
            data: Vec::new(),
            entries: Vec::new(),
            slots: vec![EMPTY; SLOTS],
        }
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn memory(&self) -> usize {
        self.data.capacity()
            + size_of::<Entry>() * self.entries.capacity()
            + size_of::<u32>() * self.slots.capacity()
    }

    fn value(&self, key: usize) -> &[u8] {
        let Entry { end, length, .. } = self.entries[key];
        &self.data[(end - length) as usize..end as usize]
    }

    /// Key of a value, whose first words are given.
    fn key(&mut self, words: Words, value: &[u8]) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = hash(words, value) as usize & mask;
        loop {
            let key = self.slots[slot];
            if key == EMPTY {
                return self.insert(words, value, slot);
            }
            if self.is_at(key as usize, words, value) {
                return key;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn is_at(&self, key: usize, words: Words, value: &[u8]) -> bool {
        let entry = &self.entries[key];
        entry.words == words
            && entry.length as usize == value.len()
            && (value.len() <= Words::BYTES || self.value(key) == value)
    }

    fn insert(&mut self, words: Words, value: &[u8], slot: usize) -> u32 {
        let key = self.len() as u32;
        self.data.extend_from_slice(value);
        self.entries.push(Entry {
            words,
            end: self.data.len() as u32,
            length: value.len() as u32,
        });
        self.slots[slot] = key;
        if self.len() * 2 > self.slots.len() {
            self.grow();
        }
        key
    }

    fn grow(&mut self) {
        self.slots = vec![EMPTY; self.slots.len() * 4];
        let mask = self.slots.len() - 1;
        for key in 0..self.len() {
            let mut slot = hash(self.entries[key].words, self.value(key)) as usize & mask;
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = key as u32;
        }
    }

    /// Bounds of a page of `keys`: only its distinct values are compared.
    #[inline(never)]
    fn bounds_of(&self, keys: &[u32], order: Order) -> PageBounds {
        let mut used = vec![false; self.len()];
        keys.iter().for_each(|key| used[*key as usize] = true);
        let mut extremes = Extremes::default();
        let distinct = used.iter().enumerate().filter(|(_, used)| **used);
        distinct.for_each(|(key, _)| extremes.add(order, self.value(key)));
        extremes.bounds()
    }
}

/// A hash of words multiplied into 128 bits and folded; of a longer value's words the last overlaps the one
/// before.
fn hash(words: Words, value: &[u8]) -> u64 {
    const K0: u64 = 0x9e37_79b9_7f4a_7c15;
    const K1: u64 = 0xe703_7ed1_a0b4_28db;
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let length = value.len();
    let mut hash = fold(words.0 ^ K0, words.1 ^ K1 ^ length as u64);
    if length > Words::BYTES {
        let word = |at: usize| {
            let mut word = [0; Words::WORD];
            word.copy_from_slice(&value[at..at + Words::WORD]);
            u64::from_le_bytes(word)
        };
        let last = length - Words::WORD;
        for at in (Words::BYTES..last).step_by(Words::WORD) {
            hash = fold(hash ^ word(at), K0);
        }
        hash = fold(hash ^ word(last), K0);
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_tells_values_apart() {
        let mut dictionary = Dictionary::new();
        let values: Vec<Vec<u8>> = (0..5000_u32)
            .map(|i| (0..i % 37).map(|b| (i >> (b % 8)) as u8).collect())
            .collect();
        let data = values.concat();
        let mut end = 0;
        let keys: Vec<u32> = values
            .iter()
            .map(|value| {
                end += value.len();
                let span = end - value.len()..end;
                dictionary.key(Words::of(&data, &span), value)
            })
            .collect();
        for (key, value) in keys.iter().zip(&values) {
            assert_eq!(dictionary.value(*key as usize), value);
        }
        let distinct: std::collections::HashSet<_> = values.iter().collect();
        assert_eq!(dictionary.len(), distinct.len());
    }
}
