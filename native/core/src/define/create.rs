//! New tables: the first commit, made by the kernel and completed with what the kernel has no words
//! for (comment, further table properties, column defaults).

use std::collections::BTreeMap;
use std::sync::Arc;

use delta_kernel::Engine;
use delta_kernel::committer::Committer;
use delta_kernel::expressions::ColumnName;
use delta_kernel::schema::{DataType, StructType};
use delta_kernel::transaction::create_table::create_table;
use delta_kernel::transaction::data_layout::DataLayout;
use delta_kernel::transaction::{CommitResult, CreateTable, Transaction};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::catalog::nesting;
use crate::clock::now_millis;
use crate::commit::AppTransaction;
use crate::define::alter::constraints;
use crate::define::replace::Replaced;
use crate::error::{Error, ErrorKind, Result};
use crate::log::committer::{Edit, LogCommitter, Outcome, OutcomeCell, unknown};
use crate::storage::Storage;
use crate::table;
use crate::table::properties::{self, Meaning, asks_for_version};
use crate::table::protocol::Protocol;
use crate::table::stats_columns;

/// Definition of a new table.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableDefinition {
    /// Delta schema string (JSON), logical names.
    pub schema: String,
    /// Top-level logical names.
    #[serde(default)]
    pub partition_columns: Vec<String>,
    /// Logical paths.
    #[serde(default)]
    pub clustering_columns: Vec<Vec<String>>,
    /// Table properties; `delta.*` by Delta's names.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// CHECK constraints: SQL expressions by name.
    #[serde(default)]
    pub constraints: BTreeMap<String, String>,
    /// Comment of the table.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether the catalog chose the place, for the table's history.
    #[serde(default)]
    pub managed: bool,
}

/// Switches on the writer feature of column defaults.
const DEFAULTS_FEATURE: &str = "delta.feature.allowColumnDefaults";

/// A table about to be made.
#[derive(Clone, Copy)]
pub struct Creation<'a> {
    /// Name of the table, for messages.
    pub name: &'a str,
    /// Where it will be.
    pub storage: &'a Storage,
    pub definition: &'a TableDefinition,
    /// Recorded in the commit.
    pub engine_info: &'a str,
    /// Recorded in the commit, by Delta's names: `CREATE TABLE`, `REPLACE TABLE AS SELECT`, …
    pub operation: &'a str,
    /// Application transaction that it is, if any.
    pub txn: Option<&'a AppTransaction>,
    /// The table there is, which the new one replaces.
    pub replaced: Option<&'a Replaced>,
}

/// Creates an empty table and returns its version, 0.
///
/// Errors: TableExists, InvalidInput for a definition Delta does not allow, Storage.
pub fn create(creation: Creation<'_>) -> Result<u64> {
    if table::is_table(creation.storage)? {
        return Err(creation.exists());
    }
    create_empty(creation).inspect_err(|_| creation.storage.remove_empty_directories())
}

fn create_empty(creation: Creation<'_>) -> Result<u64> {
    let outcome = OutcomeCell::default();
    let transaction = begin(creation, outcome.clone())?;
    let error = match transaction.commit(creation.storage.engine.as_ref()) {
        Ok(CommitResult::Committed(committed)) => {
            table::forget(creation.storage);
            return Ok(committed.commit_version());
        }
        Ok(CommitResult::Conflicted(_)) => return Err(creation.exists()),
        Ok(CommitResult::Retryable(retryable)) => retryable.error,
        Err(e) => e,
    };
    match outcome.get() {
        // The commit file is there: what failed came after.
        Outcome::Committed => {
            table::forget(creation.storage);
            Ok(0)
        }
        Outcome::Unknown => Err(unknown(creation.name, &error).caused_by(error)),
        Outcome::NotAttempted | Outcome::Lost => Err(creation.failed(error)),
    }
}

