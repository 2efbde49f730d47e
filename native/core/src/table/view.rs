//! Tables that the kernel refuses to write for what their protocol lists, though the rows we write
//! keep its rules: CHECK constraints, generated and identity columns, and the legacy writer versions
//! that stand for them; and, for overwrites, a change data feed, which reads whole files that come and
//! go from the log itself (Delta protocol, "Add CDC File"). For those the kernel's transactions are
//! given a view of the snapshot that does not speak of these features. The view also spells the values
//! of properties as the kernel reads them.
//!
//! A view serves transactions and checkpoints, which take protocol and metadata from the log and not
//! from it. Snapshots that come out of it are views, too, and must not be kept.

use std::sync::Arc;

use delta_kernel::actions::Metadata;
use delta_kernel::snapshot::{Snapshot, SnapshotRef};
use delta_kernel::table_configuration::TableConfiguration;
use delta_kernel::transaction::{UpdateTableOperation, UpdateTableTransactionBuilder};
use serde_json::Value;

use super::properties::{Meaning, meaning};
use super::protocol::Protocol;
use crate::error::{Error, Result};

/// Writer features that the kernel refuses wherever they are listed.
const REFUSED: [&str; 3] = ["checkConstraints", "generatedColumns", "identityColumns"];

/// What a transaction does to the files of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Adds some, or removes some.
    Append,
    /// Adds some and removes others, where no row of the one is a row of the other.
    Overwrite,
}

impl Change {
    /// Whether the kernel would refuse the change for a property of the table's.
    fn is_refused_for(self, key: &str) -> bool {
        self == Self::Overwrite && key == "delta.enableChangeDataFeed"
    }
}

/// Whether the kernel makes the change only, or rightly, through a view.
pub fn is_needed(snapshot: &SnapshotRef, change: Change) -> bool {
    let protocol = Protocol::of(snapshot.table_configuration().protocol());
    let mut properties = snapshot.metadata_configuration().iter();
    REFUSED.iter().any(|feature| protocol.supports(feature))
        || properties.any(|(key, _)| change.is_refused_for(key))
        || has_other_spellings(snapshot)
}

fn has_other_spellings(snapshot: &SnapshotRef) -> bool {
    let mut properties = snapshot.metadata_configuration().iter();
    properties.any(|(key, value)| understood(key, value).is_some())
}

/// The snapshot that tells what properties decide: commit times, transactions that are remembered.
///
/// Errors: as [`writable`].
pub fn spelled(table: &str, snapshot: &SnapshotRef) -> Result<SnapshotRef> {
    if has_other_spellings(snapshot) {
        writable(table, snapshot, Change::Append)
    } else {
        Ok(snapshot.clone())
    }
}

/// Whether the kernel reads a value as an interval: "interval 30 days".
fn kernel_takes(value: &str) -> bool {
    let words: Vec<&str> = value.split_whitespace().collect();
    let is_unit = |unit: &str| unit.chars().all(|c| c.is_ascii_lowercase());
    matches!(words.as_slice(), ["interval", number, unit] if number.parse::<i64>().is_ok() && is_unit(unit))
}

/// The value that the kernel takes for the one that is meant, where it does not understand that: delta-spark records
/// booleans as they were typed.
fn understood(key: &str, value: &str) -> Option<String> {
    match meaning(key) {
        Meaning::Known(property) if property.known_to_kernel && !kernel_takes(value) => {
            Some(property.for_kernel(value)).filter(|known| known != value)
        }
        _ => None,
    }
}

/// The snapshot that the kernel's transactions on a table are to be built from.
///
/// Errors: UnsupportedTable or Internal if there is no such view of the table.
pub fn writable(table: &str, snapshot: &SnapshotRef, change: Change) -> Result<SnapshotRef> {
    if !is_needed(snapshot, change) {
        return Ok(snapshot.clone());
    }
    let broken = |e| Error::from_kernel(&format!("write to table {table}"), e);
    let real = snapshot.table_configuration();
    let protocol = Protocol::of(real.protocol()).without(&REFUSED).action();
    let protocol = serde_json::from_value(protocol)
        .map_err(|e| Error::internal(format!("Cannot write to table {table}")).caused_by(e))?;
    let view = TableConfiguration::try_new(
        unconstrained(table, real.metadata(), change)?,
        protocol,
        real.table_root().clone(),
        real.version(),
    )
    .and_then(|view| Snapshot::new(snapshot.log_segment().clone(), view))
    .map_err(broken)?;
    Ok(Arc::new(view))
}

/// Begins a transaction on `snapshot`, through the view that the change takes.
///
/// Errors: those of [`writable`].
pub fn update(
    table: &str,
    snapshot: &SnapshotRef,
    change: Change,
    operation: UpdateTableOperation,
    engine_info: &str,
) -> Result<UpdateTableTransactionBuilder> {
    let view = writable(table, snapshot, change)?;
    Ok(view.update_table(operation, engine_info, true))
}

/// Constraints are not allowed without the feature. Values are those the kernel understands.
fn unconstrained(table: &str, metadata: &Metadata, change: Change) -> Result<Metadata> {
    let broken = |e| Error::internal(format!("Cannot write to table {table}")).caused_by(e);
    let mut metadata = serde_json::to_value(metadata).map_err(broken)?;
    if let Some(properties) = metadata
        .get_mut("configuration")
        .and_then(Value::as_object_mut)
    {
        properties.retain(|key, _| {
            !matches!(meaning(key), Meaning::Constraint) && !change.is_refused_for(key)
        });
        for (key, value) in properties.iter_mut() {
            if let Some(known) = value.as_str().and_then(|value| understood(key, value)) {
                *value = known.into();
            }
        }
    }
    serde_json::from_value(metadata).map_err(broken)
}
