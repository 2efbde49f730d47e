//! Overwrites: which files go in the commit that brings new ones, and which commits of others stand in
//! the way.
//!
//! The files that go are those of the version that the writer has seen, so that no row is removed
//! unseen. Rows that others append meanwhile stay, as in Delta's isolation level WriteSerializable; in a
//! table that is Serializable, and after any other change of the rows in question, the write fails. So it
//! does after appends that the statement has read, as its scans are planned after it was analyzed: they
//! would be there twice.

use std::collections::{HashMap, HashSet};

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::Int64Type;
use delta_kernel::FilteredEngineData;
use delta_kernel::engine::arrow_data::ArrowEngineData;
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::Transaction;
use serde::Deserialize;

use super::conflict::reads::isolation_level;
use super::conflict::winner::Winner;
use crate::error::{Error, ErrorKind, Result};
use crate::log::conflict;
use crate::scan::files::{DataFile, ScanRows};
use crate::scan::filter;
use crate::scan::plan::planner::{FileScan, ScanRequest};
use crate::scan::session::Session;
use crate::storage::Storage;
use crate::table::properties::is_true;
use crate::table::refusal::refuse_append_only;
use crate::table::time_travel;
use crate::write::receipt::Receipt;

/// What a write overwrites.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OverwriteRequest {
    pub operation: Operation,
    /// The version that the writer has seen.
    pub version: u64,
    /// Id of the table that the writer has seen.
    pub table_id: String,
    pub scope: Scope,
    /// The condition on the rows that go, as the user wrote it; recorded in the commit.
    #[serde(default)]
    pub predicate: Option<String>,
    #[serde(default)]
    pub session: Session,
}

/// What the table's history calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operation {
    Write,
    /// Brings no rows.
    Delete,
    Update,
    Merge,
}

/// The rows that an overwrite removes. Of a table without partitions those written to are all.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// All of the table.
    Table,
    /// Those of the partitions that all of these filters match.
    Matching(Vec<filter::Request>),
    /// Those of the partitions that rows are written to.
    WrittenPartitions,
}

/// An overwrite from its start to its commit.
pub struct Overwrite {
    pub request: OverwriteRequest,
    pub isolation_level: &'static str,
    storage: Storage,
    /// Of the version that the writer has seen.
    snapshot: SnapshotRef,
    /// The newest version that the statement has read, if it has read the table.
    read: Option<u64>,
    scan: ScanRequest,
}

/// The files an overwrite removes, once it is known what was written.
pub struct Removal {
    /// The kernel's scan rows.
    rows: Vec<RecordBatch>,
    /// Partitions that rows were written to, where these are what is overwritten.
    partitions: HashSet<String>,
    /// The last version whose commit is known not to stand in the way.
    checked: u64,
}

impl Overwrite {
    /// `newest` is the table's newest version, `read` the newest that the statement has read, if any.
    ///
    /// Errors: InvalidInput for a table that only allows appends, or a version that is not there;
    /// UnsupportedTable for one whose files must not be removed; Conflict if another table has its place.
    pub fn open(
        table: &str,
        storage: &Storage,
        mut request: OverwriteRequest,
        newest: &SnapshotRef,
        read: Option<u64>,
    ) -> Result<Self> {
        let snapshot = time_travel::snapshot_at(table, storage, request.version)?;
        let id = |snapshot: &SnapshotRef| snapshot.table_configuration().metadata().id().to_owned();
        if [&snapshot, newest]
            .iter()
            .any(|seen| id(seen) != request.table_id)
        {
            conflict::conflict(
                table,
                newest.version(),
                "DELTA_METADATA_CHANGED",
                "put another table in the place of the one that this write overwrites",
            )?;
        }
        let properties = snapshot.metadata_configuration();
        refuse(table, properties)?;
        let is_partitioned = !snapshot
            .table_configuration()
            .logical_partition_columns()
            .is_empty();
        if matches!(request.scope, Scope::WrittenPartitions) && !is_partitioned {
            request.scope = Scope::Table;
        }
        let filters = match &request.scope {
            Scope::Matching(filters) => filters.clone(),
            _ => Vec::new(),
        };
        let session = request.session.clone();
        let scan = ScanRequest::of_files(table, storage, request.version, filters, session);
        let overwrite = Self {
            isolation_level: isolation_level(&snapshot),
            storage: storage.clone(),
            snapshot,
            read,
            scan,
            request,
        };
        overwrite.files(&overwrite.snapshot)?;
        Ok(overwrite)
    }

