//! DELETE, UPDATE and MERGE on the driver: what tasks have touched becomes files that go, deletion vectors, and files
//! that are written anew, all of the version that the statement has read.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::RecordBatch;
use delta_kernel::FilteredEngineData;
use delta_kernel::actions::deletion_vector::DeletionVectorDescriptor;
use delta_kernel::engine::arrow_data::ArrowEngineData;
use delta_kernel::schema::StructField;
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::Transaction;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use super::conflict::reads::isolation_level;
use super::conflict::rows::{Clash, TargetRead};
use super::conflict::winner::Winner;
use super::overwrite::{Operation, Removal, refuse};
use crate::error::{Error, Result};
use crate::log::conflict;
use crate::rows::extra;
use crate::rows::fate::{Fate, writes_vectors};
use crate::rows::positions::Positions;
use crate::rows::rewrite::{Beside, Copies, Source};
use crate::rows::touched::{Files, TouchedFile};
use crate::rows::vectors::Vectors;
use crate::scan::message::FileList;
use crate::scan::plan::pack::Packing;
use crate::scan::plan::planner::{FileScan, ScanRequest};
use crate::scan::session::Session;
use crate::storage::Storage;
use crate::table::time_travel;
use crate::write::receipt::Summary;

/// A statement that changes rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowChangeRequest {
    pub operation: Operation,
    /// The version that the statement has read.
    pub version: u64,
    /// Id of the table that it has read.
    pub table_id: String,
    /// Recorded in the commit.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Whether no clause of it changes a row that is there.
    #[serde(default)]
    pub insert_only: bool,
    #[serde(default)]
    pub session: Session,
    /// What was read to find the rows, where that is not among the statement's other reads.
    #[serde(default)]
    pub target: Option<TargetRead>,
}

/// What Spark says when the tasks of a statement are done.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resolution {
    /// Of the tasks that copy rows.
    pub packing: Packing,
    /// Metrics that only Spark knows, recorded in the commit.
    #[serde(default)]
    pub counts: BTreeMap<String, i64>,
}

/// A statement from its start to its commit.
pub struct RowChange {
    pub request: RowChangeRequest,
    pub isolation_level: &'static str,
    storage: Storage,
    /// Of the version that was read.
    snapshot: SnapshotRef,
    /// Reads all columns of it.
    scan: ScanRequest,
    touched: Vec<TouchedFile>,
    counts: BTreeMap<String, i64>,
    copied: Summary,
    /// Once they are written.
    vectors: Option<Vectors>,
    /// Files whose vectors hold rows that another writer has marked meanwhile.
    joined: HashSet<String>,
}

/// What the driver says of a change before the rows that stay are copied.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolved {
    /// Tasks that copy rows that stay.
    pub rewrites: usize,
    /// Tasks that copy rows for the change data feed.
    pub changes: usize,
    pub deleted_rows: u64,
    pub updated_rows: u64,
}

/// Files whose deletion vectors are replaced.
pub struct Marks {
    /// The kernel's scan rows.
    rows: Vec<RecordBatch>,
    /// By path.
    descriptors: HashMap<String, DeletionVectorDescriptor>,
}

impl RowChange {
    /// `scan` is of the version that was read, whatever columns; `newest` is the table's newest version.
    ///
    /// Errors: InvalidInput for a table that only allows appends, unless none of its rows is touched, or a version that
    /// is not there; UnsupportedTable for one whose files must not be removed; Conflict if another table has its place.
    pub fn open(
        change: RowChangeRequest,
        scan: ScanRequest,
        storage: &Storage,
        newest: &SnapshotRef,
    ) -> Result<Self> {
        let table = &scan.table;
        let snapshot = time_travel::snapshot_at(table, storage, change.version)?;
        let id = |snapshot: &SnapshotRef| snapshot.table_configuration().metadata().id().to_owned();
        if [&snapshot, newest]
            .iter()
            .any(|seen| id(seen) != change.table_id)
        {
            conflict::conflict(
                table,
                newest.version(),
                "DELTA_METADATA_CHANGED",
                "put another table in the place of the one that this statement changes",
            )?;
        }
        let schema = serde_json::to_value(snapshot.schema().as_ref()).map_err(|e| {
            Error::internal(format!("Cannot change rows of table {table}")).caused_by(e)
        })?;
        Ok(Self {
            isolation_level: isolation_level(&snapshot),
            storage: storage.clone(),
            scan: ScanRequest { schema, ..scan },
            snapshot,
            request: change,
            touched: Vec::new(),
            counts: BTreeMap::new(),
            copied: Summary::default(),
            vectors: None,
            joined: HashSet::new(),
        })
    }

