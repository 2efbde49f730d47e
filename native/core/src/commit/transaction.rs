//! A write transaction on the driver: opened before the job, committed or aborted after it.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Instant;

use delta_kernel::schema::{StructField, StructType};
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::{ExecutionMode, Transaction};
use futures::TryStreamExt as _;
use object_store::path::Path;
use serde::Serialize;
use uuid::Uuid;

use super::conflict::reads::Reads;
use super::overwrite::{Operation, Overwrite};
use super::request::{WriteRequest, WriterOptions};
use super::retry;
use super::row_change::{Resolution, Resolved, RowChange};
use super::write::{Base, Write, file_change};
use crate::define::create;
use crate::define::definition::{TableDefinition, parse_schema};
use crate::define::replace::Replaced;
use crate::error::{Error, ErrorKind, Result};
use crate::log::committer::{Outcome, OutcomeCell};
use crate::rows::rewrite::Copies;
use crate::scan::plan::planner::ScanRequest;
use crate::storage::Storage;
use crate::table::ReadVersion;
use crate::table::codec::Codec;
use crate::table::refusal::planned;
use crate::table::seen::{check_columns, check_constraints};
use crate::table::void::is_void;
use crate::write::plan::{FilePlan, PlanParts, Purpose, WritePlan};
use crate::write::receipt::Written;

/// What a commit did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitReport {
    /// `committed`, or `skipped` if the same application transaction had been applied before.
    pub outcome: &'static str,
    /// Version of the table after the write.
    pub version: u64,
    /// Commit files tried.
    pub attempts: u32,
    pub num_files: u64,
    pub num_output_rows: u64,
    pub num_output_bytes: u64,
    pub commit_millis: u64,
}

/// An open write. Dropping it commits nothing and deletes nothing.
pub struct WriteTransaction {
    write: Write,
    write_id: String,
    plan: Vec<u8>,
    changes_plan: Option<Vec<u8>>,
    already_applied: Option<u64>,
    /// The rows that stay of files that are written anew, and those for the change data feed.
    copied: Written,
}

impl WriteTransaction {
    /// Opens a write: reads the newest snapshot, or checks the definition of a new table.
    ///
    /// Errors: TableMissing, UnsupportedTable, InvalidInput, CorruptTable, Storage; all before any
    /// work.
    pub fn open(request: WriteRequest) -> Result<Self> {
        let storage = Storage::open(&request.location, &request.storage)?;
        match request.create.clone() {
            None => Self::open_existing(request, storage),
            Some(definition) => {
                let is_replaced = request.replaces.is_some();
                Self::open_new(request, storage.clone(), definition).inspect_err(|_| {
                    if !is_replaced {
                        storage.remove_empty_directories();
                    }
                })
            }
        }
    }

    fn open_existing(request: WriteRequest, storage: Storage) -> Result<Self> {
        let read = ReadVersion::newest(&request.table, &storage)?;
        let snapshot = &read.snapshot;
        let takes_away = request.overwrite.is_some() || request.change.is_some();
        let file_change = file_change(takes_away);
        let transaction = planned(&request.table, &storage, snapshot, file_change)?;
        check_constraints(&request.table, snapshot, &request.constraints)?;
        if let Some(seen) = &request.seen_schema {
            check_columns(&request.table, snapshot, seen)?;
        }
        let already_applied = applied(&request, &storage, snapshot)?;
        let overwrite = request
            .overwrite
            .clone()
            .map(|overwrite| {
                let read = request.reads.iter().map(|read| read.version).max();
                Overwrite::open(&request.table, &storage, overwrite, snapshot, read)
            })
            .transpose()?;
        let change = request
            .change
            .clone()
            .map(|change| {
                let version = change.version;
                let files = ScanRequest::of_files(
                    &request.table,
                    &storage,
                    version,
                    Vec::new(),
                    change.session.clone(),
                );
                let scan = ScanRequest {
                    location: request.location.clone(),
                    storage: request.storage.clone(),
                    ..files
                };
                RowChange::open(change, scan, &storage, snapshot)
            })
            .transpose()?;
        let reads = Reads::open(&request.table, &storage, &request.reads, snapshot)?;
        let properties = snapshot
            .metadata_configuration()
            .clone()
            .into_iter()
            .collect();
        let parts = Parts {
            schema: snapshot.schema().as_ref().clone(),
            properties,
            base: Base::Existing(read),
            overwrite,
            change,
            reads,
            already_applied,
        };
        Self::assemble(request, storage, &transaction, parts)
    }

