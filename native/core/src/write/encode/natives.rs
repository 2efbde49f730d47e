//! Numbers: INT32, INT64, FLOAT and DOUBLE.

use arrow::array::{Array, ArrowPrimitiveType, AsArray as _};
use arrow::datatypes::{
    ArrowNativeType, Float32Type, Float64Type, Int32Type, Int64Type, ToByteSlice,
};
use parquet::basic::Encoding;

use super::bounds::{Bounds, PageBounds};
use super::plain::{PageBytes, PlainValues};
use super::values::{DictionaryPage, PageValues, Picked, ValueEncoder, encode_keys};

/// Marks a slot of the hash table that holds no key.
const EMPTY: u32 = u32::MAX;
/// Slots of a new hash table.
const SLOTS: usize = 1 << 10;
/// Values looked up together.
const BLOCK: usize = 64;

/// A number of a physical type.
pub trait Native: ArrowNativeType {
    type Arrow: ArrowPrimitiveType<Native = Self>;
    /// An integer that orders as the values do; floats by IEEE 754's total order.
    type Rank: Copy + Ord + Send;
    const LOWEST: Self::Rank;
    const HIGHEST: Self::Rank;
    const WIDTH: usize = size_of::<Self>();

    fn rank(self) -> Self::Rank;
    fn of_rank(rank: Self::Rank) -> Self;
    fn is_nan(self) -> bool;
    /// The value's own bits, by which a dictionary tells values apart.
    fn bits(self) -> u64;
    fn plain(self) -> Vec<u8>;
    fn append_plain(values: &[Self], out: &mut Vec<u8>);
}

macro_rules! native {
    ($native:ty, $arrow:ty, $rank:ty, $bits:ty, $to_rank:expr, $of_rank:expr, $is_nan:expr, $to_bits:expr) => {
        impl Native for $native {
            type Arrow = $arrow;
            type Rank = $rank;
            const LOWEST: $rank = <$rank>::MIN;
            const HIGHEST: $rank = <$rank>::MAX;

            fn rank(self) -> $rank {
                $to_rank(self)
            }

            fn of_rank(rank: $rank) -> Self {
                $of_rank(rank)
            }

            fn is_nan(self) -> bool {
                $is_nan(self)
            }

            fn bits(self) -> u64 {
                let bits: $bits = $to_bits(self);
                u64::from(bits)
            }

            fn plain(self) -> Vec<u8> {
                self.to_le_bytes().to_vec()
            }

            fn append_plain(values: &[Self], out: &mut Vec<u8>) {
                if cfg!(target_endian = "little") {
                    out.extend_from_slice(values.to_byte_slice());
                } else {
                    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                }
            }
        }
    };
}

native!(
    i32,
    Int32Type,
    i32,
    u32,
    |v| v,
    |v| v,
    |_| false,
    |v: i32| v as u32
);
native!(
    i64,
    Int64Type,
    i64,
    u64,
    |v| v,
    |v| v,
    |_| false,
    |v: i64| v as u64
);
native!(
    f32,
    Float32Type,
    i32,
    u32,
    |v: f32| flip_32(v.to_bits() as i32),
    |rank: i32| f32::from_bits(flip_32(rank) as u32),
    f32::is_nan,
    f32::to_bits
);
native!(
    f64,
    Float64Type,
    i64,
    u64,
    |v: f64| flip_64(v.to_bits() as i64),
    |rank: i64| f64::from_bits(flip_64(rank) as u64),
    f64::is_nan,
    f64::to_bits
);

/// A float's bits to an integer in its order, and back: negative ones have their magnitude reversed.
fn flip_32(bits: i32) -> i32 {
    bits ^ ((bits >> 31) as u32 >> 1) as i32
}