/// Begins the transaction of a table's first commit; files may be added to it.
pub fn begin(creation: Creation<'_>, outcome: OutcomeCell) -> Result<Transaction<CreateTable>> {
    let Creation {
        name,
        storage,
        definition,
        ..
    } = creation;
    let schema = parse_schema(name, &definition.schema)?;
    let constraints = constraints::properties_of_new(name, &definition.constraints)?;
    let (for_kernel, mut ours) = split_properties(name, &definition.properties, &constraints)?;
    ours.extend(constraints);
    if creation.replaced.is_none() {
        nesting::check_table(&format!("create table {name}"), storage)?;
    }
    let mut properties = definition.properties.iter();
    if let Some((_, list)) =
        properties.find(|(key, _)| key.eq_ignore_ascii_case(stats_columns::KEY))
    {
        let doing = format!("create table {name}");
        stats_columns::check(&doing, list, &schema, &definition.partition_columns)?;
    }
    make_directory(name, storage)?;
    let completion = Completion {
        defaults: has_defaults(&schema) || ours.iter().any(|(key, _)| key == DEFAULTS_FEATURE),
        properties: ours,
        operation: creation.operation.to_owned(),
        definition: definition.clone(),
        replaced: creation.replaced.cloned(),
    };
    let layout = data_layout(definition)?;
    let clustered = creation.replaced.is_some_and(Replaced::is_clustered);
    if clustered && !definition.partition_columns.is_empty() {
        return Err(clustered_before(name));
    }
    let blind = creation.replaced.map(Replaced::blind_engine);
    let engine: &dyn Engine = match &blind {
        Some(blind) => blind,
        None => storage.engine.as_ref(),
    };
    let committer: Box<dyn Committer> = Box::new(
        LogCommitter::new(storage.clone(), outcome)
            .at_version(creation.replaced.map(|replaced| replaced.version() + 1))
            .editing(completion.into_edit()),
    );
    let mut builder = create_table(
        storage.url.as_str(),
        Arc::new(schema),
        creation.engine_info,
        true,
    )
    .with_table_properties(for_kernel)
    .with_data_layout(layout);
    if let Some(txn) = creation.txn {
        builder = builder.with_transaction_id(&txn.app_id, txn.version);
    }
    builder
        .build(engine, committer)
        .map_err(|e| creation.failed(e))
}

/// The kernel's transaction of a new table has the time of its beginning, before the rows were written (Delta protocol,
/// "In-Commit Timestamps": that of the commit).
fn set_time(info: &mut Map<String, Value>) {
    let now = now_millis();
    for key in ["timestamp", "inCommitTimestamp"] {
        if let Some(time) = info.get_mut(key) {
            *time = now.into();
        }
    }
}

fn clustered_before(name: &str) -> Error {
    Error::invalid(format!(
        "Cannot replace table {name} by a partitioned one: it is clustered, which its protocol \
         remembers; cluster the new table, or drop the old one first"
    ))
    .class("DELTA_CLUSTERING_REPLACE_TABLE_WITH_PARTITIONED_TABLE")
}

impl Creation<'_> {
    fn failed(&self, error: delta_kernel::KernelError) -> Error {
        match Error::from_kernel(&format!("create table {}", self.name), error) {
            e if e.kind == ErrorKind::TableExists => self.exists(),
            e => e,
        }
    }

    fn exists(&self) -> Error {
        Error::new(
            ErrorKind::TableExists,
            format!(
                "Cannot create table {}: there is a Delta table at {} already; drop it first or \
                 append to it",
                self.name, self.storage.url
            ),
        )
    }
}

/// The kernel wants a local table's directory to exist.
fn make_directory(name: &str, storage: &Storage) -> Result<()> {
    let Ok(directory) = storage.url.to_file_path() else {
        return Ok(());
    };
    std::fs::create_dir_all(&directory).map_err(|e| {
        Error::new(
            ErrorKind::Storage,
            format!(
                "Cannot create table {name}: the directory {} cannot be made ({e})",
                directory.display()
            ),
        )
        .caused_by(e)
    })
}

/// Reads a Delta schema string.
pub fn parse_schema(name: &str, json: &str) -> Result<StructType> {
    serde_json::from_str(json).map_err(|e| {
        Error::invalid(format!(
            "Cannot create table {name}: its schema is not valid ({e})"
        ))
        .class("DELTA_SCHEMA_NOT_PROVIDED")
        .caused_by(e)
    })
}

