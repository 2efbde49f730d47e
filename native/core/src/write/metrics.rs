//! What a task tells of its work.

use std::time::Duration;

/// What a task has done so far.
#[derive(Debug, Default, Clone, Copy)]
pub struct TaskMetrics {
    /// Rows taken.
    pub rows: u64,
    /// Bytes of finished files.
    pub bytes: u64,
    /// Files begun.
    pub files: u64,
    /// Delta partitions seen.
    pub partitions: u64,
    /// Time in telling partitions apart and bringing their rows together.
    pub partitioning: Duration,
    /// Time in encoding and compressing.
    pub encoding: Duration,
    /// Time waiting for storage.
    pub storage: Duration,
    /// Memory held, in bytes.
    pub memory: u64,
}