fn flip_64(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// Encodes numbers.
pub struct NativeEncoder<T: Native> {
    plain: PlainValues,
    keys: Vec<u32>,
    dictionary: Option<Dictionary<T>>,
    extremes: Extremes<T>,
    /// Values brought together from where they are picked.
    gathered: Vec<T>,
}

impl<T: Native> NativeEncoder<T> {
    pub fn new(dictionary: bool) -> Self {
        Self {
            plain: PlainValues::default(),
            keys: Vec::new(),
            dictionary: dictionary.then(Dictionary::new),
            extremes: Extremes::none(),
            gathered: Vec::new(),
        }
    }

    fn put_values(&mut self, values: &[T]) {
        self.extremes.add(values);
        match &mut self.dictionary {
            Some(dictionary) => dictionary.keys_of(values, &mut self.keys),
            None => T::append_plain(values, self.plain.bytes()),
        }
    }
}

impl<T: Native> ValueEncoder for NativeEncoder<T> {
    fn put(&mut self, array: &dyn Array, picked: Picked<'_>) {
        let values = array.as_primitive::<T::Arrow>().values();
        match picked {
            Picked::Range(range) => self.put_values(&values[range]),
            Picked::Indices(indices) => {
                let mut gathered = std::mem::take(&mut self.gathered);
                gathered.clear();
                gathered.extend(indices.iter().map(|index| values[*index as usize]));
                self.put_values(&gathered);
                self.gathered = gathered;
            }
        }
    }

    fn page_bytes(&self) -> usize {
        self.plain.len() + self.keys.len() * 2
    }

    fn finish_page(&mut self, levels: &[u8], page: &mut PageBytes) -> PageValues {
        let encoding = match &self.dictionary {
            Some(dictionary) if !self.keys.is_empty() => {
                encode_keys(&self.keys, dictionary.values.len(), page.begin(levels));
                self.keys.clear();
                Encoding::RLE_DICTIONARY
            }
            _ => {
                self.plain.finish(levels, page);
                Encoding::PLAIN
            }
        };
        let extremes = std::mem::replace(&mut self.extremes, Extremes::none());
        PageValues {
            encoding,
            bounds: extremes.bounds(),
        }
    }

    fn dictionary_bytes(&self) -> usize {
        let values = self
            .dictionary
            .as_ref()
            .map(|dictionary| dictionary.values.len());
        values.unwrap_or(0) * T::WIDTH
    }

    fn end_dictionary(&mut self) -> Option<DictionaryPage> {
        let dictionary = self.dictionary.take()?;
        let mut bytes = Vec::new();
        T::append_plain(&dictionary.values, &mut bytes);
        let values = dictionary.values.len();
        (values > 0).then_some(DictionaryPage { bytes, values })
    }

    fn memory(&self) -> usize {
        let dictionary = self.dictionary.as_ref().map_or(0, Dictionary::memory);
        self.plain.memory() + 4 * self.keys.capacity() + dictionary
    }
}

/// The least and the greatest value of a page, and how many are no numbers.
struct Extremes<T: Native> {
    lowest: T::Rank,
    highest: T::Rank,
    nans: u64,
    some_nan: Option<T>,
}

impl<T: Native> Extremes<T> {
    fn none() -> Self {
        Self {
            lowest: T::HIGHEST,
            highest: T::LOWEST,
            nans: 0,
            some_nan: None,
        }
    }

    /// Not inlined, so that a profile tells what statistics cost.
    #[inline(never)]
    fn add(&mut self, values: &[T]) {
        let (mut lowest, mut highest, mut nans) = (self.lowest, self.highest, 0);
        for value in values {
            let (rank, nan) = (value.rank(), value.is_nan());
            lowest = lowest.min(if nan { T::HIGHEST } else { rank });
            highest = highest.max(if nan { T::LOWEST } else { rank });
            nans += u64::from(nan);
        }
        if nans > 0 && self.some_nan.is_none() {
            self.some_nan = values.iter().copied().find(|value| value.is_nan());
        }
        (self.lowest, self.highest) = (lowest, highest);
        self.nans += nans;
    }

    fn bounds(self) -> PageBounds {
        let numbers = self.lowest <= self.highest;
        let bounds = if numbers {
            Some((T::of_rank(self.lowest), T::of_rank(self.highest)))
        } else {
            self.some_nan.map(|nan| (nan, nan))
        };
        PageBounds {
            bounds: bounds.map(|(min, max)| Bounds {
                min: min.plain(),
                max: max.plain(),
            }),
            nans: self.nans,
        }
    }
}

/// Distinct values in the order of their first appearance, found again through an open-addressing hash
/// table of their keys.
struct Dictionary<T: Native> {
    values: Vec<T>,
    slots: Vec<u32>,
    /// Bits of a hash that do not tell the slot.
    shift: u32,
}

impl<T: Native> Dictionary<T> {
    fn new() -> Self {
        let mut dictionary = Self {
            values: Vec::new(),
            slots: Vec::new(),
            shift: 0,
        };
        dictionary.resize(SLOTS);
        dictionary
    }

    fn memory(&self) -> usize {
        self.values.capacity() * T::WIDTH + self.slots.capacity() * size_of::<u32>()
    }

    fn keys_of(&mut self, values: &[T], keys: &mut Vec<u32>) {
        let from = keys.len();
        keys.resize(from + values.len(), EMPTY);
        for (values, keys) in values.chunks(BLOCK).zip(keys[from..].chunks_mut(BLOCK)) {
            self.find(values, keys);
        }
    }

    /// Looks at the first slot of all values before it compares any: the processor fetches them side by
    /// side, and guesses no outcome. Values that are not there are then looked for one by one.
    fn find(&mut self, values: &[T], keys: &mut [u32]) {
        for (key, value) in keys.iter_mut().zip(values) {
            *key = self.slots[self.slot(value.bits())];
        }
        let mut elsewhere = [0; BLOCK];
        let mut count = 0;
        for (index, (value, key)) in values.iter().zip(&*keys).enumerate() {
            let known = self.values.get(*key as usize);
            let found = known.is_some_and(|known| known.bits() == value.bits());
            elsewhere[count] = index;
            count += usize::from(!found);
        }
        for index in &elsewhere[..count] {
            keys[*index] = self.key(values[*index]);
        }
    }

    fn key(&mut self, value: T) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = self.slot(value.bits());
        loop {
            let key = self.slots[slot];
            if key == EMPTY {
                return self.insert(value, slot);
            }
            if self.values[key as usize].bits() == value.bits() {
                return key;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn insert(&mut self, value: T, slot: usize) -> u32 {
        let key = self.values.len() as u32;
        self.values.push(value);
        self.slots[slot] = key;
        if self.values.len() * 2 > self.slots.len() {
            self.resize(self.slots.len() * 4);
        }
        key
    }

    /// `slots`: a power of two.
    fn resize(&mut self, slots: usize) {
        self.slots = vec![EMPTY; slots];
        self.shift = u64::BITS - slots.trailing_zeros();
        for (key, value) in self.values.iter().enumerate() {
            let mut slot = self.slot(value.bits());
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & (slots - 1);
            }
            self.slots[slot] = key as u32;
        }
    }

    /// Fibonacci hashing: the highest bits of a product.
    fn slot(&self, bits: u64) -> usize {
        let hash = (bits ^ (bits >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_tells_values_apart() {
        let value = |row: i64| (row * row) % 20_011 - 7_000;
        let values: Vec<i64> = (0..50_000).map(value).collect();
        let mut dictionary = Dictionary::new();
        let mut keys = Vec::new();
        for part in values.chunks(997) {
            dictionary.keys_of(part, &mut keys);
        }
        assert_eq!(keys.len(), values.len());
        for (key, value) in keys.iter().zip(&values) {
            assert_eq!(dictionary.values[*key as usize], *value);
        }
        let distinct: std::collections::HashSet<_> = values.iter().collect();
        assert_eq!(dictionary.values.len(), distinct.len());
        assert!(first_seen_in_order(&keys));
    }

    /// Whether no key comes before all lower ones have.
    fn first_seen_in_order(keys: &[u32]) -> bool {
        let mut next = 0;
        keys.iter().all(|key| {
            let fits = *key <= next;
            next += u32::from(*key == next);
            fits
        })
    }

    #[test]
    fn floats_keep_their_bits() {
        let other_nan = f64::from_bits(f64::NAN.to_bits() | 1);
        let values = [0.0, -0.0, f64::NAN, other_nan, 0.0, f64::NAN];
        let mut dictionary = Dictionary::new();
        let mut keys = Vec::new();
        dictionary.keys_of(&values, &mut keys);
        assert_eq!(keys, [0, 1, 2, 3, 0, 2]);
    }
}