fn data_layout(definition: &TableDefinition) -> Result<DataLayout> {
    let partitions = &definition.partition_columns;
    let clusters = &definition.clustering_columns;
    match (partitions.is_empty(), clusters.is_empty()) {
        (true, true) => Ok(DataLayout::None),
        (false, true) => Ok(DataLayout::partitioned(partitions)),
        (true, false) => Ok(DataLayout::Clustered {
            columns: clusters.iter().map(ColumnName::new).collect(),
        }),
        (false, false) => Err(Error::invalid(
            "Cannot create a table that is both clustered and partitioned: use CLUSTER BY or \
             PARTITIONED BY",
        )
        .class("DELTA_CLUSTER_BY_WITH_PARTITIONED_BY")),
    }
}

type Properties = Vec<(String, String)>;

/// The properties the kernel takes, and those we add to the metadata ourselves.
///
/// Constraints may be repeated as properties, as SHOW CREATE TABLE prints them.
fn split_properties(
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

/// Features that the kernel gives a table where its columns need them, and not by name: [`Completion`] does.
fn is_passed_over_by_kernel(folded: &str) -> bool {
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

fn has_defaults(schema: &StructType) -> bool {
    schema.fields().any(|field| {
        field.metadata().contains_key("CURRENT_DEFAULT")
            || matches!(field.data_type(), DataType::Struct(inner) if has_defaults(inner))
    })
}

/// What the first commit needs beside what the kernel writes.
struct Completion {
    definition: TableDefinition,
    properties: Properties,
    /// Whether columns have defaults, which takes a writer feature.
    defaults: bool,
    operation: String,
    replaced: Option<Replaced>,
}

impl Completion {
    fn into_edit(self) -> Edit {
        Box::new(move |commit| self.complete_commit(&commit))
    }

    /// Data files are most of a commit and stay as they are.
    fn complete_commit(&self, commit: &[u8]) -> Result<Vec<u8>> {
        let is_file = |line: &&[u8]| line.starts_with(b"{\"add\"");
        let lines = commit
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        let (files, others): (Vec<&[u8]>, Vec<&[u8]>) = lines.partition(is_file);
        let mut actions = others
            .into_iter()
            .map(serde_json::from_slice)
            .collect::<Result<Vec<Value>, _>>()
            .map_err(broken_action)?;
        for action in &mut actions {
            self.complete(action)?;
        }
        let files = match &self.replaced {
            Some(replaced) => replaced.rebase(&mut actions, &files)?,
            None => joined(&files),
        };
        let mut out = Vec::with_capacity(files.len() + 4096);
        for action in &actions {
            serde_json::to_writer(&mut out, action).map_err(broken_action)?;
            out.push(b'\n');
        }
        out.extend_from_slice(&files);
        Ok(out)
    }

    fn complete(&self, action: &mut Value) -> Result<()> {
        if let Some(metadata) = action.get_mut("metaData").and_then(Value::as_object_mut) {
            self.complete_metadata(metadata);
        }
        if self.defaults {
            add_writer_feature(action, "allowColumnDefaults");
        }
        if let Some(protocol) = action.get_mut("protocol") {
            let mut wanted = Protocol::read(protocol)?;
            self.passed_over()
                .for_each(|feature| wanted.support(feature));
            if !self.definition.constraints.is_empty() {
                wanted.support("checkConstraints");
            }
            let is_listed = self.replaced.is_some() || self.asks_for_protocol();
            *protocol = if is_listed { wanted } else { wanted.unlisted() }.action();
        }
        if let Some(txn) = action.get_mut("txn").and_then(Value::as_object_mut) {
            txn.insert("lastUpdated".into(), now_millis().into());
        }
        if let Some(info) = action.get_mut("commitInfo").and_then(Value::as_object_mut) {
            if self.replaced.is_none() {
                set_time(info);
            }
            info.insert("operation".into(), self.operation.clone().into());
            info.insert("operationParameters".into(), self.parameters());
        }
        Ok(())
    }

    fn passed_over(&self) -> impl Iterator<Item = &'static str> {
        let keys = self.definition.properties.keys();
        keys.filter_map(|key| match properties::meaning(key) {
            Meaning::Feature(folded) if is_passed_over_by_kernel(&folded) => {
                Protocol::supportable(&folded)
            }
            _ => None,
        })
    }

    /// Whether the definition asks for features, or for versions above those it has anyway; the kernel's lists
    /// then stay.
    fn asks_for_protocol(&self) -> bool {
        let mut given = self.definition.properties.iter();
        given.any(|(key, value)| match properties::meaning(key) {
            Meaning::Feature(_) => true,
            Meaning::ProtocolVersion => {
                let reader = key.eq_ignore_ascii_case("delta.minReaderVersion");
                let oldest = match (reader, self.definition.constraints.is_empty()) {
                    (true, _) => 1,
                    (false, true) => 2,
                    (false, false) => 3,
                };
                value.parse::<u32>().is_ok_and(|version| version > oldest)
            }
            _ => false,
        })
    }

    /// As delta-spark records the definition of a table.
    fn parameters(&self) -> Value {
        let definition = &self.definition;
        let clusters = definition.clustering_columns.iter();
        let clusters: Vec<String> = clusters.map(|path| path.join(".")).collect();
        json!({
            "isManaged": definition.managed.to_string(),
            "description": definition.description,
            "partitionBy": json!(definition.partition_columns).to_string(),
            "clusterBy": json!(clusters).to_string(),
            "properties": json!(definition.properties).to_string(),
        })
    }

    fn complete_metadata(&self, metadata: &mut Map<String, Value>) {
        if let Some(description) = &self.definition.description {
            metadata.insert("description".into(), description.clone().into());
        }
        let configuration = metadata
            .entry("configuration")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(configuration) = configuration.as_object_mut() {
            for (key, value) in self
                .properties
                .iter()
                .filter(|(key, _)| key != DEFAULTS_FEATURE)
            {
                configuration.insert(key.clone(), value.clone().into());
            }
        }
    }
}

/// Lines of a commit file.
pub(crate) fn joined(lines: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        joined.extend_from_slice(line);
        joined.push(b'\n');
    }
    joined
}

