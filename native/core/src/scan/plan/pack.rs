//! Packs files into the partitions of a Spark job, as Spark packs its own file scans
//! (`FilePartition.getFilePartitions`): large files are cut, small ones share a partition. With keys, only
//! those share one whose rows have the same key (Spark, `HasPartitionKey`).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::scan::files::DataFile;
use crate::scan::keys::{Key, key_columns, key_of};
use crate::scan::message::{FileList, Slice, encode};

/// Bytes of the partitions of a job.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Packing {
    /// Largest partition (spark.sql.files.maxPartitionBytes).
    max_bytes: u64,
    /// What opening a file costs, in bytes (spark.sql.files.openCostInBytes).
    open_cost: u64,
    /// Partitions that keep the cluster busy (spark.sql.files.minPartitionNum).
    min_partitions: u64,
    /// Partition columns of which a partition holds one value each; none if it may hold any.
    #[serde(default)]
    keys: Vec<String>,
}

/// The partitions of a job.
#[derive(Debug, Default)]
pub struct Packed {
    /// One a partition, empty without key columns.
    pub keys: Vec<Key>,
    /// Messages for [`crate::scan::task::read::TaskReader`].
    pub partitions: Vec<Vec<u8>>,
}

/// Packs the files of a scan.
///
/// Errors: those of [`key_of`].
pub fn pack(files: &[u8], packing: &Packing) -> Result<Packed> {
    let list: FileList = serde_json::from_slice(files)
        .map_err(|e| Error::internal("Cannot read the files of a scan").caused_by(e))?;
    let limit = packing.split_bytes(&list.files);
    let mut packed = Packed::default();
    for (key, files) in by_key(&list, &packing.keys)? {
        for slices in packing.pack_alike(&files, limit) {
            packed.partitions.push(encode(&slices)?);
            packed.keys.push(key.clone());
        }
    }
    Ok(packed)
}

fn by_key<'a>(list: &'a FileList, names: &[String]) -> Result<Vec<(Key, Vec<&'a DataFile>)>> {
    let columns = key_columns(names, &list.partitions)?;
    let mut groups: BTreeMap<String, (Key, Vec<&DataFile>)> = BTreeMap::new();
    for file in &list.files {
        let key = key_of(file, &columns)?;
        let group = groups.entry(serde_json::Value::from(key.clone()).to_string());
        group.or_insert_with(|| (key, Vec::new())).1.push(file);
    }
    Ok(groups.into_values().collect())
}

impl Packing {
    /// Spark's `FilePartition.maxSplitBytes`.
    fn split_bytes(&self, files: &[DataFile]) -> u64 {
        let total: u64 = files.iter().map(|file| file.size + self.open_cost).sum();
        let per_core = total / self.min_partitions.max(1);
        self.max_bytes.min(self.open_cost.max(per_core)).max(1)
    }

    /// The slices of each partition, none of more bytes than `limit` but for a single file's.
    fn pack_alike<'a>(&self, files: &[&'a DataFile], limit: u64) -> Vec<Vec<Slice<&'a DataFile>>> {
        let mut slices: Vec<Slice<_>> = files.iter().flat_map(|file| cut(file, limit)).collect();
        slices.sort_by_key(|slice| std::cmp::Reverse(slice.length));
        let (mut packed, mut bytes): (Vec<Vec<Slice<_>>>, u64) = (Vec::new(), 0);
        for slice in slices {
            match packed.last_mut().filter(|_| bytes + slice.length <= limit) {
                Some(open) => {
                    bytes += slice.length + self.open_cost;
                    open.push(slice);
                }
                None => {
                    bytes = slice.length + self.open_cost;
                    packed.push(vec![slice]);
                }
            }
        }
        packed
    }
}

fn cut(file: &DataFile, limit: u64) -> impl Iterator<Item = Slice<&DataFile>> {
    (0..file.size.max(1).div_ceil(limit)).map(move |i| Slice {
        file,
        start: i * limit,
        length: limit.min(file.size - (i * limit).min(file.size)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::keys::PartitionColumn;

    fn file(size: u64) -> DataFile {
        DataFile {
            number: 0,
            path: format!("{size}"),
            size,
            modified: 0,
            rows: None,
            partition_values: Vec::new(),
            deletion_vector: None,
            selected: None,
            change_type: None,
            base_row_id: None,
            default_row_commit_version: None,
        }
    }

    fn packing(max_bytes: u64, keys: &[&str]) -> Packing {
        Packing {
            max_bytes,
            open_cost: 1,
            min_partitions: 1,
            keys: keys.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn packed(sizes: &[u64], max_bytes: u64) -> Vec<Vec<(u64, u64)>> {
        let list = FileList {
            partitions: Vec::new(),
            files: sizes.iter().map(|size| file(*size)).collect(),
        };
        let packed = pack(&encode(&list).unwrap(), &packing(max_bytes, &[])).unwrap();
        let slices = packed
            .partitions
            .iter()
            .map(|bytes| serde_json::from_slice::<Vec<Slice>>(bytes).unwrap());
        slices
            .map(|slices| slices.iter().map(|s| (s.start, s.length)).collect())
            .collect()
    }

    #[test]
    fn large_files_are_cut_and_small_ones_share() {
        assert_eq!(
            packed(&[25, 3, 4], 10),
            [
                vec![(0, 10)],
                vec![(10, 10)],
                vec![(20, 5), (0, 4)],
                vec![(0, 3)]
            ]
        );
        assert_eq!(packed(&[], 10), Vec::<Vec<(u64, u64)>>::new());
    }

    #[test]
    fn only_files_of_one_key_share_a_partition() {
        let of = |value: Option<&str>, size| DataFile {
            partition_values: value
                .map(|value| ("col-p".to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            ..file(size)
        };
        let list = FileList {
            partitions: vec![PartitionColumn {
                name: "p".to_owned(),
                physical: "col-p".to_owned(),
                kind: delta_kernel::schema::PrimitiveType::Integer,
            }],
            files: vec![
                of(Some("1"), 3),
                of(None, 2),
                of(Some("1"), 9),
                of(Some("01"), 1),
            ],
        };
        let bytes = encode(&list).unwrap();
        let packed = pack(&bytes, &packing(10, &["p"])).unwrap();
        let one = || vec![serde_json::Value::from(1)];
        assert_eq!(packed.keys, [one(), one(), vec![serde_json::Value::Null]]);
        assert_eq!(pack(&bytes, &packing(100, &[])).unwrap().keys, [Key::new()]);
        assert!(pack(&bytes, &packing(10, &["id"])).is_err());
    }
}
