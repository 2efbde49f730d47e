//! Names of CHECK constraints, and the properties that hold them (Delta protocol, "CHECK Constraints").

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::table::properties::CONSTRAINT_PREFIX;

/// Delta's own name for the check of char and varchar lengths.
const RESERVED_NAME: &str = "__CHAR_VARCHAR_STRING_LENGTH_CHECK__";

/// The properties that hold the CHECK constraints of a new table: SQL expressions by name.
///
/// Errors: InvalidInput (`DELTA_INVALID_CONSTRAINT_NAME`, `DELTA_CONSTRAINT_ALREADY_EXISTS`).
pub fn properties_of_new(
    table: &str,
    constraints: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    let doing = format!("create table {table}");
    let mut properties = BTreeMap::new();
    for (constraint, expression) in constraints {
        check_name(&doing, constraint)?;
        if let Some(other) = properties.insert(property(constraint), expression.clone()) {
            return Err(is_taken(&doing, constraint, &other));
        }
    }
    Ok(properties)
}

/// Errors: InvalidInput (`DELTA_INVALID_CONSTRAINT_NAME`) for a name that is Delta's own.
///
/// `doing` completes "Cannot …".
pub fn check_name(doing: &str, name: &str) -> Result<()> {
    if !name.eq_ignore_ascii_case(RESERVED_NAME) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Cannot {doing}: a constraint cannot be called '{name}', which is reserved; choose another name"
    ))
    .class("DELTA_INVALID_CONSTRAINT_NAME"))
}

/// That the table has a constraint of that name, `there`.
pub fn is_taken(doing: &str, name: &str, there: &str) -> Error {
    Error::invalid(format!(
        "Cannot {doing}: it has a constraint '{name}' already ({there}); drop that one first"
    ))
    .class("DELTA_CONSTRAINT_ALREADY_EXISTS")
}

/// The property that holds the constraint of that name.
pub fn property(name: &str) -> String {
    format!("{CONSTRAINT_PREFIX}{}", name.to_lowercase())
}
