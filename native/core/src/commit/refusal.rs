//! Tables that must not be written, told before any work is done.

use delta_kernel::committer::FileSystemCommitter;
use delta_kernel::schema::{StructField, StructType};
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::UpdateTableOperation;
use serde::Serialize;

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

/// Why the table of `snapshot` cannot be appended to, if it cannot.
pub fn refusal(table: &str, storage: &Storage, snapshot: &SnapshotRef) -> Option<Refusal> {
    let refuse = |message: String| {
        Some(Refusal {
            error_class: "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE".into(),
            message,
        })
    };
    let protocol = snapshot.table_configuration().protocol();
    let listed: Vec<&str> = protocol
        .writer_features()
        .unwrap_or_default()
        .iter()
        .map(AsRef::as_ref)
        .filter(|feature| UNENFORCED.contains(feature))
        .collect();
    if !listed.is_empty() {
        return refuse(format!(
            "Cannot write to table {table}: its writer features {} are not enforced by Sluice yet; \
             append with delta-spark, or, if no column uses them, run ALTER TABLE {table} DROP \
             FEATURE {} with delta-spark",
            listed.join(", "),
            listed[0]
        ));
    }
    if (3..=6).contains(&protocol.min_writer_version()) {
        let version = protocol.min_writer_version();
        return refuse(format!(
            "Cannot write to table {table}: its writer version {version} implies {}, which Sluice \
             does not enforce yet; append with delta-spark, or, if no column uses them, run ALTER \
             TABLE {table} DROP FEATURE checkConstraints with delta-spark, which moves the table \
             to table features",
            implied(version)
        ));
    }
    if let Some(column) = column_with_invariant(&snapshot.schema(), "") {
        return refuse(format!(
            "Cannot write to table {table}: column '{column}' has a delta.invariants expression, \
             which Sluice does not enforce yet; append with delta-spark"
        ));
    }
    kernel_refusal(table, storage, snapshot)
}

/// Features whose rules over data nobody here checks.
const UNENFORCED: &[&str] = &["checkConstraints", "generatedColumns", "identityColumns"];

fn implied(writer_version: i32) -> &'static str {
    match writer_version {
        3 => "checkConstraints",
        4 | 5 => "checkConstraints and generatedColumns",
        _ => "checkConstraints, generatedColumns and identityColumns",
    }
}

fn column_with_invariant(schema: &StructType, parent: &str) -> Option<String> {
    use delta_kernel::schema::DataType;
    let path = |field: &StructField| {
        if parent.is_empty() {
            field.name().clone()
        } else {
            format!("{parent}.{}", field.name())
        }
    };
    schema.fields().find_map(|field| {
        if field.metadata().contains_key("delta.invariants") {
            return Some(path(field));
        }
        match field.data_type() {
            DataType::Struct(inner) => column_with_invariant(inner, &path(field)),
            _ => None,
        }
    })
}

/// The kernel's own word, for everything it refuses beside.
fn kernel_refusal(table: &str, storage: &Storage, snapshot: &SnapshotRef) -> Option<Refusal> {
    let engine = storage.engine.as_ref();
    let builder =
        snapshot
            .clone()
            .update_table(UpdateTableOperation::Write, crate::ENGINE_INFO, true);
    let checked = builder
        .build(engine, Box::new(FileSystemCommitter::new()))
        .and_then(|mut transaction| {
            transaction.ack_column_defaults();
            transaction.write_state().map(drop)
        });
    let error = Error::from_kernel(&format!("write to table {table}"), checked.err()?);
    Some(Refusal {
        error_class: error.class.to_string(),
        message: error.message,
    })
}
