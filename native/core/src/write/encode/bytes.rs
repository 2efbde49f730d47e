//! Texts, binary, and decimals wider than 64 bits: BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY.

use arrow::array::{Array, AsArray as _};
use parquet::basic::Encoding;

use super::bounds::{Bounds, Order, PageBounds};
use super::values::{DictionaryPage, PageValues, Picked, ValueEncoder, encode_keys};

/// Marks a slot of the hash table that holds no key.
const EMPTY: u32 = u32::MAX;
/// Slots of a new hash table.
const SLOTS: usize = 1 << 10;

/// Encodes byte strings.
pub struct BytesEncoder {
    order: Order,
    /// Of each value, if all have the same.
    width: Option<usize>,
    plain: Vec<u8>,
    keys: Vec<u32>,
    dictionary: Option<Dictionary>,
    extremes: Extremes,
}

impl BytesEncoder {
    pub fn new(order: Order, width: Option<usize>, dictionary: bool) -> Self {
        Self {
            order,
            width,
            plain: Vec::new(),
            keys: Vec::new(),
            dictionary: dictionary.then(Dictionary::new),
            extremes: Extremes::default(),
        }
    }

    fn put_values<'a>(&mut self, values: impl Iterator<Item = &'a [u8]>) {
        if let Some(dictionary) = &mut self.dictionary {
            self.keys.extend(values.map(|value| dictionary.key(value)));
            return;
        }
        for value in values {
            self.extremes.add(self.order, value);
            if self.width.is_none() {
                self.plain
                    .extend_from_slice(&(value.len() as u32).to_le_bytes());
            }
            self.plain.extend_from_slice(value);
        }
    }
}

impl ValueEncoder for BytesEncoder {
    fn put(&mut self, array: &dyn Array, picked: Picked<'_>) {
        match self.width {
            None => {
                let array = array.as_binary::<i32>();
                let (offsets, data) = (array.value_offsets(), array.value_data());
                let value =
                    |index: usize| &data[offsets[index] as usize..offsets[index + 1] as usize];
                match picked {
                    Picked::Range(range) => {
                        let bytes = (offsets[range.end] - offsets[range.start]) as usize;
                        if self.dictionary.is_none() {
                            self.plain.reserve(bytes + 4 * range.len());
                        }
                        self.put_values(range.map(value));
                    }
                    Picked::Indices(indices) => {
                        self.put_values(indices.iter().map(|index| value(*index as usize)));
                    }
                }
            }
            Some(_) => {
                let array = array.as_fixed_size_binary();
                match picked {
                    Picked::Range(range) => self.put_values(range.map(|index| array.value(index))),
                    Picked::Indices(indices) => {
                        let indices = indices.iter().map(|index| *index as usize);
                        self.put_values(indices.map(|index| array.value(index)));
                    }
                }
            }
        }
    }

    fn page_bytes(&self) -> usize {
        self.plain.len() + self.keys.len() * 2
    }

    fn finish_page(&mut self, out: &mut Vec<u8>) -> PageValues {
        match &self.dictionary {
            Some(dictionary) if !self.keys.is_empty() => {
                encode_keys(&self.keys, dictionary.len(), out);
                let bounds = dictionary.bounds_of(&self.keys, self.order);
                self.keys.clear();
                PageValues {
                    encoding: Encoding::RLE_DICTIONARY,
                    bounds,
                }
            }
            _ => {
                out.extend_from_slice(&self.plain);
                self.plain.clear();
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
        self.plain.capacity() + 4 * self.keys.capacity() + dictionary
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
/// table.
struct Dictionary {
    data: Vec<u8>,
    /// Where each value ends in `data`.
    ends: Vec<u32>,
    /// Part of the hash, and the key.
    slots: Vec<(u32, u32)>,
}

impl Dictionary {
    fn new() -> Self {
        Self {
            data: Vec::new(),
            ends: Vec::new(),
            slots: vec![(0, EMPTY); SLOTS],
        }
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn memory(&self) -> usize {
        self.data.capacity() + 4 * self.ends.capacity() + 8 * self.slots.capacity()
    }

    fn value(&self, key: usize) -> &[u8] {
        let start = if key == 0 { 0 } else { self.ends[key - 1] };
        &self.data[start as usize..self.ends[key] as usize]
    }

    fn key(&mut self, value: &[u8]) -> u32 {
        let hash = hash(value);
        let mask = self.slots.len() - 1;
        let tag = (hash >> 32) as u32;
        let mut slot = hash as usize & mask;
        loop {
            let (known, key) = self.slots[slot];
            if key == EMPTY {
                return self.insert(value, tag, slot);
            }
            if known == tag && self.value(key as usize) == value {
                return key;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn insert(&mut self, value: &[u8], tag: u32, slot: usize) -> u32 {
        let key = self.len() as u32;
        self.data.extend_from_slice(value);
        self.ends.push(self.data.len() as u32);
        self.slots[slot] = (tag, key);
        if self.len() * 2 > self.slots.len() {
            self.grow();
        }
        key
    }

    fn grow(&mut self) {
        self.slots = vec![(0, EMPTY); self.slots.len() * 4];
        let mask = self.slots.len() - 1;
        for key in 0..self.len() {
            let hash = hash(self.value(key));
            let mut slot = hash as usize & mask;
            while self.slots[slot].1 != EMPTY {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = ((hash >> 32) as u32, key as u32);
        }
    }

    /// Bounds of a page of `keys`: only its distinct values are compared.
    fn bounds_of(&self, keys: &[u32], order: Order) -> PageBounds {
        let mut used = vec![false; self.len()];
        keys.iter().for_each(|key| used[*key as usize] = true);
        let mut extremes = Extremes::default();
        let distinct = used.iter().enumerate().filter(|(_, used)| **used);
        distinct.for_each(|(key, _)| extremes.add(order, self.value(key)));
        extremes.bounds()
    }
}

/// A hash of words multiplied into 128 bits and folded; the last word overlaps the one before.
fn hash(value: &[u8]) -> u64 {
    const K0: u64 = 0x9e37_79b9_7f4a_7c15;
    const K1: u64 = 0xe703_7ed1_a0b4_28db;
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let word = |at: usize| {
        let mut word = [0; 8];
        word.copy_from_slice(&value[at..at + 8]);
        u64::from_le_bytes(word)
    };
    let length = value.len();
    if length < 8 {
        let bytes = value
            .iter()
            .fold(0, |all, byte| all << 8 | u64::from(*byte));
        return fold(bytes ^ K0, length as u64 ^ K1);
    }
    let mut hash = length as u64 ^ K1;
    let mut at = 0;
    while at + 8 < length {
        hash = fold(hash ^ word(at), K0);
        at += 8;
    }
    fold(hash ^ word(length - 8), K0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_tells_values_apart() {
        let mut dictionary = Dictionary::new();
        let values: Vec<Vec<u8>> = (0..5000_u32)
            .map(|i| (0..i % 21).map(|b| (i >> (b % 8)) as u8).collect())
            .collect();
        let keys: Vec<u32> = values.iter().map(|value| dictionary.key(value)).collect();
        for (key, value) in keys.iter().zip(&values) {
            assert_eq!(dictionary.value(*key as usize), value);
        }
        let distinct: std::collections::HashSet<_> = values.iter().collect();
        assert_eq!(dictionary.len(), distinct.len());
    }
}
