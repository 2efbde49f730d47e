//! The table properties that a new table is given: which the kernel takes, which we add ourselves, and which are none.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::table::properties::{self, Meaning, asks_for_version};

/// Switches on the writer feature of column defaults.
pub const DEFAULTS_FEATURE: &str = "delta.feature.allowColumnDefaults";

/// Keys and values.
pub type Properties = Vec<(String, String)>;

/// The properties the kernel takes, and those we add to the metadata ourselves.
///
/// Constraints may be repeated as properties, as SHOW CREATE TABLE prints them.
pub fn split(
    name: &str,
    given: &BTreeMap<String, String>,
    constraints: &BTreeMap<String, String>,
) -> Result<(Properties, Properties)> {
    let doing = format!("create table {name}");
    let (mut for_kernel, mut ours) = (Vec::new(), Vec::new());
    check_features_for_readers(name, given)?;
    for (key, value) in given {
        match properties::meaning(key) {
            Meaning::Known(property) => {
                property.check(&doing, value)?;
                let properties = if property.known_to_kernel {
                    &mut for_kernel
                } else {
                    &mut ours
                };
                properties.push((property.key.to_owned(), property.recorded(value)));
            }
            Meaning::Unsupported(property) => {
                property.check(&doing, value)?;
                ours.push((property.key.to_owned(), value.clone()));
            }
            Meaning::Feature(feature) if feature == "allowcolumndefaults" => {
                ours.push((DEFAULTS_FEATURE.to_owned(), value.clone()));
            }
            Meaning::Feature(feature) if is_passed_over_by_kernel(&feature) => {
                check_status(&doing, key, value)?;
            }
            Meaning::Feature(_) | Meaning::Free => for_kernel.push((key.clone(), value.clone())),
            Meaning::ProtocolVersion => check_protocol_version(name, key, value)?,
            Meaning::Constraint if constraints.get(&key.to_lowercase()) == Some(value) => {}
            Meaning::Constraint => {
                return Err(Error::new(
                    ErrorKind::UnsupportedTable,
                    format!(
                        "Cannot create table {name} with the CHECK constraint of table property \
                         '{key}': declare it among the columns as CONSTRAINT … CHECK (Spark 4.1 and \
                         newer), or leave it out and run ALTER TABLE … ADD CONSTRAINT"
                    ),
                )
                .class("DELTA_ADD_CONSTRAINTS"));
            }
            Meaning::Unknown => return Err(properties::unknown(&doing, key)),
        }
    }
    Ok((for_kernel, ours))
}

/// Features that the kernel gives a table where its columns need them, and not by name: [`super::first_commit`] does.
pub fn is_passed_over_by_kernel(folded: &str) -> bool {
    [
        "timestampntz",
        "checkconstraints",
        "generatedcolumns",
        "identitycolumns",
    ]
    .contains(&folded)
}

/// Errors: InvalidInput if a feature is asked for with another word than those that Delta has for it.
fn check_status(doing: &str, key: &str, value: &str) -> Result<()> {
    if ["supported", "enabled"].contains(&value.to_lowercase().as_str()) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Cannot {doing}: table property '{key}' must be 'supported', not '{value}'"
    ))
    .class("DELTA_UNSUPPORTED_FEATURE_STATUS"))
}

/// Tables that are asked for a version have table features (protocol 3 and 7), which cover every one
/// of them.
fn check_protocol_version(name: &str, key: &str, value: &str) -> Result<()> {
    let highest = if key.to_lowercase().ends_with("readerversion") {
        3
    } else {
        7
    };
    match value.parse::<u32>() {
        Ok(version) if (1..=highest).contains(&version) => Ok(()),
        _ => Err(Error::invalid(format!(
            "Cannot create table {name}: table property '{key}' must be 1 to {highest}, not \
             '{value}'"
        ))
        .class("DELTA_INVALID_PROTOCOL_VERSION")),
    }
}

/// Errors: InvalidInput if readers are to know table features and nothing asks for one of writers, too.
fn check_features_for_readers(name: &str, given: &BTreeMap<String, String>) -> Result<()> {
    let reader = given.iter().find(|(k, v)| asks_for_version(k, v, "3"));
    let is_writers = |(key, value): (&String, &String)| match properties::meaning(key) {
        Meaning::Feature(_) => true,
        Meaning::Known(_) => ["true", "v2", "name", "id"].contains(&value.to_lowercase().as_str()),
        _ => asks_for_version(key, value, "7"),
    };
    match reader {
        Some((key, _)) if !given.iter().any(is_writers) => Err(Error::invalid(format!(
            "Cannot create table {name}: {}",
            properties::reader_needs_writer(key)
        ))
        .class(properties::READER_NEEDS_WRITER)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_property_values_are_refused() {
        let given = BTreeMap::from([("delta.isolationLevel".to_owned(), "none".to_owned())]);
        let error = split("t", &given, &BTreeMap::new()).unwrap_err();
        assert!(
            error
                .message
                .contains("'delta.isolationLevel' cannot be 'none'")
        );
    }
}
