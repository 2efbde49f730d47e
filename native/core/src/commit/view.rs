//! Tables that the kernel refuses to write for what their protocol lists, though the rows we write
//! keep its rules: CHECK constraints, generated and identity columns, and the legacy writer versions
//! that stand for them. For those the kernel's transactions are given a view of the snapshot that
//! does not speak of these features.
//!
//! A view serves transactions and checkpoints, which take protocol and metadata from the log and not
//! from it. Snapshots that come out of it are views, too, and must not be kept.

use std::sync::Arc;

use delta_kernel::actions::Metadata;
use delta_kernel::snapshot::{Snapshot, SnapshotRef};
use delta_kernel::table_configuration::TableConfiguration;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::properties::{Meaning, meaning};
use crate::protocol::Protocol;

/// Writer features that the kernel refuses wherever they are listed.
const REFUSED: [&str; 3] = ["checkConstraints", "generatedColumns", "identityColumns"];

/// Whether the kernel writes the table only through a view.
pub fn is_needed(snapshot: &SnapshotRef) -> bool {
    let protocol = Protocol::of(snapshot.table_configuration().protocol());
    REFUSED.iter().any(|feature| protocol.supports(feature))
}

/// The snapshot that the kernel's transactions on a table are to be built from.
///
/// Errors: UnsupportedTable or Internal if there is no such view of the table.
pub fn writable(table: &str, snapshot: &SnapshotRef) -> Result<SnapshotRef> {
    if !is_needed(snapshot) {
        return Ok(snapshot.clone());
    }
    let broken = |e| Error::from_kernel(&format!("write to table {table}"), e);
    let real = snapshot.table_configuration();
    let protocol = Protocol::of(real.protocol()).without(&REFUSED).action();
    let protocol = serde_json::from_value(protocol)
        .map_err(|e| Error::internal(format!("Cannot write to table {table}")).caused_by(e))?;
    let view = TableConfiguration::try_new(
        unconstrained(table, real.metadata())?,
        protocol,
        real.table_root().clone(),
        real.version(),
    )
    .and_then(|view| Snapshot::new(snapshot.log_segment().clone(), view))
    .map_err(broken)?;
    Ok(Arc::new(view))
}

/// Constraints are not allowed without the feature.
fn unconstrained(table: &str, metadata: &Metadata) -> Result<Metadata> {
    let broken = |e| Error::internal(format!("Cannot write to table {table}")).caused_by(e);
    let mut metadata = serde_json::to_value(metadata).map_err(broken)?;
    if let Some(properties) = metadata
        .get_mut("configuration")
        .and_then(Value::as_object_mut)
    {
        properties.retain(|key, _| !matches!(meaning(key), Meaning::Constraint));
    }
    serde_json::from_value(metadata).map_err(broken)
}
