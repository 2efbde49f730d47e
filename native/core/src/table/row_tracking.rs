//! Row tracking (Delta protocol, "Row Tracking"): the ids that rows get from the file they are in, for
//! commits that the kernel does not make alone.

use std::collections::HashMap;

use delta_kernel::engine::to_json_bytes;
use delta_kernel::snapshot::SnapshotRef;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::properties::is_true;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;

pub const FEATURE: &str = "rowTracking";
pub const ENABLED: &str = "delta.enableRowTracking";

const DOMAIN: &str = "delta.rowTracking";
const BASE_ROW_ID: &str = "baseRowId";
const COMMIT_VERSION: &str = "defaultRowCommitVersion";
/// Columns of data files for rows that were copied from another file, and how their names begin.
const MATERIALIZED: [(&str, &str); 2] = [
    (
        "delta.rowTracking.materializedRowIdColumnName",
        "_row-id-col-",
    ),
    (
        "delta.rowTracking.materializedRowCommitVersionColumnName",
        "_row-commit-version-col-",
    ),
];

/// Names of the columns in which data files keep row ids and commit versions of rows that were copied from another file;
/// none if the table does not track its rows.
pub fn materialized_columns(properties: &HashMap<String, String>) -> Option<[String; 2]> {
    let enabled = properties.get(ENABLED)?;
    is_true(enabled).then_some(())?;
    let [row_id, commit_version] = MATERIALIZED.map(|(key, _)| properties.get(key).cloned());
    Some([row_id?, commit_version?])
}

/// Hands out row ids that no row of the table has had before.
pub struct RowIds<'a> {
    table: &'a str,
    /// The highest id so far.
    highest: i64,
    /// The version that the files are committed as.
    version: u64,
}

impl<'a> RowIds<'a> {
    /// Ids for files of the version after `snapshot`.
    pub fn after(table: &'a str, storage: &Storage, snapshot: &SnapshotRef) -> Result<Self> {
        let highest = snapshot
            .get_row_tracking_high_water_mark(storage.engine.as_ref())
            .map_err(|e| Error::from_kernel(&format!("read the row ids of table {table}"), e))?;
        Ok(Self {
            table,
            highest: highest.unwrap_or(-1),
            version: snapshot.version() + 1,
        })
    }

    /// Gives the rows of a file their ids; `add` is the body of an `add` action.
    ///
    /// Errors: UnsupportedTable if its statistics do not tell how many rows there are.
    pub fn assign(&mut self, add: &mut Map<String, Value>) -> Result<()> {
        let rows = rows(add).ok_or_else(|| {
            Error::new(
                ErrorKind::UnsupportedTable,
                format!(
                    "Cannot give the rows of table {} ids: the statistics of its file {} do not tell \
                     how many rows it has; rewrite the file, or collect statistics with delta-spark",
                    self.table, add["path"]
                ),
            )
            .class("DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS")
        })?;
        add.insert(BASE_ROW_ID.into(), (self.highest + 1).into());
        add.insert(COMMIT_VERSION.into(), self.version.into());
        self.highest += rows;
        Ok(())
    }

    /// The action that remembers the highest id.
    pub fn high_water_mark(&self) -> Value {
        let configuration = json!({ "rowIdHighWaterMark": self.highest });
        json!({"domainMetadata": {
            "domain": DOMAIN,
            "configuration": configuration.to_string(),
            "removed": false,
        }})
    }
}

/// Whether an action remembers a highest id.
pub fn is_high_water_mark(action: &Value) -> bool {
    action.pointer("/domainMetadata/domain") == Some(&json!(DOMAIN))
}

/// Names the materialized columns, unless the table has names for them.
pub fn name_columns(configuration: &mut Map<String, Value>) {
    for (property, prefix) in MATERIALIZED {
        let name = || format!("{prefix}{}", Uuid::new_v4()).into();
        configuration.entry(property).or_insert_with(name);
    }
}