    /// Finds out what becomes of the files that tasks have touched rows of. `files` are those of the statement's scan;
    /// none if there was no scan, and so nothing is touched.
    ///
    /// Errors: InvalidInput if a row is changed twice, or the table only allows appends; UnsupportedTable if no file of it
    /// may be removed; Internal, Storage.
    pub fn resolve(
        &mut self,
        files: Option<&[u8]>,
        positions: &[Vec<u8>],
        resolution: Resolution,
    ) -> Result<(Resolved, Vec<Copies>)> {
        self.counts = resolution.counts;
        let mut all = Positions::default();
        for bytes in positions {
            all.merge(Positions::decode(bytes)?)?;
        }
        if !all.is_empty() {
            let table = &self.scan.table;
            refuse(table, self.snapshot.metadata_configuration())?;
            let files = files.ok_or_else(|| {
                Error::internal(format!(
                    "Cannot change rows of table {table}: nothing was read of it"
                ))
            })?;
            let list: FileList = serde_json::from_slice(files)
                .map_err(|e| Error::internal("Cannot read the files of a scan").caused_by(e))?;
            self.touched = self.files().touched(list, all)?;
        }
        let source = Source {
            scan: &self.scan,
            snapshot: &self.snapshot,
            packing: &resolution.packing,
        };
        let beside = match self.extra_columns().is_empty() {
            true => Beside::None,
            false => Beside::RowTracking,
        };
        let mut copies = vec![source.remainders(&self.touched, beside)?];
        if self.change_column().is_some() {
            copies.push(source.changed(&self.touched)?);
        }
        let resolved = Resolved {
            rewrites: copies[0].partitions.len(),
            changes: copies.get(1).map_or(0, |changes| changes.partitions.len()),
            deleted_rows: self.deleted_rows(),
            updated_rows: self.updated_rows(),
        };
        Ok((resolved, copies))
    }

    /// Columns that its data files have behind those of the table.
    pub fn extra_columns(&self) -> Vec<StructField> {
        extra::row_tracking(&self.snapshot)
    }

    /// The column of its change files; none if it writes no such files. The log itself tells which rows are deleted by
    /// vectors, and which are inserted.
    pub fn change_column(&self) -> Option<StructField> {
        let is_told_by_log = match self.request.operation {
            Operation::Delete => writes_vectors(&self.snapshot),
            _ => self.request.insert_only,
        };
        let is_needed = extra::feeds_changes(&self.snapshot) && !is_told_by_log;
        is_needed.then(extra::change_type)
    }

