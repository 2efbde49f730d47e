//! Values in plain encoding, gathered where their page will begin: the levels that come before them are put
//! into room kept free for them, so that large pages are not copied.

/// Room for levels, in bytes: enough where none or all values are null, which takes but a run.
const ROOM: usize = 32;

/// Plain values of the open page.
#[derive(Default)]
pub struct PlainValues {
    /// The room, then the values; or nothing.
    bytes: Vec<u8>,
}

impl PlainValues {
    /// Where values are to be appended.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        if self.bytes.is_empty() {
            self.bytes.resize(ROOM, 0);
        }
        &mut self.bytes
    }

    /// Size of the values, in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len().saturating_sub(ROOM)
    }

    /// Memory held, in bytes.
    pub fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// Fills `page` with `levels` and the values, and begins the next page in the memory it had.
    pub fn finish(&mut self, levels: &[u8], page: &mut PageBytes) {
        let values = self.bytes();
        if let Some(start) = ROOM.checked_sub(levels.len()) {
            values[start..ROOM].copy_from_slice(levels);
            std::mem::swap(values, &mut page.bytes);
            page.start = start;
        } else {
            let bytes = page.begin(levels);
            bytes.extend_from_slice(&values[ROOM..]);
        }
        self.bytes.clear();
    }
}

/// A page before it is compressed.
#[derive(Default)]
pub struct PageBytes {
    bytes: Vec<u8>,
    start: usize,
}

impl PageBytes {
    /// Clears the page but for `levels`. Values are to be appended.
    pub fn begin(&mut self, levels: &[u8]) -> &mut Vec<u8> {
        self.start = 0;
        self.bytes.clear();
        self.bytes.extend_from_slice(levels);
        &mut self.bytes
    }

    /// Levels and values.
    pub fn get(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Memory held, in bytes.
    pub fn memory(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_come_before_the_values() {
        let mut values = PlainValues::default();
        let mut page = PageBytes::default();
        for levels in [0, 1, ROOM, ROOM + 1, 1000, 3] {
            let levels = vec![7; levels];
            values.bytes().extend_from_slice(b"some");
            values.bytes().extend_from_slice(b" values");
            assert_eq!(values.len(), 11);
            values.finish(&levels, &mut page);
            assert_eq!(page.get(), [&levels[..], b"some values"].concat());
            assert_eq!(values.len(), 0);
        }
        values.finish(&[1], &mut page);
        assert_eq!(page.get(), [1]);
    }
}