/// The actions that give row ids to all files of `snapshot` that have none: each file is added again,
/// unchanged otherwise, and the highest id is remembered.
///
/// `partition_columns` are physical names. Errors: UnsupportedTable for a file of unknown row count.
pub fn backfill(
    table: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
    partition_columns: &[String],
) -> Result<Vec<Value>> {
    let mut ids = RowIds::after(table, storage, snapshot)?;
    let mut actions = Vec::new();
    for file in files(table, storage, snapshot)? {
        let mut add = add_again(file, partition_columns);
        if add.get(BASE_ROW_ID).is_none_or(Value::is_null) {
            ids.assign(&mut add)?;
            actions.push(json!({ "add": add }));
        }
    }
    actions.push(ids.high_water_mark());
    Ok(actions)
}

/// The kernel's scan rows, which hold all of an `add` action.
fn files(
    table: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
) -> Result<Vec<Map<String, Value>>> {
    let broken = |e| Error::from_kernel(&format!("read the files of table {table}"), e);
    let scan = snapshot.clone().scan_builder().build().map_err(broken)?;
    let rows = scan
        .scan_metadata(storage.engine.as_ref())
        .map_err(broken)?
        .map(|batch| batch.map(|batch| batch.scan_files));
    let bytes = to_json_bytes(rows).map_err(broken)?;
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(serde_json::from_slice)
        .collect::<Result<_, _>>()
        .map_err(|e| {
            Error::internal(format!("Cannot read the files of table {table}")).caused_by(e)
        })
}

fn add_again(mut file: Map<String, Value>, partition_columns: &[String]) -> Map<String, Value> {
    if let Some(Value::Object(constants)) = file.remove("fileConstantValues") {
        file.extend(constants);
    }
    file.insert("dataChange".into(), false.into());
    let values = file.entry("partitionValues").or_insert_with(|| json!({}));
    for column in partition_columns {
        if values.get(column).is_none() {
            values[column] = Value::Null;
        }
    }
    file
}

fn rows(add: &Map<String, Value>) -> Option<i64> {
    let stats: Value = serde_json::from_str(add.get("stats")?.as_str()?).ok()?;
    stats.get("numRecords")?.as_i64().filter(|rows| *rows >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn files_get_ranges_of_ids_one_after_the_other() {
        let mut ids = RowIds {
            table: "t",
            highest: 9,
            version: 3,
        };
        for base in [10, 15] {
            let mut add = object(json!({"path": "a", "stats": "{\"numRecords\":5}"}));
            ids.assign(&mut add).unwrap();
            assert_eq!(add[BASE_ROW_ID], json!(base));
            assert_eq!(add[COMMIT_VERSION], json!(3));
        }
        let mark = ids.high_water_mark().to_string();
        assert!(mark.contains(r#"\"rowIdHighWaterMark\":19"#), "{mark}");
        let error = ids.assign(&mut object(json!({"path": "b"}))).unwrap_err();
        assert_eq!(error.class, "DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS");
    }

    #[test]
    fn a_file_is_added_again_with_all_it_had() {
        let file = object(
            json!({"path": "a", "size": 1, "stats": "{}", "deletionVector": {"offset": 1},
            "fileConstantValues": {"partitionValues": {"p": "1"}, "tags": {"k": "v"}}}),
        );
        let add = add_again(file, &["p".to_owned(), "q".to_owned()]);
        assert_eq!(
            Value::Object(add),
            json!({"path": "a", "size": 1, "stats": "{}", "deletionVector": {"offset": 1},
                "dataChange": false, "partitionValues": {"p": "1", "q": null}, "tags": {"k": "v"}})
        );
    }

    #[test]
    fn materialized_columns_keep_their_names() {
        let mut configuration = object(json!({MATERIALIZED[0].0: "ids"}));
        name_columns(&mut configuration);
        assert_eq!(configuration[MATERIALIZED[0].0], json!("ids"));
        assert!(configuration.contains_key(MATERIALIZED[1].0));
    }
}
