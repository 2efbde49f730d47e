//! Which rows a statement touches, as tasks tell the driver: bitmaps by file.
//!
//! Layout, integers little-endian: `"SLUP"`, CRC-32 of all that follows (u32), then for each file its number (u64) and two
//! bitmaps, those deleted and those updated, each as its length (u32) and a 64-bit Roaring bitmap in its portable format.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

use crate::error::{Error, Result};

const MAGIC: &[u8; 4] = b"SLUP";

/// What happens to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    Deleted,
    /// Deleted where it is; its new values are written elsewhere.
    Updated,
}

/// The rows of a file that are touched, by their positions in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    pub deleted: RoaringTreemap,
    pub updated: RoaringTreemap,
}

/// The touched rows of files, by the number that the scan gave each file.
#[derive(Debug, Default, PartialEq)]
pub struct Positions {
    files: BTreeMap<u64, Rows>,
}

impl Rows {
    fn of(&mut self, touch: Touch) -> &mut RoaringTreemap {
        match touch {
            Touch::Deleted => &mut self.deleted,
            Touch::Updated => &mut self.updated,
        }
    }

    /// All of them.
    pub fn all(&self) -> RoaringTreemap {
        &self.deleted | &self.updated
    }

    /// Adds those that another task has touched. A row may be deleted twice, as it may match several rows of a source.
    ///
    /// Errors: InvalidInput if a row is updated twice, or updated and deleted
    /// (`DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE`).
    fn merge(&mut self, other: Self) -> Result<()> {
        let all = self.all();
        if !all.is_disjoint(&other.updated) || !self.updated.is_disjoint(&other.deleted) {
            return Err(twice());
        }
        self.deleted |= other.deleted;
        self.updated |= other.updated;
        Ok(())
    }
}

fn twice() -> Error {
    Error::invalid(
        "Cannot change a row of the table twice in one statement: several rows of the source match it; leave one of them \
         in the source for each row of the table",
    )
    .class("DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE")
}

impl Positions {
    /// Adds rows: pairs of a file's number and a position in the file.
    ///
    /// Errors: as [`Rows::merge`] for a row that is updated twice; Internal for negative numbers.
    pub fn add(&mut self, touch: Touch, pairs: &[[i64; 2]]) -> Result<()> {
        for run in pairs.chunk_by(|one, next| one[0] == next[0]) {
            let rows = self.files.entry(number(run[0][0])?).or_default();
            for [_, position] in run {
                let is_new = rows.of(touch).insert(number(*position)?);
                if touch == Touch::Updated && !is_new {
                    return Err(twice());
                }
            }
        }
        Ok(())
    }

    /// Adds what another task has touched.
    ///
    /// Errors: InvalidInput if a row is updated twice, or updated and deleted.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        for (file, rows) in other.files {
            self.files.entry(file).or_default().merge(rows)?;
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// By the number of the file.
    pub fn into_files(self) -> BTreeMap<u64, Rows> {
        self.files
    }

    /// Serializes them.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        for (file, rows) in &self.files {
            body.extend_from_slice(&file.to_le_bytes());
            for bitmap in [&rows.deleted, &rows.updated] {
                body.extend_from_slice(&(bitmap.serialized_size() as u32).to_le_bytes());
                bitmap.serialize_into(&mut body).map_err(|e| {
                    Error::internal("Cannot encode the rows that a task touched").caused_by(e)
                })?;
            }
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    /// Reads back what [`encode`](Self::encode) has made.
    ///
    /// Errors: Internal for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let body = bytes.strip_prefix(MAGIC).and_then(|rest| {
            let (crc, body) = rest.split_first_chunk::<4>()?;
            (u32::from_le_bytes(*crc) == crc32fast::hash(body)).then_some(body)
        });
        let files = body.and_then(files);
        let files = files.ok_or_else(|| {
            Error::internal("Cannot read the rows that a task touched: they are damaged")
        })?;
        Ok(Self { files })
    }
}

fn files(mut body: &[u8]) -> Option<BTreeMap<u64, Rows>> {
    let mut files = BTreeMap::new();
    while !body.is_empty() {
        let (number, rest) = body.split_first_chunk::<8>()?;
        body = rest;
        let rows = Rows {
            deleted: bitmap(&mut body)?,
            updated: bitmap(&mut body)?,
        };
        files.insert(u64::from_le_bytes(*number), rows);
    }
    Some(files)
}

fn bitmap(body: &mut &[u8]) -> Option<RoaringTreemap> {
    let (length, rest) = body.split_first_chunk::<4>()?;
    let (bitmap, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *body = rest;
    RoaringTreemap::deserialize_from(bitmap).ok()
}

fn number(value: i64) -> Result<u64> {
    value
        .try_into()
        .map_err(|e| Error::internal(format!("Cannot change row {value} of a file")).caused_by(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(deleted: &[[i64; 2]], updated: &[[i64; 2]]) -> Positions {
        let mut positions = Positions::default();
        positions.add(Touch::Deleted, deleted).unwrap();
        positions.add(Touch::Updated, updated).unwrap();
        positions
    }

    #[test]
    fn positions_survive_the_way_to_the_driver() {
        let positions = of(&[[0, 1], [0, 7], [3, 1 << 40]], &[[3, 2]]);
        let read = Positions::decode(&positions.encode().unwrap()).unwrap();
        assert_eq!(read, positions);
        let none = Positions::decode(&Positions::default().encode().unwrap());
        assert!(none.unwrap().is_empty());
    }

    #[test]
    fn damaged_positions_are_refused() {
        let mut bytes = of(&[[0, 1]], &[]).encode().unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(Positions::decode(&bytes).is_err());
        assert!(Positions::decode(b"SLU").is_err());
    }

    #[test]
    fn rows_of_several_tasks_come_together() {
        let mut merged = of(&[[0, 1], [1, 1]], &[[1, 2]]);
        merged.merge(of(&[[0, 1], [0, 2]], &[[1, 3]])).unwrap();
        assert_eq!(merged, of(&[[0, 1], [0, 2], [1, 1]], &[[1, 2], [1, 3]]));
    }

    #[test]
    fn no_row_is_changed_twice() {
        let class = |other| of(&[[0, 1]], &[[0, 2]]).merge(other).unwrap_err().class;
        let expected = "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE";
        assert_eq!(class(of(&[], &[[0, 2]])), expected);
        assert_eq!(class(of(&[[0, 2]], &[])), expected);
        assert_eq!(class(of(&[], &[[0, 1]])), expected);
        assert!(
            Positions::default()
                .add(Touch::Updated, &[[0, 1], [0, 1]])
                .is_err()
        );
    }
}
