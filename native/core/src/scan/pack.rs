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
