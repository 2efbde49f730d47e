//! Packs files into the partitions of a Spark job, as Spark packs its own file scans
//! (`FilePartition.getFilePartitions`): large files are cut, small ones share a partition.

use serde::{Deserialize, Serialize};

use super::files::DataFile;
use super::plan::encode;
use crate::error::{Error, Result};

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
}

/// A range of a file. The row groups whose middle lies in it belong to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Slice {
    pub file: DataFile,
    pub start: u64,
    pub length: u64,
}

/// Messages for [`super::read::TaskReader`], one a partition.
pub fn pack(files: &[u8], packing: &Packing) -> Result<Vec<Vec<u8>>> {
    let files: Vec<DataFile> = serde_json::from_slice(files)
        .map_err(|e| Error::internal("Cannot read the files of a scan").caused_by(e))?;
    let limit = packing.split_bytes(&files);
    let mut slices: Vec<Slice> = files.iter().flat_map(|file| cut(file, limit)).collect();
    slices.sort_by_key(|slice| std::cmp::Reverse(slice.length));
    let mut packed = Vec::new();
    let (mut open, mut bytes): (Vec<Slice>, u64) = (Vec::new(), 0);
    for slice in slices {
        if !open.is_empty() && bytes + slice.length > limit {
            packed.push(encode(&std::mem::take(&mut open))?);
            bytes = 0;
        }
        bytes += slice.length + packing.open_cost;
        open.push(slice);
    }
    if !open.is_empty() {
        packed.push(encode(&open)?);
    }
    Ok(packed)
}

impl Packing {
    /// Spark's `FilePartition.maxSplitBytes`.
    fn split_bytes(&self, files: &[DataFile]) -> u64 {
        let total: u64 = files.iter().map(|file| file.size + self.open_cost).sum();
        let per_core = total / self.min_partitions.max(1);
        self.max_bytes.min(self.open_cost.max(per_core)).max(1)
    }
}

fn cut(file: &DataFile, limit: u64) -> impl Iterator<Item = Slice> + '_ {
    (0..file.size.max(1).div_ceil(limit)).map(move |i| Slice {
        file: file.clone(),
        start: i * limit,
        length: limit.min(file.size - (i * limit).min(file.size)),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn file(size: u64) -> DataFile {
        DataFile {
            path: format!("{size}"),
            size,
            modified: 0,
            rows: None,
            partition_values: BTreeMap::new(),
            deletion_vector: None,
            base_row_id: None,
            default_row_commit_version: None,
        }
    }

    fn packed(sizes: &[u64], max_bytes: u64) -> Vec<Vec<(u64, u64)>> {
        let files: Vec<_> = sizes.iter().map(|size| file(*size)).collect();
        let packing = Packing {
            max_bytes,
            open_cost: 1,
            min_partitions: 1,
        };
        let partitions = pack(&encode(&files).unwrap(), &packing).unwrap();
        let slices = partitions
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
}
