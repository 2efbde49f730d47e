//! Tables that must not be written, told before any work is done.

use std::collections::{BTreeMap, HashMap};

use delta_kernel::schema::{DataType, StructField, StructType};
use delta_kernel::snapshot::SnapshotRef;
use serde::Serialize;
use serde_json::Value;

use super::properties;
use super::update::planned;
use super::view::Change;
use crate::error::{Error, ErrorKind};
use crate::storage::Storage;

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
/// writer's affair: see [`check_constraints`].
pub fn refusal(table: &str, storage: &Storage, snapshot: &SnapshotRef) -> Option<Refusal> {
    column_with_rule(&snapshot.schema(), "")
        .map(|(column, rule)| Refusal {
            error_class: "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE".into(),
            message: format!(
                "Cannot write to table {table}: column '{column}' {rule} yet; append with delta-spark"
            ),
        })
        // The kernel writes no files of tables without columns, which may be given some.
        .or_else(|| match snapshot.schema().num_fields() {
            0 => None,
            _ => kernel_refusal(table, storage, snapshot),
        })
}

/// Refuses a table of which no row may be removed, by its `properties`.
///
/// Errors: InvalidInput; `action` completes "Cannot … table".
pub fn refuse_append_only(
    action: &str,
    table: &str,
    properties: &HashMap<String, String>,
) -> crate::error::Result<()> {
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

/// Checks that the columns that a statement was analyzed with are still there as they were: its rows are laid out for
/// them, and lanes do not tell all types apart. There may be more of them, in structs too.
///
/// `seen` is the Delta schema string of then.
///
/// Errors: Conflict (`DELTA_METADATA_CHANGED`) naming the first column that is another.
pub fn check_columns(table: &str, snapshot: &SnapshotRef, seen: &str) -> crate::error::Result<()> {
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
) -> crate::error::Result<()> {
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

/// The kernel's own word, for everything it refuses beside.
fn kernel_refusal(table: &str, storage: &Storage, snapshot: &SnapshotRef) -> Option<Refusal> {
    let checked = planned(table, storage, snapshot, Change::Append).and_then(|transaction| {
        let state = transaction.write_state().map(drop);
        state.map_err(|e| Error::from_kernel(&format!("write to table {table}"), e))
    });
    let error = checked.err()?;
    Some(Refusal {
        error_class: error.class.to_string(),
        message: error.message,
    })
}