    fn files<'a>(&'a self, snapshot: &'a SnapshotRef) -> Result<FileScan<'a>> {
        FileScan::new(&self.scan, &self.storage, snapshot)
    }

    /// Finds the files that go.
    ///
    /// Errors: InvalidInput for rows written outside of what is overwritten (Delta's
    /// `DELTA_REPLACE_WHERE_MISMATCH`).
    pub fn removal(&self, written: &Receipt) -> Result<Removal> {
        let table = &self.scan.table;
        time_travel::with_fresh_log(table, &self.storage, &self.snapshot, |snapshot| {
            self.removal_from(snapshot, written)
        })
    }

    fn removal_from(&self, snapshot: &SnapshotRef, written: &Receipt) -> Result<Removal> {
        let files = self.files(snapshot)?;
        let mut partitions = HashSet::new();
        for file in written_files(written)? {
            let file = files.completed(file)?;
            match self.request.scope {
                Scope::Table => {}
                Scope::WrittenPartitions => {
                    partitions.insert(files.partition_of(&file)?);
                }
                Scope::Matching(_) if files.is_wanted(&file)? => {}
                Scope::Matching(_) => return Err(self.mismatch(&file)),
            }
        }
        let rows = files.rows(|file| self.is_overwritten(&files, &partitions, file))?;
        Ok(Removal {
            rows,
            partitions,
            checked: self.request.version,
        })
    }

    fn is_overwritten(
        &self,
        files: &FileScan<'_>,
        partitions: &HashSet<String>,
        file: &DataFile,
    ) -> Result<bool> {
        match self.request.scope {
            Scope::Table => Ok(true),
            Scope::Matching(_) => files.is_wanted(file),
            Scope::WrittenPartitions => Ok(partitions.contains(&files.partition_of(file)?)),
        }
    }

    fn mismatch(&self, file: &DataFile) -> Error {
        let values = file
            .partition_values
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        Error::invalid(format!(
            "Cannot overwrite the rows of table {} where {}: rows of another partition ({}) were written; write only \
             rows that match the condition",
            self.scan.table,
            self.request.predicate.as_deref().unwrap_or("the condition holds"),
            values.collect::<Vec<_>>().join(", "),
        ))
        .class("DELTA_REPLACE_WHERE_MISMATCH")
    }

    /// Checks the commits of others up to `newest`, as far as they were not checked before.
    ///
    /// Errors: Conflict if one changed what this overwrite is about.
    pub fn check_winners(&self, removal: &mut Removal, newest: u64) -> Result<()> {
        if removal.checked >= newest {
            return Ok(());
        }
        let removed = removal.paths()?;
        for version in removal.checked + 1..=newest {
            conflict::check_winner(&self.scan.table, &self.storage, version, None)?;
            self.check_winner(removal, &removed, version)?;
            removal.checked = version;
        }
        Ok(())
    }

    fn check_winner(
        &self,
        removal: &Removal,
        removed: &HashSet<String>,
        version: u64,
    ) -> Result<()> {
        let table = &self.scan.table;
        let winner = Winner::read(table, &self.storage, version)?;
        let mut removes = winner.removed.iter();
        if removes.any(|change| removed.contains(&change.file.path)) {
            return conflict::conflict(
                table,
                version,
                "DELTA_CONCURRENT_DELETE_DELETE",
                "removed or rewrote rows that this write overwrites",
            );
        }
        let is_unread = self.read.is_none_or(|read| version > read);
        if winner.is_blind && is_unread && self.isolation_level != "Serializable" {
            return Ok(());
        }
        let files = self.files(&self.snapshot)?;
        for added in winner.added {
            let file = files.completed(added.file)?;
            if added.is_of_data && self.is_overwritten(&files, &removal.partitions, &file)? {
                return conflict::conflict(
                    table,
                    version,
                    "DELTA_CONCURRENT_APPEND",
                    "added rows to what this write overwrites",
                );
            }
        }
        Ok(())
    }
}

