//! Whether commits that won the race for our version stand in the way of an append.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;
use crate::table;

/// The parts of an action that matter to an append.
#[derive(Deserialize)]
struct Action {
    protocol: Option<IgnoredAny>,
    #[serde(rename = "metaData")]
    metadata: Option<IgnoredAny>,
    txn: Option<Txn>,
    add: Option<Add>,
}

#[derive(Deserialize)]
struct Add {
    /// False for rows that were there before, in other files.
    #[serde(rename = "dataChange")]
    data_change: Option<bool>,
}

#[derive(Deserialize)]
struct Txn {
    #[serde(rename = "appId")]
    app_id: String,
}

/// Checks that an append read at an earlier version may follow the commit of `version`.
///
/// Errors: Conflict if that commit changed the protocol or the metadata, or belongs to the same
/// application id; CorruptTable if it cannot be read.
pub fn check_winner(
    table: &str,
    storage: &Storage,
    version: u64,
    app_id: Option<&str>,
) -> Result<()> {
    check_actions(table, version, app_id, &read(table, storage, version)?)
}

/// Checks that the commit of `version` brought no rows, nor anything else that changes what they are.
///
/// Errors: Conflict if it did; CorruptTable if it cannot be read.
pub fn check_no_rows_added(table: &str, storage: &Storage, version: u64) -> Result<()> {
    let actions = read(table, storage, version)?;
    check_actions(table, version, None, &actions)?;
    if actions.iter().any(adds_rows) {
        return conflict(
            table,
            version,
            "DELTA_CONCURRENT_APPEND",
            "added rows that nobody has looked at",
        );
    }
    Ok(())
}

fn adds_rows(action: &Action) -> bool {
    let add = action.add.as_ref();
    add.is_some_and(|add| add.data_change != Some(false))
}

fn read(table: &str, storage: &Storage, version: u64) -> Result<Vec<Action>> {
    table::read_commit(table, storage, version)?.ok_or_else(|| gone(table, version))
}

/// The error of a winner's commit that is not there any more.
pub(crate) fn gone(table: &str, version: u64) -> Error {
    Error::new(
        ErrorKind::CorruptTable,
        format!("Cannot write to table {table}: its commit {version} is gone; write again"),
    )
}

/// Errors: always, with the Conflict that another writer's `version` is.
pub(crate) fn conflict(table: &str, version: u64, class: &'static str, what: &str) -> Result<()> {
    Err(Error::new(
        ErrorKind::Conflict,
        format!(
            "Cannot commit to table {table}: version {version}, written meanwhile by another writer, \
             {what}; run the write again"
        ),
    )
    .class(class))
}

/// The graver change is named first: whoever changes the protocol often changes the metadata too.
fn check_actions(
    table: &str,
    version: u64,
    app_id: Option<&str>,
    actions: &[Action],
) -> Result<()> {
    let conflict = |class, what: &str| conflict(table, version, class, what);
    if actions.iter().any(|action| action.protocol.is_some()) {
        return conflict("DELTA_PROTOCOL_CHANGED", "changed the table's protocol");
    }
    if actions.iter().any(|action| action.metadata.is_some()) {
        return conflict(
            "DELTA_METADATA_CHANGED",
            "changed the table's metadata (schema, partitioning or properties)",
        );
    }
    let mut txns = actions.iter().filter_map(|action| action.txn.as_ref());
    match txns.find(|txn| app_id == Some(&txn.app_id)) {
        Some(txn) => conflict(
            "DELTA_CONCURRENT_TRANSACTION",
            &format!("belongs to the same application id '{}'", txn.app_id),
        ),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, app_id: Option<&str>) -> Option<String> {
        let actions = line.lines().map(|line| serde_json::from_str(line).unwrap());
        let error = check_actions("t", 7, app_id, &actions.collect::<Vec<_>>()).err()?;
        Some(error.class.to_string())
    }

    #[test]
    fn appends_follow_appends() {
        assert_eq!(check(r#"{"add":{"path":"x"}}"#, None), None);
        assert_eq!(check(r#"{"commitInfo":{}}"#, Some("a")), None);
        assert_eq!(
            check(r#"{"txn":{"appId":"b","version":1}}"#, Some("a")),
            None
        );
    }

    #[test]
    fn rows_written_anew_are_no_new_rows() {
        let adds = |line| adds_rows(&serde_json::from_str(line).unwrap());
        assert!(adds(r#"{"add":{"path":"x","dataChange":true}}"#));
        assert!(!adds(r#"{"add":{"path":"x","dataChange":false}}"#));
        assert!(!adds(r#"{"remove":{"path":"x","dataChange":true}}"#));
    }

    #[test]
    fn changes_of_what_the_files_depend_on_conflict() {
        let class = |line, app| check(line, app).unwrap();
        assert_eq!(class(r#"{"metaData":{}}"#, None), "DELTA_METADATA_CHANGED");
        assert_eq!(class(r#"{"protocol":{}}"#, None), "DELTA_PROTOCOL_CHANGED");
        let both = "{\"metaData\":{}}\n{\"protocol\":{}}";
        assert_eq!(class(both, None), "DELTA_PROTOCOL_CHANGED");
        assert_eq!(
            class(r#"{"txn":{"appId":"a","version":1}}"#, Some("a")),
            "DELTA_CONCURRENT_TRANSACTION"
        );
    }
}
