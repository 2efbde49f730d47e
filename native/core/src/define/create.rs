//! New tables: the first commit, made by the kernel and completed with what the kernel has no words for.

use std::sync::Arc;

use delta_kernel::Engine;
use delta_kernel::committer::Committer;
use delta_kernel::expressions::ColumnName;
use delta_kernel::schema::{DataType, StructType};
use delta_kernel::transaction::create_table::create_table;
use delta_kernel::transaction::data_layout::DataLayout;
use delta_kernel::transaction::{CommitResult, CreateTable, Transaction};

use super::constraints;
use super::definition::{TableDefinition, parse_schema};
use super::first_commit::Completion;
use super::properties::{self, DEFAULTS_FEATURE};
use super::replace::Replaced;
use crate::catalog::nesting;
use crate::error::{Error, ErrorKind, Result};
use crate::log::app_transaction::AppTransaction;
use crate::log::committer::{LogCommitter, Outcome, OutcomeCell, unknown};
use crate::storage::Storage;
use crate::table::{self, stats_columns};

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
    let (for_kernel, mut ours) = properties::split(name, &definition.properties, &constraints)?;
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

fn has_defaults(schema: &StructType) -> bool {
    schema.fields().any(|field| {
        field.metadata().contains_key("CURRENT_DEFAULT")
            || matches!(field.data_type(), DataType::Struct(inner) if has_defaults(inner))
    })
}