    fn files(&self) -> Files<'_> {
        Files {
            table: &self.scan.table,
            storage: &self.storage,
            options: &self.scan.storage,
            writes_vectors: writes_vectors(&self.snapshot),
        }
    }

    /// Takes in what the tasks have written that copied rows.
    ///
    /// Errors: Internal if it is not as many rows as were to be copied, where that is known: some would be lost, or
    /// there twice.
    pub fn take_copies(&mut self, copied: &Summary) -> Result<()> {
        let rewritten = self.touched.iter();
        let rewritten = rewritten.filter(|file| file.fate == Fate::Rewritten);
        let expected: Option<u64> = rewritten
            .map(|file| Some(file.file.rows?.saturating_sub(file.gone.len())))
            .sum();
        if expected.is_some_and(|expected| expected != copied.rows) {
            return Err(Error::internal(format!(
                "Cannot change rows of table {}: {} rows were copied of files that are written anew, and not {}, which \
                 their statistics say are left",
                self.scan.table,
                copied.rows,
                expected.unwrap_or_default()
            )));
        }
        self.copied = copied.clone();
        Ok(())
    }

    /// What was copied.
    pub fn copied(&self) -> &Summary {
        &self.copied
    }

    /// Metrics that only Spark knows.
    pub fn counts(&self) -> &BTreeMap<String, i64> {
        &self.counts
    }

    pub fn deleted_rows(&self) -> u64 {
        let files = self.touched.iter();
        files.map(|file| file.rows.deleted.len()).sum()
    }

    pub fn updated_rows(&self) -> u64 {
        let files = self.touched.iter();
        files.map(|file| file.rows.updated.len()).sum()
    }

    pub fn touched(&self) -> &[TouchedFile] {
        &self.touched
    }

    /// Files of which another writer has marked rows, too, that both commits are to have marked.
    pub fn num_joined(&self) -> usize {
        self.joined.len()
    }

    /// Where its deletion vectors lie, if they were written.
    pub fn vector_file(&self) -> Option<&Path> {
        self.vectors.as_ref()?.file.as_ref()
    }

    /// Writes the deletion vectors, and finds the files that go and those that are marked in the log.
    ///
    /// Errors: Storage; those of reading the log.
    pub fn stage(&mut self) -> Result<(Removal, Marks)> {
        let snapshot = self.snapshot.clone();
        self.stage_on(&snapshot, snapshot.version())
    }

    /// The same once the vectors of others have been joined, on the version that they have led to. `checked` is the last
    /// version that is known not to stand in the way.
    ///
    /// Errors: as [`Self::stage`].
    pub fn stage_on(&mut self, snapshot: &SnapshotRef, checked: u64) -> Result<(Removal, Marks)> {
        let marked = self.touched.iter().filter(|file| file.fate == Fate::Marked);
        let marked = marked.map(|file| (file.file.path.as_str(), &file.gone));
        let vectors = Vectors::write(&self.scan.table, &self.storage, marked)?;
        let descriptors = vectors.descriptors.clone();
        self.replace_vectors(vectors);
        let removal = Removal::of(
            self.rows_in(snapshot, |fate| fate != Fate::Marked)?,
            checked,
        );
        let rows = self.rows_in(snapshot, |fate| fate == Fate::Marked)?;
        let found = removal.num_files() + rows.iter().map(RecordBatch::num_rows).sum::<usize>();
        if found != self.touched.len() {
            return Err(Error::internal(format!(
                "Cannot change rows of table {}: {found} of {} files are in its version {}",
                self.scan.table,
                self.touched.len(),
                snapshot.version()
            )));
        }
        Ok((removal, Marks { rows, descriptors }))
    }

    /// No commit names those there were.
    fn replace_vectors(&mut self, vectors: Vectors) {
        let Some(before) = self
            .vectors
            .replace(vectors)
            .and_then(|vectors| vectors.file)
        else {
            return;
        };
        if let Err(e) = self.storage.delete_all(&[before]) {
            tracing::warn!(table = self.scan.table, error = %e, "a deletion vector that nothing names was left behind");
        }
    }

    /// The kernel's scan rows of the touched files of some fates.
    fn rows_in(
        &self,
        snapshot: &SnapshotRef,
        is_wanted: impl Fn(Fate) -> bool,
    ) -> Result<Vec<RecordBatch>> {
        let wanted = self.touched.iter().filter(|file| is_wanted(file.fate));
        let wanted: HashSet<&str> = wanted.map(|file| file.file.path.as_str()).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        time_travel::with_fresh_log(&self.scan.table, &self.storage, snapshot, |snapshot| {
            let files = FileScan::new(&self.scan, &self.storage, snapshot)?;
            files.rows(|file| Ok(wanted.contains(file.path.as_str())))
        })
    }

    /// Checks the commits of others up to `newest`, as far as they were not checked before: up to `checked`. True if
    /// vectors of theirs have been joined, so that what is committed has to be staged anew.
    ///
    /// Errors: Conflict if one changed rows that this statement changes, or may have changed what it does.
    pub fn check_winners(&mut self, checked: u64, newest: u64) -> Result<bool> {
        let mut joined = false;
        for version in checked + 1..=newest {
            conflict::check_winner(&self.scan.table, &self.storage, version, None)?;
            let winner = Winner::read(&self.scan.table, &self.storage, version)?;
            joined |= self.check_winner(&winner, version)?;
        }
        Ok(joined)
    }

    fn check_winner(&mut self, winner: &Winner, version: u64) -> Result<bool> {
        let conflict = |class, what| conflict::conflict(&self.scan.table, version, class, what);
        let is_serializable = self.isolation_level == "Serializable";
        let target = self.request.target.clone();
        let target = target.unwrap_or_else(TargetRead::whole);
        let scan = target.scan(&self.scan);
        let files = FileScan::new(&scan, &self.storage, &self.snapshot)?;
        match target.clash(winner, &files, is_serializable)? {
            Some(Clash::Appended) => conflict(
                "DELTA_CONCURRENT_APPEND",
                "added rows that this statement may have had to change",
            )?,
            Some(Clash::Removed) => conflict(
                "DELTA_CONCURRENT_DELETE_READ",
                "removed rows that this statement has read",
            )?,
            None => {}
        }
        self.join(winner, version, is_serializable)
    }

    /// Joins the winner's vectors of touched files with ours.
    fn join(&mut self, winner: &Winner, version: u64, is_serializable: bool) -> Result<bool> {
        let mut touched = std::mem::take(&mut self.touched);
        let mut joined = Vec::new();
        let mut standing = None;
        for file in &mut touched {
            let path = file.file.path.as_str();
            if !winner.removed.iter().any(|change| change.file.path == path) {
                continue;
            }
            let mut marked = winner
                .added
                .iter()
                .filter(|change| change.file.path == path);
            let vector = marked
                .next()
                .and_then(|change| change.file.deletion_vector.clone());
            let path = path.to_owned();
            let is_joined = match vector {
                Some(vector) if file.fate == Fate::Marked && !is_serializable => {
                    self.files().rejoin(file, &vector)?
                }
                _ => false,
            };
            match is_joined {
                true => joined.push(path),
                false => standing = Some(path),
            }
        }
        self.touched = touched;
        if let Some(path) = standing {
            conflict::conflict(
                &self.scan.table,
                version,
                "DELTA_CONCURRENT_DELETE_READ",
                &format!("changed rows of file {path} that this statement has read"),
            )?;
        }
        let is_any = !joined.is_empty();
        self.joined.extend(joined);
        Ok(is_any)
    }
}

impl Marks {
    /// Has the vectors come with `transaction`.
    ///
    /// Errors: UnsupportedTable if the table has no deletion vectors.
    pub fn stage(&self, table: &str, transaction: &mut Transaction) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        // Rows keep their places, and so their ids.
        transaction.ack_row_tracking_preservation();
        let rows = self.rows.iter().map(|rows| {
            let rows = Box::new(ArrowEngineData::new(rows.clone()));
            Ok(FilteredEngineData::with_all_rows_selected(rows))
        });
        transaction
            .update_deletion_vectors(self.descriptors.clone(), rows)
            .map_err(|e| Error::from_kernel(&format!("mark deleted rows of table {table}"), e))
    }

    /// How many files are marked.
    pub fn num_files(&self) -> usize {
        self.descriptors.len()
    }
}
