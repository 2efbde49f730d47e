//! Parquet's hybrid of run-length encoding and bit packing (Parquet format, "Run Length Encoding /
//! Bit-Packing Hybrid"), for levels and dictionary keys.

/// Values of a group: bit-packed runs are made of whole groups.
const GROUP: usize = 8;

/// Bits that hold every number up to `highest`.
pub fn width(highest: u32) -> u32 {
    u32::BITS - highest.leading_zeros()
}

/// Appends `values`, each of at most `width` bits. Eight equal ones in a row become a run.
pub fn encode<T: Packed>(values: &[T], width: u32, out: &mut Vec<u8>) {
    let mut packed = 0;
    let mut at = 0;
    while at < values.len() {
        let run = equal_group(&values[at..]);
        if run == 0 {
            at = (at + GROUP).min(values.len());
            continue;
        }
        pack(&values[packed..at], width, out);
        repeat(values[at].into(), run, width, out);
        at += run;
        packed = at;
    }
    pack(&values[packed..], width, out);
}

/// Appends a run of `count` times `value`.
pub fn repeat(value: u32, count: usize, width: u32, out: &mut Vec<u8>) {
    if count > 0 {
        varint((count as u64) << 1, out);
        out.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
    }
}

/// Length of the run that `values` begin with, or 0 if it is shorter than a group.
fn equal_group<T: Packed>(values: &[T]) -> usize {
    let Some((group, rest)) = values.split_first_chunk::<GROUP>() else {
        return 0;
    };
    let first = group[0];
    if group[1..].iter().any(|value| *value != first) {
        return 0;
    }
    GROUP + rest.iter().take_while(|value| **value == first).count()
}

/// Numbers that can be packed.
pub trait Packed: Copy + PartialEq + Into<u32> {
    /// Eight values of at most `width` bits, side by side from the lowest bit on; `width` is at most 16.
    fn side_by_side(group: &[Self; GROUP], width: u32) -> u128;
}

impl Packed for u8 {
    /// In one register: neighbours are moved together, then pairs, then fours.
    fn side_by_side(group: &[u8; GROUP], width: u32) -> u128 {
        let bytes = u64::from_le_bytes(*group);
        let gap = u8::BITS - width.min(u8::BITS);
        let pairs = (bytes & 0x00ff_00ff_00ff_00ff) | (bytes & 0xff00_ff00_ff00_ff00) >> gap;
        let fours = (pairs & 0x0000_ffff_0000_ffff) | (pairs & 0xffff_0000_ffff_0000) >> (2 * gap);
        let low = fours & 0xffff_ffff;
        let high = fours >> u32::BITS;
        u128::from(low | high << (4 * (u8::BITS - gap)))
    }
}

impl Packed for u32 {
    fn side_by_side(group: &[u32; GROUP], width: u32) -> u128 {
        let pair = |at: usize| u64::from(group[at]) | u64::from(group[at + 1]) << width;
        let four = |at: usize| pair(at) | pair(at + 2) << (2 * width);
        u128::from(four(0)) | u128::from(four(4)) << (4 * width)
    }
}

/// Appends a bit-packed run; the last group is filled up with zeros.
fn pack<T: Packed>(values: &[T], width: u32, out: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    let groups = values.len().div_ceil(GROUP);
    varint((groups as u64) << 1 | 1, out);
    if width <= u16::BITS {
        pack_groups(values, width, out);
    } else {
        pack_each(values, width, out);
    }
}

/// Group by group; each is written with what follows it still open.
fn pack_groups<T: Packed>(values: &[T], width: u32, out: &mut Vec<u8>) {
    const WORD: usize = size_of::<u128>();
    let bytes = width as usize;
    let (groups, rest) = values.as_chunks::<GROUP>();
    let mut at = out.len();
    let end = at + values.len().div_ceil(GROUP) * bytes;
    out.resize(end + WORD, 0);
    for group in groups {
        let packed = T::side_by_side(group, width).to_le_bytes();
        out[at..at + WORD].copy_from_slice(&packed);
        at += bytes;
    }
    out.truncate(at);
    let last = (0..).zip(rest).fold(0, |packed, (index, value)| {
        let value: u32 = (*value).into();
        packed | u128::from(value) << (index * width)
    });
    out.extend_from_slice(&last.to_le_bytes()[..end - at]);
}

