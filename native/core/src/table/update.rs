//! The kernel's transactions on a table that there is.

use delta_kernel::committer::FileSystemCommitter;
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::{Transaction, UpdateTableOperation, UpdateTableTransactionBuilder};

use super::view::{self, Change};
use crate::error::{Error, Result};
use crate::storage::Storage;
use crate::version::ENGINE_INFO;

/// Begins a transaction on `snapshot`, through the view that the change takes.
///
/// Errors: those of [`view::writable`].
pub fn update(
    table: &str,
    snapshot: &SnapshotRef,
    change: Change,
    operation: UpdateTableOperation,
    engine_info: &str,
) -> Result<UpdateTableTransactionBuilder> {
    let view = view::writable(table, snapshot, change)?;
    Ok(view.update_table(operation, engine_info, true))
}

/// A transaction that is never committed: it tells whether and how a table's files are written.
///
/// Errors: UnsupportedTable, or what else the kernel refuses the table for.
pub fn planned(
    table: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
    change: Change,
) -> Result<Transaction> {
    let write = UpdateTableOperation::Write;
    let mut transaction = update(table, snapshot, change, write, ENGINE_INFO)?
        .build(
            storage.engine.as_ref(),
            Box::new(FileSystemCommitter::new()),
        )
        .map_err(|e| Error::from_kernel(&format!("write to table {table}"), e))?;
    transaction.ack_column_defaults();
    Ok(transaction)
}
