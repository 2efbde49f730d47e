//! Writes that are made once, however often they are tried (Delta protocol, "Transaction Identifiers").

use delta_kernel::snapshot::SnapshotRef;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::storage::Storage;
use crate::table::view;

/// Application id and version of an idempotent write (Delta's `txn` action).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppTransaction {
    pub app_id: String,
    pub version: i64,
}

impl AppTransaction {
    /// The version of `snapshot` if the transaction, or a later one of its application, was committed before.
    ///
    /// Errors: CorruptTable if the log cannot be read, Storage if it cannot be reached.
    pub fn applied(
        &self,
        table: &str,
        storage: &Storage,
        snapshot: &SnapshotRef,
    ) -> Result<Option<u64>> {
        let last = view::spelled(table, snapshot)?
            .get_app_id_version(&self.app_id, storage.engine.as_ref())
            .map_err(|e| Error::from_kernel(&format!("read the transactions of {table}"), e))?;
        Ok(last
            .filter(|last| *last >= self.version)
            .map(|_| snapshot.version()))
    }
}