/// Value by value, for wider ones.
fn pack_each<T: Packed>(values: &[T], width: u32, out: &mut Vec<u8>) {
    const WORD: usize = size_of::<u64>();
    let mut at = out.len();
    out.resize(at + values.len().div_ceil(GROUP) * width as usize, 0);
    let (mut word, mut bits) = (0, 0);
    for value in values {
        let value: u32 = (*value).into();
        let value = u64::from(value);
        word |= value << bits;
        bits += width;
        if bits >= u64::BITS {
            out[at..at + WORD].copy_from_slice(&word.to_le_bytes());
            at += WORD;
            bits -= u64::BITS;
            word = value >> (width - bits);
        }
    }
    let last = bits.div_ceil(8) as usize;
    out[at..at + last].copy_from_slice(&word.to_le_bytes()[..last]);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the format's description says, as plainly as can be.
    fn decode(bytes: &[u8], width: u32, count: usize) -> Vec<u32> {
        let mut values = Vec::new();
        let mut at = 0;
        while values.len() < count {
            let (mut header, mut shift) = (0_u64, 0);
            loop {
                header |= u64::from(bytes[at] & 0x7f) << shift;
                shift += 7;
                at += 1;
                if bytes[at - 1] & 0x80 == 0 {
                    break;
                }
            }
            if header & 1 == 0 {
                let size = width.div_ceil(8) as usize;
                let value = (0..size).map(|i| u32::from(bytes[at + i]) << (8 * i)).sum();
                values.resize(values.len() + (header >> 1) as usize, value);
                at += size;
            } else {
                let packed = (header >> 1) as usize * GROUP;
                let bit = |n: usize| u32::from(bytes[at + n / 8] >> (n % 8) & 1);
                let width = width as usize;
                values.extend(
                    (0..packed).map(|i| (0..width).map(|b| bit(i * width + b) << b).sum::<u32>()),
                );
                at += packed * width / 8;
            }
        }
        assert_eq!(at, bytes.len());
        values.truncate(count);
        values
    }

    #[test]
    fn comes_back_in_every_width() {
        for highest in [0, 1, 2, 5, 255, 256, 70_000, u32::MAX >> 1] {
            let width = width(highest);
            for count in [0, 1, 7, 8, 9, 100, 1000] {
                let mixed: Vec<u32> = (0..count)
                    .map(|i: u32| match i / 50 % 3 {
                        0 => highest,
                        1 => (u64::from(i) * 7919 % (u64::from(highest) + 1)) as u32,
                        _ => 0,
                    })
                    .collect();
                let mut bytes = Vec::new();
                encode(&mixed, width, &mut bytes);
                assert_eq!(
                    decode(&bytes, width, mixed.len()),
                    mixed,
                    "{highest} {count}"
                );
            }
        }
    }

    #[test]
    fn levels_come_back_in_every_width() {
        for width in 1..=u8::BITS {
            let mask = u8::MAX >> (u8::BITS - width);
            let levels: Vec<u8> = (0..1003_u32)
                .map(|i| (i.wrapping_mul(2_654_435_761) >> 16) as u8 & mask)
                .collect();
            let mut bytes = Vec::new();
            encode(&levels, width, &mut bytes);
            let expected: Vec<u32> = levels.iter().map(|level| u32::from(*level)).collect();
            assert_eq!(decode(&bytes, width, levels.len()), expected, "{width}");
        }
    }

    #[test]
    fn runs_take_two_bytes() {
        let mut bytes = Vec::new();
        encode(&[1_u8; 60], 1, &mut bytes);
        assert_eq!(bytes, [120, 1]);
    }
}