pub(crate) fn broken_action(error: serde_json::Error) -> Error {
    Error::internal("Cannot complete the first commit of a table").caused_by(error)
}

fn add_writer_feature(action: &mut Value, feature: &str) {
    let features = action
        .get_mut("protocol")
        .and_then(|protocol| protocol.get_mut("writerFeatures"))
        .and_then(Value::as_array_mut);
    if let Some(features) = features
        && !features.iter().any(|known| known == feature)
    {
        features.push(feature.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_commit_is_completed() {
        let completion = Completion {
            properties: vec![("delta.isolationLevel".into(), "Serializable".into())],
            definition: TableDefinition {
                schema: String::new(),
                partition_columns: vec!["p".into()],
                clustering_columns: Vec::new(),
                properties: BTreeMap::new(),
                constraints: BTreeMap::from([("c".into(), "p > 0".into())]),
                description: Some("a comment".into()),
                managed: true,
            },
            defaults: true,
            operation: "CREATE TABLE AS SELECT".into(),
            replaced: None,
        };
        let edit = completion.into_edit();
        let commit = b"{\"commitInfo\":{}}\n{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[],\"writerFeatures\":[]}}\n{\"metaData\":{\"configuration\":{\"a\":\"b\"}}}\n";
        let text = String::from_utf8(edit(commit.to_vec()).unwrap()).unwrap();
        assert!(
            text.contains("\"writerFeatures\":[\"allowColumnDefaults\",\"checkConstraints\"]"),
            "{text}"
        );
        assert!(text.contains("\"description\":\"a comment\""), "{text}");
        assert!(
            text.contains("\"delta.isolationLevel\":\"Serializable\""),
            "{text}"
        );
        assert!(
            text.contains("\"operation\":\"CREATE TABLE AS SELECT\"")
                && text.contains(r#""partitionBy":"[\"p\"]""#),
            "{text}"
        );
        assert!(
            text.contains("\"a\":\"b\"") && text.lines().count() == 3,
            "{text}"
        );
    }

    #[test]
    fn invalid_property_values_are_refused() {
        let given = BTreeMap::from([("delta.isolationLevel".to_owned(), "none".to_owned())]);
        let error = split_properties("t", &given, &BTreeMap::new()).unwrap_err();
        assert!(
            error
                .message
                .contains("'delta.isolationLevel' cannot be 'none'")
        );
    }
}
