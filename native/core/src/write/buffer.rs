//! Rows waiting for their partitions. A batch that is spread over many partitions would be encoded a
//! few rows at a time, and each call of an encoder has its price; so such batches are copied here
//! until there is enough to hand every partition a worthwhile run of rows, found by counting, without
//! a sort.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, MutableArrayData, make_array};
use arrow::compute::interleave;

use super::partition::PartitionId;
use crate::error::{Error, Result};

/// Rows of a partition in one batch from which it is written at once.
const WORTHWHILE_RUN: usize = 512;
/// Bytes of rows at which the buffer is emptied.
const CAPACITY_BYTES: usize = 32 << 20;

/// Batches not written yet, and the partition of each of their rows.
#[derive(Debug, Default)]
pub struct PartitionBuffer {
    batches: Vec<Vec<ArrayRef>>,
    /// Partition by batch and row.
    partitions: Vec<Vec<PartitionId>>,
    bytes: usize,
}

/// Rows put into the order of their partitions: `columns` cut by `runs`.
#[derive(Debug)]
pub struct Clustered {
    pub columns: Vec<ArrayRef>,
    /// Partition and number of rows, in the order of `columns`.
    pub runs: Vec<(PartitionId, usize)>,
}

impl PartitionBuffer {
    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes a batch of rows with the partition of each; its buffers are only borrowed. Returns rows
    /// to be written now: those of this batch if its partitions have enough each, or of the whole
    /// buffer once it is full.
    pub fn push(
        &mut self,
        columns: &[ArrayRef],
        partitions: Vec<PartitionId>,
    ) -> Result<Option<Clustered>> {
        let counts = count(std::slice::from_ref(&partitions));
        let distinct = counts.iter().filter(|rows| **rows > 0).count();
        if partitions.len() / distinct.max(1) >= WORTHWHILE_RUN || distinct == 1 {
            return cluster(&[columns.to_vec()], &[partitions], &counts).map(Some);
        }
        let owned = columns.iter().map(copy).collect::<Result<Vec<_>>>()?;
        self.bytes += owned
            .iter()
            .map(|column| column.get_array_memory_size())
            .sum::<usize>();
        self.batches.push(owned);
        self.partitions.push(partitions);
        if self.bytes >= CAPACITY_BYTES {
            return self.drain();
        }
        Ok(None)
    }

    /// Everything that is left.
    pub fn drain(&mut self) -> Result<Option<Clustered>> {
        if self.batches.is_empty() {
            return Ok(None);
        }
        let batches = std::mem::take(&mut self.batches);
        let partitions = std::mem::take(&mut self.partitions);
        self.bytes = 0;
        cluster(&batches, &partitions, &count(&partitions)).map(Some)
    }
}

/// A copy that owns its memory.
fn copy(array: &ArrayRef) -> Result<ArrayRef> {
    let data = array.to_data();
    let mut copy = MutableArrayData::new(vec![&data], false, data.len());
    copy.try_extend(0, 0, data.len())
        .map_err(|e| Error::from_arrow("keep rows for their partition", e))?;
    Ok(make_array(copy.freeze()))
}

/// Rows by partition.
fn count(partitions: &[Vec<PartitionId>]) -> Vec<usize> {
    let highest = partitions.iter().flatten().max().map_or(0, |id| id + 1);
    let mut counts = vec![0; highest];
    for &id in partitions.iter().flatten() {
        counts[id] += 1;
    }
    counts
}

/// Counting sort by partition, stable, over all batches. `counts` are the rows by partition.
fn cluster(
    batches: &[Vec<ArrayRef>],
    partitions: &[Vec<PartitionId>],
    counts: &[usize],
) -> Result<Clustered> {
    let runs: Vec<_> = counts
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, rows)| *rows > 0)
        .collect();
    if let ([only], [_]) = (batches, runs.as_slice()) {
        let columns = only.iter().map(Arc::clone).collect();
        return Ok(Clustered { columns, runs });
    }
    let mut next: Vec<usize> = counts
        .iter()
        .scan(0, |start, rows| {
            Some(std::mem::replace(start, *start + rows))
        })
        .collect();
    let mut order = vec![(0, 0); counts.iter().sum()];
    for (batch, ids) in partitions.iter().enumerate() {
        for (row, &id) in ids.iter().enumerate() {
            order[next[id]] = (batch, row);
            next[id] += 1;
        }
    }
    let width = batches.first().map_or(0, Vec::len);
    let columns = (0..width).map(|column| {
        let parts: Vec<&dyn Array> = batches.iter().map(|batch| batch[column].as_ref()).collect();
        interleave(&parts, &order)
            .map_err(|e| Error::from_arrow("gather the rows of a partition", e))
    });
    Ok(Clustered {
        columns: columns.collect::<Result<_>>()?,
        runs,
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray as _, Int32Array};
    use arrow::datatypes::Int32Type;

    use super::*;

    fn column(values: Vec<i32>) -> Vec<ArrayRef> {
        vec![Arc::new(Int32Array::from(values))]
    }

    fn values(clustered: &Clustered) -> Vec<i32> {
        clustered.columns[0]
            .as_primitive::<Int32Type>()
            .values()
            .to_vec()
    }

    #[test]
    fn scattered_rows_wait_and_come_out_by_partition_in_order() {
        let mut buffer = PartitionBuffer::default();
        assert!(
            buffer
                .push(&column(vec![1, 2, 3]), vec![1, 0, 1])
                .unwrap()
                .is_none()
        );
        assert!(
            buffer
                .push(&column(vec![4, 5]), vec![0, 2])
                .unwrap()
                .is_none()
        );
        assert!(buffer.bytes() > 0);
        let all = buffer.drain().unwrap().unwrap();
        assert_eq!(values(&all), [2, 4, 1, 3, 5]);
        assert_eq!(all.runs, [(0, 2), (1, 2), (2, 1)]);
        assert_eq!(buffer.bytes(), 0);
        assert!(buffer.drain().unwrap().is_none());
    }

    #[test]
    fn rows_of_one_partition_are_written_at_once() {
        let mut buffer = PartitionBuffer::default();
        let now = buffer
            .push(&column(vec![1, 2]), vec![7, 7])
            .unwrap()
            .unwrap();
        assert_eq!((values(&now), now.runs), (vec![1, 2], vec![(7, 2)]));
    }

    #[test]
    fn long_runs_are_written_at_once() {
        let mut buffer = PartitionBuffer::default();
        let rows = 2 * WORTHWHILE_RUN;
        let ids = (0..rows).map(|row| row % 2).collect();
        let now = buffer
            .push(&column((0..rows as i32).collect()), ids)
            .unwrap()
            .unwrap();
        assert_eq!(now.runs, [(0, WORTHWHILE_RUN), (1, WORTHWHILE_RUN)]);
        assert_eq!(values(&now)[..2], [0, 2]);
    }
}