    fn open_new(
        request: WriteRequest,
        storage: Storage,
        definition: TableDefinition,
    ) -> Result<Self> {
        let outcome = OutcomeCell::default();
        let replaced = request
            .replaces
            .map(|version| Replaced::read(&request.table, &storage, version))
            .transpose()?;
        let mut transaction = create::begin(
            create::Creation {
                name: &request.table,
                storage: &storage,
                definition: &definition,
                engine_info: &request.engine_info,
                operation: request
                    .operation
                    .as_deref()
                    .unwrap_or("CREATE TABLE AS SELECT"),
                txn: request.txn.as_ref(),
                replaced: replaced.as_ref(),
            },
            outcome.clone(),
        )?;
        transaction.ack_column_defaults();
        let schema = parse_schema(&request.table, &definition.schema)?;
        let already_applied = match &replaced {
            Some(replaced) => applied(&request, &storage, replaced.snapshot())?,
            None => None,
        };
        let parts = Parts {
            schema,
            properties: definition.properties,
            base: Base::New {
                transaction: None,
                replaced: None,
            },
            overwrite: None,
            change: None,
            reads: None,
            already_applied,
        };
        let mut opened = Self::assemble(request, storage, &transaction, parts)?;
        opened.write.outcome = outcome;
        opened.write.base = Base::New {
            transaction: Some(Box::new(transaction)),
            replaced,
        };
        Ok(opened)
    }

    fn assemble<S, M: ExecutionMode>(
        request: WriteRequest,
        storage: Storage,
        transaction: &Transaction<S, M>,
        parts: Parts,
    ) -> Result<Self> {
        let kernel = |e| Error::from_kernel(&format!("write to table {}", request.table), e);
        let write_state = transaction
            .write_state()
            .and_then(|s| s.encode())
            .map_err(kernel)?;
        let partition_columns = transaction.logical_partition_columns().to_vec();
        let operation = parts.overwrite.as_ref().map(|o| o.request.operation);
        if operation != Some(Operation::Delete) {
            check_storable(&request.table, &parts.schema, &partition_columns)?;
        }
        let write_id = Uuid::new_v4().simple().to_string();
        let rows = match &parts.change {
            Some(change) => change.extra_columns(),
            None => Vec::new(),
        };
        let plan = PlanParts {
            write_id: write_id.clone(),
            table: request.table.clone(),
            location: request.location.clone(),
            storage: request.storage.clone(),
            write_state: write_state.clone(),
            schema: parts.schema,
            extra: rows,
            purpose: Purpose::Data,
            partition_columns: partition_columns.clone(),
            stats_schema: transaction.stats_schema().map_err(kernel)?.as_ref().clone(),
            files: file_plan(&request.writer, &parts.properties)?,
            executor_cores: request.writer.executor_cores,
            already_applied: parts.already_applied.is_some(),
        };
        let changes = parts.change.as_ref().and_then(RowChange::change_column);
        let changes = changes.map(|column| PlanParts {
            extra: vec![column],
            purpose: Purpose::Changes,
            ..plan.clone()
        });
        let encoded = |parts| WritePlan::new(parts).and_then(|plan| plan.encode());
        Ok(Self {
            plan: encoded(plan)?,
            changes_plan: changes.map(encoded).transpose()?,
            write: Write {
                request,
                storage,
                base: parts.base,
                overwrite: parts.overwrite,
                change: parts.change,
                reads: parts.reads,
                partition_columns,
                write_state,
                outcome: OutcomeCell::default(),
            },
            write_id,
            already_applied: parts.already_applied,
            copied: Written::default(),
        })
    }

