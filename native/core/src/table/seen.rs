//! What a statement has seen of a table must be there still when its rows are written.

use std::collections::BTreeMap;

use delta_kernel::snapshot::SnapshotRef;
use serde_json::Value;

use super::properties;
use crate::error::{Error, ErrorKind, Result};

/// Checks that the columns that a statement was analyzed with are still there as they were: its rows are laid out for
/// them, and lanes do not tell all types apart. There may be more of them, in structs too.
///
/// `seen` is the Delta schema string of then.
///
/// Errors: Conflict (`DELTA_METADATA_CHANGED`) naming the first column that is another.
pub fn check_columns(table: &str, snapshot: &SnapshotRef, seen: &str) -> Result<()> {
    let now = snapshot.table_configuration().metadata().schema_string();
    if now == seen {
        return Ok(());
    }
    let parsed = |schema: &str| serde_json::from_str::<Value>(schema).unwrap_or_default();
    let (seen, now) = (parsed(seen), parsed(now));
    let Some(changed) = fields(&seen).iter().find(|field| !has_field(&now, field)) else {
        return Ok(());
    };
    Err(Error::new(
        ErrorKind::Conflict,
        format!(
            "Cannot write to table {table}: its column {} was changed since the statement was analyzed; run it again",
            changed.get("name").unwrap_or(&Value::Null)
        ),
    )
    .class("DELTA_METADATA_CHANGED"))
}

fn fields(structure: &Value) -> &[Value] {
    let fields = structure.get("fields").and_then(Value::as_array);
    fields.map_or(&[], Vec::as_slice)
}

/// Whether a struct has a field of this name in the same place of the files, of a type that holds the same values.
fn has_field(structure: &Value, field: &Value) -> bool {
    let physical = |field: &Value| {
        let mapped = field.pointer("/metadata/delta.columnMapping.physicalName");
        mapped.or_else(|| field.get("name")).cloned()
    };
    fields(structure).iter().any(|now| {
        now.get("name") == field.get("name")
            && physical(now) == physical(field)
            && holds(&now["type"], &field["type"])
    })
}

fn holds(now: &Value, seen: &Value) -> bool {
    ["elementType", "keyType", "valueType"].iter().all(|part| {
        match (now.get(part), seen.get(part)) {
            (Some(now), Some(seen)) => holds(now, seen),
            (now, seen) => now.is_none() && seen.is_none(),
        }
    }) && (now == seen || now.is_object() && now.get("type") == seen.get("type"))
        && fields(seen).iter().all(|field| has_field(now, field))
}

/// Checks that the writer evaluates the CHECK constraints of `snapshot` on every row.
///
/// `checked` are the constraints it knows, SQL expressions by name.
///
/// Errors: Conflict (`DELTA_METADATA_CHANGED`) if the table has others.
pub fn check_constraints(
    table: &str,
    snapshot: &SnapshotRef,
    checked: &BTreeMap<String, String>,
) -> Result<()> {
    let constraints = properties::constraints(snapshot.metadata_configuration());
    if constraints == *checked {
        return Ok(());
    }
    let differs = constraints
        .iter()
        .find(|(name, expression)| checked.get(*name) != Some(*expression));
    let name = differs.or_else(|| {
        checked
            .iter()
            .find(|(name, _)| !constraints.contains_key(*name))
    });
    Err(Error::new(
        ErrorKind::Conflict,
        format!(
            "Cannot write to table {table}: its CHECK constraint '{}' was added, changed or dropped \
             meanwhile by another writer; run it again",
            name.map_or("", |(name, _)| name)
        ),
    )
    .class("DELTA_METADATA_CHANGED"))
}
