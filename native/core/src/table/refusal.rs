//! Tables that must not be written, told before any work is done.

use std::collections::HashMap;

use delta_kernel::committer::FileSystemCommitter;
use delta_kernel::schema::{DataType, StructField, StructType};
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::{Transaction, UpdateTableOperation};
use serde::Serialize;

use super::properties;
use super::view::{Change, update};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;
use crate::version::ENGINE_INFO;

/// Why a table cannot be written.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Delta's error name.
    pub error_class: String,
    /// A whole message.
    pub message: String,
}

impl Refusal {
    /// The refusal as an error.
    pub fn into_error(self) -> Error {
        Error::new(ErrorKind::UnsupportedTable, self.message).class(self.error_class)
    }
}

/// Why the table of `snapshot` cannot be appended to, if it cannot. CHECK constraints are the
/// writer's affair: see [`super::seen::check_constraints`].
pub fn refusal(table: &str, storage: &Storage, snapshot: &SnapshotRef) -> Option<Refusal> {
    // The kernel writes no files of tables without columns, which may be given some.
    if snapshot.schema().num_fields() == 0 {
        return None;
    }
    let error = planned(table, storage, snapshot, Change::Append).err()?;
    Some(Refusal {
        error_class: error.class.to_string(),
        message: error.message,
    })
}

/// The kernel's transaction that a change of a table's files is planned with; it is never committed.
///
/// Errors: UnsupportedTable for a table that must not be written.
pub fn planned(
    table: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
    change: Change,
) -> Result<Transaction> {
    if let Some((column, rule)) = column_with_rule(&snapshot.schema(), "") {
        let message = format!(
            "Cannot write to table {table}: column '{column}' {rule} yet; append with delta-spark"
        );
        return Err(Error::new(ErrorKind::UnsupportedTable, message)
            .class("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE"));
    }
    let transaction = begun(table, storage, snapshot, change);
    if snapshot.schema().num_fields() == 0 {
        return transaction;
    }
    // The kernel's own word, for everything it refuses beside.
    let checked = transaction.and_then(|transaction| match transaction.write_state() {
        Ok(_) => Ok(transaction),
        Err(e) => Err(Error::from_kernel(&format!("write to table {table}"), e)),
    });
    checked.map_err(|e| Error::new(ErrorKind::UnsupportedTable, e.message).class(e.class))
}

fn begun(
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

/// Refuses a table of which no row may be removed, by its `properties`.
///
/// Errors: InvalidInput; `action` completes "Cannot … table".
pub fn refuse_append_only(
    action: &str,
    table: &str,
    properties: &HashMap<String, String>,
) -> Result<()> {
    let append_only = properties.get("delta.appendOnly");
    if append_only.is_none_or(|value| !properties::is_true(value)) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Cannot {action} table {table}: it only allows appends (delta.appendOnly); append, or set the property to \
         false first"
    ))
    .class("DELTA_CANNOT_MODIFY_APPEND_ONLY"))
}

/// What a column asks of its values that nobody here computes or checks.
fn rule(field: &StructField) -> Option<&'static str> {
    let has = |prefix: &str| field.metadata().keys().any(|key| key.starts_with(prefix));
    if has("delta.generationExpression") {
        Some("is a generated column (delta.generationExpression), which Sluice does not compute")
    } else if has("delta.identity.") {
        Some("is an identity column (delta.identity.*), whose values Sluice does not assign")
    } else if has("delta.invariants") {
        Some("has a delta.invariants expression, which Sluice does not enforce")
    } else {
        None
    }
}

fn column_with_rule(schema: &StructType, parent: &str) -> Option<(String, &'static str)> {
    schema.fields().find_map(|field| {
        let path = match parent {
            "" => field.name().clone(),
            parent => format!("{parent}.{}", field.name()),
        };
        match rule(field) {
            Some(rule) => Some((path, rule)),
            None => rule_within(field.data_type(), &path),
        }
    })
}

fn rule_within(data_type: &DataType, path: &str) -> Option<(String, &'static str)> {
    match data_type {
        DataType::Struct(inner) => column_with_rule(inner, path),
        DataType::Array(array) => rule_within(array.element_type(), &format!("{path}.element")),
        DataType::Map(map) => rule_within(map.key_type(), &format!("{path}.key"))
            .or_else(|| rule_within(map.value_type(), &format!("{path}.value"))),
        _ => None,
    }
}
