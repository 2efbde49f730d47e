//! Batches on their way to the JVM, and what hands them out.

use super::column::Column;
use crate::error::Result;

/// Rows handed out, which live until the next are asked for.
#[derive(Debug, Default)]
pub struct Batch {
    rows: usize,
    columns: Vec<Column>,
    /// Bytes that the columns keep in memory.
    memory: u64,
}

impl Batch {
    /// A batch whose values alone are in memory.
    pub fn of(rows: usize, columns: Vec<Column>) -> Self {
        let memory = columns.iter().map(|column| column.bytes(rows) as u64).sum();
        Self::holding(rows, columns, memory)
    }

    /// A batch that keeps so many bytes in memory.
    pub fn holding(rows: usize, columns: Vec<Column>, memory: u64) -> Self {
        Self {
            rows,
            columns,
            memory,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

/// Hands out batches, one after the other.
pub trait BatchReader: Send {
    /// Goes to the next rows; false at the end. The batch before is freed.
    fn next_batch(&mut self) -> Result<bool>;

    /// The rows it is at.
    fn batch(&self) -> &Batch;

    /// Bytes held in memory besides those of the batch.
    fn held(&self) -> u64;

    /// Bytes of column chunks fetched so far.
    fn bytes(&self) -> u64;
}

/// The bytes that reader and batch hold in memory, the count of rows, then each column as [`Column::describe`] has it.
pub fn describe(reader: &dyn BatchReader) -> Vec<i64> {
    let batch = reader.batch();
    let memory = i64::try_from(reader.held().saturating_add(batch.memory)).unwrap_or(i64::MAX);
    let mut description = vec![memory, batch.rows as i64];
    batch
        .columns
        .iter()
        .for_each(|column| column.describe(&mut description));
    description
}