    /// The encoded write plan for the tasks.
    pub fn plan(&self) -> &[u8] {
        &self.plan
    }

    /// Finds out what becomes of the files of which tasks have touched rows; `files` are those of the statement's scan,
    /// none if there was no scan. To be called once, before the commit.
    ///
    /// Errors: those of [`RowChange::resolve`].
    pub fn resolve_change(
        &mut self,
        files: Option<&[u8]>,
        positions: &[Vec<u8>],
        resolution: Resolution,
    ) -> Result<(Resolved, Vec<Copies>)> {
        let change = row_change(&mut self.write)?;
        match self.already_applied {
            Some(_) => change.resolve(None, &[], resolution),
            None => change.resolve(files, positions, resolution),
        }
    }

    /// Takes in what the tasks have written that copied rows. To be called once, before the commit.
    ///
    /// Errors: Internal if it is not as many rows as were to be copied.
    pub fn stage_copies(&mut self, receipts: &[Vec<u8>]) -> Result<()> {
        self.copied = Written::of(receipts)?;
        row_change(&mut self.write)?.take_copies(&self.copied.data.summary)
    }

    /// The encoded plan for tasks that write what the change data feed tells, if the write has to: rows of the table and
    /// what happened to them.
    pub fn changes_plan(&self) -> Option<&[u8]> {
        self.changes_plan.as_deref()
    }

    /// Commits the files of `receipts`, and those with copied rows, as one version of the table.
    ///
    /// Errors: Conflict if another writer changed what the files depend on; CommitUnknown if no
    /// answer tells whether the commit landed (nothing may be deleted then); CorruptTable, Storage.
    pub fn commit(&mut self, receipts: &[Vec<u8>]) -> Result<CommitReport> {
        let started = Instant::now();
        let mut written = Written::of(receipts)?;
        // Kept, too: an abort deletes them.
        written.append(self.copied.clone());
        if let Some(version) = self.already_applied {
            return Ok(self.skipped(version));
        }
        let committed = retry::commit(&mut self.write, &written)?;
        Ok(CommitReport {
            outcome: "committed",
            version: committed.version,
            attempts: committed.attempts,
            num_files: written.data.summary.paths.len() as u64,
            num_output_rows: written.data.summary.rows,
            num_output_bytes: written.data.summary.bytes,
            commit_millis: started.elapsed().as_millis() as u64,
        })
    }

    /// Deletes what the tasks wrote, unless the commit landed or its outcome is unknown: the files of
    /// `receipts`, and where the receipts are not `complete`, whatever bears the name of this write
    /// (Spark drops the results of tasks that end while another one fails).
    pub fn abort(&self, receipts: &[Vec<u8>], complete: bool) -> Result<()> {
        match self.write.outcome.get() {
            Outcome::Committed => Ok(()),
            Outcome::Unknown => {
                tracing::warn!(
                    table = self.write.request.table,
                    "the outcome of the commit is unknown: keeping all files"
                );
                Ok(())
            }
            Outcome::NotAttempted | Outcome::Lost => {
                let written = Written::of(receipts)?;
                let named = written.paths().chain(self.copied.paths());
                let named = named.map(|path| Path::from(path.as_str()));
                let change = self.write.change.as_ref();
                let vectors = change.and_then(RowChange::vector_file).cloned();
                let files: Vec<_> = named.chain(vectors).collect();
                self.write.storage.delete_all(&files)?;
                if !complete {
                    self.write.storage.delete_all(&self.strays()?)?;
                }
                if matches!(self.write.base, Base::New { replaced: None, .. }) {
                    self.write.storage.remove_empty_directories();
                }
                Ok(())
            }
        }
    }

