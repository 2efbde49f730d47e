//! Which columns are worth a dictionary. The encoder begins one for every column and gives it up only
//! when it outgrows its page, so columns whose values hardly repeat would pay for hashing each value,
//! and for a dictionary larger than the values. A sample of the first rows tells them apart.

use arrow::array::{Array, ArrayRef, AsArray as _};
use arrow::datatypes::DataType;

use super::encode::{DICTIONARY_BYTES, mean_bytes};

/// Values of a column looked at.
const SAMPLE: usize = 4096;
/// With fewer values nothing is concluded: such files are small anyway.
pub const ENOUGH: usize = 1024;

/// For every Parquet leaf of `columns`, in file order: whether its values repeat enough.
pub fn worthwhile(columns: &[ArrayRef]) -> Vec<bool> {
    let mut leaves = Vec::new();
    for column in columns {
        collect_leaves(column, &mut leaves);
    }
    leaves.iter().map(repeats).collect()
}

fn collect_leaves(array: &ArrayRef, leaves: &mut Vec<ArrayRef>) {
    match array.data_type() {
        DataType::Struct(_) => {
            let children = array.as_struct().columns();
            children
                .iter()
                .for_each(|child| collect_leaves(child, leaves));
        }
        DataType::List(_) => collect_leaves(array.as_list::<i32>().values(), leaves),
        DataType::Map(..) => {
            let entries = array.as_map().entries().columns();
            entries
                .iter()
                .for_each(|child| collect_leaves(child, leaves));
        }
        _ => leaves.push(array.clone()),
    }
}

/// Whether a dictionary of the column would fit its page, to judge by how often the sampled values
/// meet again: `n` values drawn from `d` make about `n²/2d` such meetings.
fn repeats(leaf: &ArrayRef) -> bool {
    let mut hashes = sample(leaf);
    let values = hashes.len();
    if values < ENOUGH {
        return true;
    }
    hashes.sort_unstable();
    let meetings = hashes.windows(2).filter(|pair| pair[0] == pair[1]).count();
    let distinct = values * values / (2 * meetings.max(1));
    distinct * mean_bytes(leaf) <= DICTIONARY_BYTES
}

/// Hashes of the first values that are not null.
fn sample(leaf: &ArrayRef) -> Vec<u64> {
    let valid = (0..leaf.len())
        .filter(|row| leaf.is_valid(*row))
        .take(SAMPLE);
    match leaf.data_type() {
        DataType::Binary => {
            let values = leaf.as_binary::<i32>();
            valid.map(|row| hash(values.value(row))).collect()
        }
        DataType::BinaryView => {
            let values = leaf.as_binary_view();
            valid.map(|row| hash(values.value(row))).collect()
        }
        kind => {
            let Some(width) = width(kind) else {
                return Vec::new();
            };
            let data = leaf.to_data();
            let bytes = &data.buffers()[0].as_slice()[data.offset() * width..];
            valid
                .map(|row| hash(&bytes[row * width..][..width]))
                .collect()
        }
    }
}

/// Bytes of each value, if all take the same.
fn width(kind: &DataType) -> Option<usize> {
    match kind {
        DataType::FixedSizeBinary(width) => usize::try_from(*width).ok(),
        kind => kind.primitive_width(),
    }
}

/// FNV-1a over words: to tell a few thousand values apart, nothing better is needed.
fn hash(value: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut words = value.chunks_exact(8);
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325 ^ value.len() as u64;
    let mut mix = |word: u64| hash = (hash ^ word).wrapping_mul(PRIME).rotate_left(29);
    for word in words.by_ref() {
        mix(word
            .iter()
            .rev()
            .fold(0, |all, byte| all << 8 | u64::from(*byte)));
    }
    let tail = words.remainder();
    mix(tail
        .iter()
        .rev()
        .fold(0, |all, byte| all << 8 | u64::from(*byte)));
    hash
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryArray, BooleanArray, Int64Array, StructArray};
    use arrow::datatypes::Field;

    use super::*;

    fn scattered(distinct: u64, rows: u64) -> Int64Array {
        let spread = |row: u64| row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        (0..rows)
            .map(|row| Some((spread(row) % distinct) as i64))
            .collect()
    }

    #[test]
    fn few_values_are_worth_it_and_unique_ones_are_not() {
        let verdict = |array: ArrayRef| worthwhile(&[array]);
        assert_eq!(verdict(Arc::new(scattered(7, 5000))), [true]);
        assert_eq!(verdict(Arc::new(scattered(20_000, 5000))), [true]);
        assert_eq!(verdict(Arc::new(scattered(u64::MAX, 5000))), [false]);
        assert_eq!(verdict(Arc::new(scattered(u64::MAX, 100))), [true]);
        let texts =
            |len: usize| BinaryArray::from_iter_values((0..4096).map(|i| format!("{i:0len$}")));
        assert_eq!(verdict(Arc::new(texts(40))), [false]);
        let nulls = Int64Array::from(vec![None::<i64>; 5000]);
        assert_eq!(verdict(Arc::new(nulls)), [true]);
        assert_eq!(
            verdict(Arc::new(BooleanArray::from(vec![true; 5000]))),
            [true]
        );
    }

    #[test]
    fn leaves_come_in_file_order_and_slices_are_respected() {
        let few: ArrayRef = Arc::new(scattered(3, 5000));
        let many: ArrayRef = Arc::new(scattered(u64::MAX, 5000));
        let field = |name: &str| Arc::new(Field::new(name, DataType::Int64, true));
        let nested = StructArray::from(vec![(field("a"), many.clone()), (field("b"), few.clone())]);
        assert_eq!(
            worthwhile(&[few.clone(), Arc::new(nested), many.clone()]),
            [true, false, true, false]
        );
        let tail: ArrayRef = Arc::new(
            arrow::compute::concat(&[&few, &many])
                .unwrap()
                .slice(5000, 5000),
        );
        assert_eq!(worthwhile(&[tail]), [false]);
    }
}
