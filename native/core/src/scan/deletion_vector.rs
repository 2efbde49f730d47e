//! Deletion vectors: which rows of a file are no more (Delta protocol, "Deletion Vectors"). Of a file that holds many of
//! them, only the part is fetched that is wanted.

use std::ops::Range;

use bytes::Bytes;
use delta_kernel::actions::deletion_vector::DeletionVectorDescriptor;
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Storage, StorageOptions};

/// Version of the format of files of vectors, their first byte.
const FILE_VERSION: u8 = 1;
/// First bytes of a bitmap in the portable format, little-endian.
const PORTABLE: [u8; 4] = 1_681_511_377_u32.to_le_bytes();
/// Where the first vector of a file begins.
const FIRST: i32 = 1;
/// Bytes of a size, and of a checksum.
const NUMBER: usize = 4;

/// Delta protocol, "Deletion Vector Descriptor Schema".
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletionVector {
    pub storage_type: String,
    pub path_or_inline_dv: String,
    pub offset: Option<i32>,
    pub size_in_bytes: i32,
    pub cardinality: i64,
}

impl DeletionVector {
    /// A vector of these rows that the descriptor itself holds.
    ///
    /// Errors: Internal if it cannot be encoded.
    pub fn inline(rows: &RoaringTreemap) -> Result<Self> {
        let broken = || Error::internal("Cannot encode a deletion vector");
        let mut bytes = PORTABLE.to_vec();
        rows.serialize_into(&mut bytes)
            .map_err(|e| broken().caused_by(e))?;
        let size_in_bytes = i32::try_from(bytes.len()).map_err(|e| broken().caused_by(e))?;
        // Four bytes become five characters.
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        Ok(Self {
            storage_type: "i".to_owned(),
            path_or_inline_dv: z85::encode(&bytes),
            offset: None,
            size_in_bytes,
            cardinality: rows.len() as i64,
        })
    }

    /// The deleted rows. `storage` is that of the table, which `options` reach; `file` is whose rows they are, for messages.
    ///
    /// Errors: CorruptTable for what is no vector, or not this one; those of storage.
    pub fn read(
        &self,
        storage: &Storage,
        options: &StorageOptions,
        file: &str,
    ) -> Result<RoaringTreemap> {
        let action = format!("read the deletion vector of {file}");
        let rows = match self.url(&storage.url, &action)? {
            None => self.inlined(),
            Some(url) => {
                let reached = storage.reaching(&url, options)?;
                self.stored(&self.fetch(&reached, &url, &action)?)
            }
        };
        rows.filter(|rows| rows.len() == self.cardinality.max(0) as u64)
            .ok_or_else(|| {
                let problem = format!("Cannot {action}: it is damaged; restore its file");
                Error::new(ErrorKind::CorruptTable, problem)
                    .class("DELTA_DELETION_VECTOR_CHECKSUM_MISMATCH")
            })
    }

    /// Where the vector lies, if in a file; `root` is the table's.
    fn url(&self, root: &Url, action: &str) -> Result<Option<Url>> {
        let kind = self.storage_type.parse();
        let descriptor = kind.and_then(|kind| {
            let path = self.path_or_inline_dv.clone();
            DeletionVectorDescriptor::try_new(
                kind,
                path,
                self.offset,
                self.size_in_bytes,
                self.cardinality,
            )
        });
        descriptor
            .and_then(|descriptor| descriptor.absolute_path(root))
            .map_err(|e| Error::from_kernel(action, e))
    }

    /// The version of the file, and the vector with its size and checksum.
    fn fetch(&self, storage: &Storage, url: &Url, action: &str) -> Result<Vec<Bytes>> {
        let start = u64::try_from(self.offset.unwrap_or(FIRST)).unwrap_or(0);
        let size = u64::try_from(self.size_in_bytes).unwrap_or(0);
        let ranges: [Range<u64>; 2] = [0..1, start..start + size + 2 * NUMBER as u64];
        let path = storage.path_of(url)?;
        storage
            .block_on(storage.store.get_ranges(&path, &ranges))?
            .map_err(|e| Error::from_storage(action, e))
    }

    fn stored(&self, fetched: &[Bytes]) -> Option<RoaringTreemap> {
        let [version, bytes] = fetched else {
            return None;
        };
        let (size, rest) = bytes.split_first_chunk::<NUMBER>()?;
        let (data, checksum) = rest.split_last_chunk::<NUMBER>()?;
        let is_sound = version.first() == Some(&FILE_VERSION)
            && i32::from_be_bytes(*size) == self.size_in_bytes
            && data.len() == usize::try_from(self.size_in_bytes).ok()?
            && u32::from_be_bytes(*checksum) == crc32fast::hash(data);
        is_sound.then_some(data).and_then(bitmap)
    }

    fn inlined(&self) -> Option<RoaringTreemap> {
        let data = z85::decode(&self.path_or_inline_dv).ok()?;
        bitmap(&data)
    }
}

fn bitmap(data: &[u8]) -> Option<RoaringTreemap> {
    RoaringTreemap::deserialize_from(data.strip_prefix(&PORTABLE)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inlined_vectors_are_read_back() {
        for rows in [vec![], vec![0], vec![1, 5, 1 << 33], (0..9999).collect()] {
            let rows: RoaringTreemap = rows.into_iter().collect();
            let vector = DeletionVector::inline(&rows).unwrap();
            assert_eq!(vector.inlined(), Some(rows));
        }
    }

    #[test]
    fn damaged_vectors_are_noticed() {
        let rows: RoaringTreemap = [1, 5].into_iter().collect();
        let mut data = PORTABLE.to_vec();
        rows.serialize_into(&mut data).unwrap();
        let vector = DeletionVector {
            size_in_bytes: data.len() as i32,
            ..DeletionVector::inline(&rows).unwrap()
        };
        let mut stored = (data.len() as i32).to_be_bytes().to_vec();
        stored.extend_from_slice(&data);
        stored.extend_from_slice(&crc32fast::hash(&data).to_be_bytes());
        let read = |version: u8, stored: &[u8]| {
            vector.stored(&[Bytes::from(vec![version]), Bytes::copy_from_slice(stored)])
        };
        assert_eq!(read(1, &stored), Some(rows));
        assert_eq!(read(2, &stored), None);
        assert_eq!(read(1, &stored[..stored.len() - 1]), None);
        for byte in 0..stored.len() {
            let mut flipped = stored.clone();
            flipped[byte] ^= 1;
            assert_eq!(read(1, &flipped), None, "byte {byte}");
        }
    }
}