    /// Files of this write that no receipt names.
    fn strays(&self) -> Result<Vec<Path>> {
        let root = self.write.storage.path_of(&self.write.storage.url)?;
        let ours = self
            .write
            .storage
            .store
            .list(Some(&root))
            .try_filter(|file| {
                let name = file.location.filename().unwrap_or_default();
                std::future::ready(name.contains(&self.write_id))
            });
        let files: Result<Vec<_>, _> = self.write.storage.block_on(ours.try_collect::<Vec<_>>())?;
        let action = format!("list the files of table {}", self.write.request.table);
        let files = files.map_err(|e| Error::from_storage(&action, e))?;
        Ok(files.into_iter().map(|file| file.location).collect())
    }

    fn skipped(&self, version: u64) -> CommitReport {
        let (app_id, applied) = self
            .write
            .request
            .txn
            .as_ref()
            .map_or(("", 0), |txn| (txn.app_id.as_str(), txn.version));
        tracing::info!(
            table = self.write.request.table,
            app_id,
            applied,
            "write skipped: txnAppId and txnVersion were committed before"
        );
        CommitReport {
            outcome: "skipped",
            version,
            attempts: 0,
            num_files: 0,
            num_output_rows: 0,
            num_output_bytes: 0,
            commit_millis: 0,
        }
    }
}

/// Checks that rows have something to be stored of in files: a file without columns has no rows.
///
/// Errors: UnsupportedTable (`DELTA_NON_PARTITION_COLUMN_ABSENT`).
fn check_storable(table: &str, schema: &StructType, partition_columns: &[String]) -> Result<()> {
    let is_stored =
        |field: &StructField| !partition_columns.contains(field.name()) && !is_void(field);
    if schema.fields().any(is_stored) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::UnsupportedTable,
        format!(
            "Cannot write to table {table}: files hold none of its columns, which are all partition columns or VOID, \
             so that its rows would be lost; add a column of another type"
        ),
    )
    .class("DELTA_NON_PARTITION_COLUMN_ABSENT"))
}

struct Parts {
    schema: StructType,
    properties: BTreeMap<String, String>,
    base: Base,
    overwrite: Option<Overwrite>,
    change: Option<RowChange>,
    reads: Option<Reads>,
    already_applied: Option<u64>,
}

fn row_change(write: &mut Write) -> Result<&mut RowChange> {
    let table = &write.request.table;
    let change = write.change.as_mut();
    change.ok_or_else(|| {
        Error::internal(format!(
            "Cannot change rows of table {table}: this write brings rows only"
        ))
    })
}

/// The table's version if the application transaction of `request` was committed before.
fn applied(
    request: &WriteRequest,
    storage: &Storage,
    snapshot: &SnapshotRef,
) -> Result<Option<u64>> {
    let txn = request.txn.as_ref();
    let applied = txn.map(|txn| txn.applied(&request.table, storage, snapshot));
    applied.transpose().map(Option::flatten)
}

fn file_plan(options: &WriterOptions, properties: &BTreeMap<String, String>) -> Result<FilePlan> {
    let property = properties.get("delta.parquet.compression.codec");
    Ok(FilePlan {
        codec: Codec::resolve(
            options.codec_option.as_deref(),
            property.map(String::as_str),
            options.codec_session.as_deref(),
        )?,
        row_group_bytes: options
            .row_group_bytes
            .map_or(FilePlan::DEFAULT_ROW_GROUP_BYTES, NonZero::get),
        target_file_bytes: options
            .target_file_bytes
            .map_or(FilePlan::DEFAULT_TARGET_FILE_BYTES, NonZero::get),
        max_records_per_file: options.max_records_per_file.filter(|limit| *limit > 0),
    })
}
