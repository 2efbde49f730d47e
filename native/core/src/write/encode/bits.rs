//! Parquet's hybrid of run-length encoding and bit packing (Parquet format, "Run Length Encoding /
//! Bit-Packing Hybrid"), for levels and dictionary keys.

/// Values of a group: bit-packed runs are made of whole groups.
const GROUP: usize = 8;

/// Bits that hold every number up to `highest`.
pub fn width(highest: u32) -> u32 {
    u32::BITS - highest.leading_zeros()
}

/// Appends `values`, each of at most `width` bits. Eight equal ones in a row become a run.
pub fn encode<T: Copy + PartialEq + Into<u32>>(values: &[T], width: u32, out: &mut Vec<u8>) {
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
fn equal_group<T: Copy + PartialEq>(values: &[T]) -> usize {
    let Some((group, rest)) = values.split_first_chunk::<GROUP>() else {
        return 0;
    };
    let first = group[0];
    if group[1..].iter().any(|value| *value != first) {
        return 0;
    }
    GROUP + rest.iter().take_while(|value| **value == first).count()
}

/// Appends a bit-packed run; the last group is filled up with zeros.
fn pack<T: Copy + Into<u32>>(values: &[T], width: u32, out: &mut Vec<u8>) {
    const WORD: usize = size_of::<u64>();
    if values.is_empty() {
        return;
    }
    let groups = values.len().div_ceil(GROUP);
    varint((groups as u64) << 1 | 1, out);
    let mut at = out.len();
    out.resize(at + groups * width as usize, 0);
    let (mut word, mut bits) = (0, 0);
    for value in values {
        let value: u64 = u64::from((*value).into());
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
    fn runs_take_two_bytes() {
        let mut bytes = Vec::new();
        encode(&[1_u8; 60], 1, &mut bytes);
        assert_eq!(bytes, [120, 1]);
    }
}
