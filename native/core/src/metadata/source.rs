//! Where the rows of a metadata table come from, and where they go.

use delta_kernel::KernelError;
use delta_kernel::snapshot::SnapshotRef;

use super::plan::MetadataRequest;
use crate::error::Error;
use crate::scan::plan::planner::read_error;
use crate::scan::task::batch::Batch;
use crate::storage::Storage;

/// Where rows come from.
pub struct Source<'a> {
    pub request: &'a MetadataRequest,
    pub storage: &'a Storage,
    pub snapshot: &'a SnapshotRef,
}

/// Takes batches until it returns false: nobody wants more.
pub type Emit<'a> = dyn FnMut(Batch) -> bool + 'a;

impl Source<'_> {
    /// The error of a column that the table, or the kind of metadata table, does not have.
    pub fn no_column(&self, name: &str) -> Error {
        Error::invalid(format!(
            "Cannot read column '{name}' of the {:?} of table {}: this version of the table has no such column; load \
             the table again to see its present schema",
            self.request.kind, self.request.table
        ))
        .class("DELTA_SCHEMA_CHANGE_SINCE_ANALYSIS")
    }

    /// A failure of the kernel to read the log.
    pub fn broken(&self, error: KernelError) -> Error {
        read_error(&self.request.table, self.snapshot.version(), error)
    }
}