/// Refuses tables with a property by which no file may be removed.
pub fn refuse(table: &str, properties: &HashMap<String, String>) -> Result<()> {
    refuse_append_only("remove rows of", table, properties)?;
    let compat = properties.get("delta.enableIcebergCompatV3");
    if compat.is_some_and(|value| is_true(value)) {
        return Err(Error::new(
            ErrorKind::UnsupportedTable,
            format!(
                "Cannot remove rows of table {table}: it is kept readable as an Iceberg table of version 3 \
                 (delta.enableIcebergCompatV3), for which files can only be added yet; use delta-spark"
            ),
        )
        .class("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE"));
    }
    Ok(())
}

impl Removal {
    /// Files by the kernel's scan rows of `version`, which is known.
    pub fn of(rows: Vec<RecordBatch>, version: u64) -> Self {
        Self {
            rows,
            partitions: HashSet::new(),
            checked: version,
        }
    }

    /// The last version whose commit is known not to stand in the way.
    pub fn checked(&self) -> u64 {
        self.checked
    }

    /// Nor do those up to `version`.
    pub fn check(&mut self, version: u64) {
        self.checked = self.checked.max(version);
    }

    /// Has the files go with `transaction`.
    pub fn stage(&self, transaction: &mut Transaction) {
        // No row is copied, so there are no ids to preserve.
        transaction.ack_row_tracking_preservation();
        for rows in &self.rows {
            let rows = Box::new(ArrowEngineData::new(rows.clone()));
            transaction.remove_files(FilteredEngineData::with_all_rows_selected(rows));
        }
    }

    /// The files.
    ///
    /// Errors: Internal for scan rows of another shape.
    pub fn files(&self) -> Result<Vec<DataFile>> {
        let mut files = Vec::new();
        for batch in &self.rows {
            let rows = ScanRows::of(batch)?;
            files.extend((0..batch.num_rows()).map(|row| rows.file(row)));
        }
        Ok(files)
    }

    pub fn num_files(&self) -> usize {
        self.rows.iter().map(RecordBatch::num_rows).sum()
    }

    pub fn num_bytes(&self) -> i64 {
        let sizes = self
            .rows
            .iter()
            .filter_map(|rows| rows.column_by_name("size"));
        sizes
            .filter_map(|sizes| sizes.as_primitive_opt::<Int64Type>())
            .flat_map(|sizes| sizes.iter().flatten())
            .sum()
    }

    fn paths(&self) -> Result<HashSet<String>> {
        let mut found = HashSet::new();
        for rows in &self.rows {
            let paths = rows
                .column_by_name("path")
                .and_then(|paths| paths.as_string_opt::<i32>());
            let paths = paths.ok_or_else(|| {
                Error::internal(format!("Cannot read scan rows of schema {}", rows.schema()))
            })?;
            found.extend(paths.iter().flatten().map(str::to_owned));
        }
        Ok(found)
    }
}

fn written_files(written: &Receipt) -> Result<Vec<DataFile>> {
    let mut files = Vec::new();
    for rows in &written.add_rows {
        let of = |rows: &RecordBatch| {
            let paths = rows.column_by_name("path")?.as_string_opt::<i32>()?.clone();
            let partitions = rows
                .column_by_name("partitionValues")?
                .as_map_opt()?
                .clone();
            Some((paths, partitions))
        };
        let (paths, partitions) = of(rows).ok_or_else(|| {
            Error::internal(format!(
                "Cannot read add actions of schema {}",
                rows.schema()
            ))
        })?;
        for row in 0..rows.num_rows() {
            let entries = crate::scan::files::text_entries(&partitions, row);
            files.push(DataFile::of_partition(paths.value(row).to_owned(), entries));
        }
    }
    Ok(files)
}
