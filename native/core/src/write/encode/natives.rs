//! Numbers: INT32, INT64, FLOAT and DOUBLE.

use arrow::array::{Array, ArrowPrimitiveType, AsArray as _};
use arrow::datatypes::{ArrowNativeType, Float32Type, Float64Type, Int32Type, Int64Type};
use parquet::basic::Encoding;

use super::bounds::{Bounds, PageBounds};
use super::values::{DictionaryPage, PageValues, Picked, ValueEncoder, encode_keys};

/// Marks a slot of the hash table that holds no key.
const EMPTY: u32 = u32::MAX;
/// Slots of a new hash table.
const SLOTS: usize = 1 << 10;

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
                let from = out.len();
                out.resize(from + values.len() * Self::WIDTH, 0);
                let slots = out[from..].chunks_exact_mut(Self::WIDTH);
                for (slot, value) in slots.zip(values) {
                    slot.copy_from_slice(&value.to_le_bytes());
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
    plain: Vec<u8>,
    keys: Vec<u32>,
    dictionary: Option<Dictionary<T>>,
    extremes: Extremes<T>,
    /// Values brought together from where they are picked.
    gathered: Vec<T>,
}

impl<T: Native> NativeEncoder<T> {
    pub fn new(dictionary: bool) -> Self {
        Self {
            plain: Vec::new(),
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
            None => T::append_plain(values, &mut self.plain),
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

    fn finish_page(&mut self, out: &mut Vec<u8>) -> PageValues {
        let encoding = match &self.dictionary {
            Some(dictionary) if !self.keys.is_empty() => {
                encode_keys(&self.keys, dictionary.values.len(), out);
                self.keys.clear();
                Encoding::RLE_DICTIONARY
            }
            _ => {
                out.extend_from_slice(&self.plain);
                self.plain.clear();
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
        self.plain.capacity() + 4 * self.keys.capacity() + dictionary
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
    /// The key found last: values that come in runs need no look-up.
    last: (u64, u32),
}

impl<T: Native> Dictionary<T> {
    fn new() -> Self {
        Self {
            values: Vec::new(),
            slots: vec![EMPTY; SLOTS],
            last: (0, EMPTY),
        }
    }

    fn memory(&self) -> usize {
        self.values.capacity() * T::WIDTH + self.slots.capacity() * size_of::<u32>()
    }

    fn keys_of(&mut self, values: &[T], keys: &mut Vec<u32>) {
        keys.reserve(values.len());
        for value in values {
            let bits = value.bits();
            if bits != self.last.0 || self.last.1 == EMPTY {
                self.last = (bits, self.key(*value, bits));
            }
            keys.push(self.last.1);
        }
    }

    fn key(&mut self, value: T, bits: u64) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = self.slot(bits);
        loop {
            let key = self.slots[slot];
            if key == EMPTY {
                return self.insert(value, slot);
            }
            if self.values[key as usize].bits() == bits {
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
            self.grow();
        }
        key
    }

    fn grow(&mut self) {
        self.slots = vec![EMPTY; self.slots.len() * 4];
        let mask = self.slots.len() - 1;
        for (key, value) in self.values.iter().enumerate() {
            let mut slot = self.slot(value.bits());
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = key as u32;
        }
    }

    /// Fibonacci hashing: the highest bits of a product.
    fn slot(&self, bits: u64) -> usize {
        let hash = (bits ^ (bits >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> (u64::BITS - self.slots.len().trailing_zeros())) as usize
    }
}
