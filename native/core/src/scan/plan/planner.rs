//! The driver's part of a scan: a snapshot, the columns and files to read.

use std::collections::{BTreeMap, HashSet};

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use delta_kernel::engine::arrow_data::EngineDataArrowExt as _;
use delta_kernel::expressions::{Predicate, Scalar};
use delta_kernel::scan::StatsOptions;
use delta_kernel::schema::{DataType, PrimitiveType, StructType};
use delta_kernel::snapshot::SnapshotRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resolver::{Resolver, RowTracking};
use super::stats::Stats;
use crate::error::{Error, ErrorKind, Result};
use crate::scan::fields::ReadField;
use crate::scan::files::{DataFile, ScanRows};
use crate::scan::filter::{self, Filter};
use crate::scan::keys::{PartitionColumn, partition_key};
use crate::scan::message::{FileList, ReadPlan, encode};
use crate::scan::session::{LocalTimestamps, Session};
use crate::storage::{Storage, StorageOptions};
use crate::table::column_mapping::physical_name;
use crate::table::{self, damage, time_travel};
use crate::version::build_id;

/// What Spark wants to read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanRequest {
    /// As the user names it.
    pub table: String,
    pub location: String,
    #[serde(default)]
    pub storage: StorageOptions,
    /// The newest without one.
    pub version: Option<u64>,
    /// Spark schema in JSON.
    pub schema: Value,
    /// All of them hold for the wanted rows.
    #[serde(default)]
    pub filters: Vec<filter::Request>,
    /// Filters on partition columns that nobody evaluates again.
    #[serde(default)]
    pub exact_filters: Vec<filter::Request>,
    /// Rows that are enough, if the filters leave no row of a file out.
    pub limit: Option<u64>,
    #[serde(default)]
    pub session: Session,
}

/// What a scan will read, as far as Spark's optimizer wants to know.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanSummary {
    pub version: u64,
    pub files: u64,
    /// Of whole files, compressed.
    pub bytes: u64,
    /// None if a file has no row count.
    pub rows: Option<u64>,
}

/// A planned scan. `plan` goes to every task, `files` to [`super::pack`]; both are opaque to others.
#[derive(Debug)]
pub struct PlannedScan {
    pub summary: ScanSummary,
    pub plan: Vec<u8>,
    pub files: Vec<u8>,
}

/// Plans a scan.
///
/// Errors: those of loading a snapshot; InvalidInput for a column that does not exist;
/// UnsupportedTable for a reader feature that is not known here.
pub fn plan(request: ScanRequest) -> Result<PlannedScan> {
    let storage = Storage::open(&request.location, &request.storage)?;
    with_fresh_log(&request.table, &storage, request.version, || {
        plan_once(&request, &storage)
    })
}

/// Tries again without the cached snapshot, which may name commits that were cleaned up behind a
/// checkpoint since, and without a checkpoint that turns out to be broken as it is read.
pub fn with_fresh_log<T>(
    table: &str,
    storage: &Storage,
    version: Option<u64>,
    attempt: impl Fn() -> Result<T>,
) -> Result<T> {
    match attempt() {
        Err(e) if e.kind == ErrorKind::CorruptTable => {
            let anew = || {
                table::forget(storage);
                attempt()
            };
            table::without_damage(table, storage, version, anew(), anew)
        }
        done => done,
    }
}

fn plan_once(request: &ScanRequest, storage: &Storage) -> Result<PlannedScan> {
    let snapshot = snapshot(&request.table, storage, request.version)?;
    let scan = FileScan::new(request, storage, &snapshot)?;
    let files = scan.files(request.limit)?;
    let summary = summary(snapshot.version(), &files);
    if scan.filters.is_empty() && request.limit.is_none() {
        let counted = (summary.files, summary.bytes);
        check_counts(&request.table, storage, &snapshot, counted)?;
    }
    let filter = Filter::all(scan.filters.clone());
    let plan = ReadPlan {
        build: build_id().to_owned(),
        fields: resolve(request, &snapshot)?,
        table: request.table.clone(),
        version: Some(snapshot.version()),
        plain: None,
        location: request.location.clone(),
        storage: request.storage.clone(),
        filter,
        session: request.session.clone(),
    };
    Ok(PlannedScan {
        summary,
        plan: encode(&plan)?,
        files: encode(&FileList {
            partitions: scan.partitions,
            files,
        })?,
    })
}

/// A plan of all files tells whether the checksums have counted them right, from which the next ones are computed.
fn check_counts(
    table: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
    (files, bytes): (u64, u64),
) -> Result<()> {
    if damage::check_counts(table, storage, snapshot, files, bytes)? {
        table::forget(storage);
    }
    Ok(())
}

impl ScanRequest {
    /// A request for the files alone of a version of a table, in the partitions that all `filters` match.
    pub fn of_files(
        table: &str,
        storage: &Storage,
        version: u64,
        filters: Vec<filter::Request>,
        session: Session,
    ) -> Self {
        Self {
            table: table.to_owned(),
            location: storage.url.to_string(),
            storage: Default::default(),
            version: Some(version),
            schema: Value::Null,
            filters: Vec::new(),
            exact_filters: filters,
            limit: None,
            session,
        }
    }
}

/// The snapshot to read.
pub fn snapshot(name: &str, storage: &Storage, version: Option<u64>) -> Result<SnapshotRef> {
    match version {
        None => table::latest_snapshot(name, storage),
        Some(version) => time_travel::snapshot_at(name, storage, version),
    }
}

/// The fields to read.
///
/// Errors: Conflict or InvalidInput if the table has not, or not any more, the columns that are asked for.
pub fn resolve(request: &ScanRequest, snapshot: &SnapshotRef) -> Result<Vec<ReadField>> {
    let configuration = snapshot.table_configuration();
    let properties = configuration.metadata().configuration();
    let mode = properties.get("delta.columnMapping.mode");
    let resolver = Resolver {
        table: &request.table,
        schema: &snapshot.schema(),
        partition_columns: configuration.logical_partition_columns(),
        by_id: mode.is_some_and(|mode| mode == "id"),
        row_tracking: RowTracking::of(properties),
    };
    resolver.resolve(&request.schema)
}

fn summary(version: u64, files: &[DataFile]) -> ScanSummary {
    ScanSummary {
        version,
        files: files.len() as u64,
        bytes: files.iter().map(|file| file.size).sum(),
        rows: files.iter().map(DataFile::live_rows).sum(),
    }
}

/// The files of a snapshot that may hold matching rows.
pub struct FileScan<'a> {
    table: &'a str,
    storage: &'a Storage,
    snapshot: &'a SnapshotRef,
    session: &'a Session,
    pub filters: Vec<Filter>,
    pub partitions: Vec<PartitionColumn>,
    /// Those of the filters that partition values decide.
    exact: Vec<Filter>,
}

impl<'a> FileScan<'a> {
    /// Errors: InvalidInput for a table without columns, which the kernel does not scan; Internal if one of the exact
    /// filters is not exact.
    pub fn new(
        request: &'a ScanRequest,
        storage: &'a Storage,
        snapshot: &'a SnapshotRef,
    ) -> Result<Self> {
        let schema = snapshot.schema();
        if schema.num_fields() == 0 {
            return Err(Error::invalid(format!(
                "Cannot read table {}: it has no columns; add some with ALTER TABLE .. ADD COLUMNS",
                request.table
            ))
            .class("DELTA_READ_TABLE_WITHOUT_COLUMNS"));
        }
        let bind = |filter| Filter::bind(filter, &schema);
        let names = snapshot.table_configuration().logical_partition_columns();
        let partitions = partition_columns(&schema, names);
        let partition_names: HashSet<_> = partitions.iter().map(|p| p.physical.clone()).collect();
        let is_exact = |filter: &Filter| filter.is_exact(&partition_names);
        let exact: Vec<_> = request.exact_filters.iter().map(bind).collect();
        if let Some(filter) = exact.iter().find(|filter| !is_exact(filter)) {
            return Err(Error::internal(format!(
                "Cannot read table {}: partition values alone do not decide {filter:?}",
                request.table
            )));
        }
        let filters: Vec<_> = request.filters.iter().map(bind).chain(exact).collect();
        Ok(Self {
            table: &request.table,
            storage,
            snapshot,
            session: &request.session,
            exact: filters.iter().filter(|f| is_exact(f)).cloned().collect(),
            filters,
            partitions,
        })
    }

    /// Whether file selection alone decides all filters.
    pub fn is_exact(&self) -> bool {
        self.exact.len() == self.filters.len()
    }

    /// The files; with a limit, only as many as hold that many rows, if that is known.
    pub fn files(&self, limit: Option<u64>) -> Result<Vec<DataFile>> {
        let limit = limit.filter(|_| self.is_exact());
        let (mut kept, mut rows) = (Vec::new(), 0);
        self.visit(|mut file, _| {
            rows += file.live_rows().unwrap_or(0);
            file.number = kept.len() as u64;
            kept.push(file);
            limit.is_none_or(|limit| rows < limit)
        })?;
        Ok(kept)
    }

    /// Calls `take` with every file that may hold matching rows and its statistics, in JSON, until it
    /// returns false.
    pub fn visit(&self, mut take: impl FnMut(DataFile, Option<&str>) -> bool) -> Result<()> {
        let local = self.local_timestamps()?;
        self.visit_batches(self.kernel_predicate(), StatsOptions::default(), |rows| {
            let files = ScanRows::of(&rows)?;
            for row in 0..rows.num_rows() {
                let (file, stats) = (local.complete(files.file(row)), files.stats(row));
                if self.is_wanted(&file)? && self.may_match(stats) && !take(file, stats) {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Which statistics are read: those that are shown, or may skip files. The kernel makes their JSON, where a checkpoint
    /// has none, of typed ones, if it reads these.
    pub fn stats_options(&self, shown: bool) -> StatsOptions {
        let properties = self.snapshot.table_properties();
        if shown && properties.checkpoint_write_stats_as_json == Some(false) {
            StatsOptions::all()
        } else if shown || !self.filters.is_empty() {
            StatsOptions::json_only()
        } else {
            StatsOptions::none()
        }
    }

    /// Calls `take` with the kernel's scan rows of the files that the filters leave, until it returns false. Filters
    /// that partition values do not decide may leave more.
    pub fn visit_rows(
        &self,
        stats: StatsOptions,
        mut take: impl FnMut(RecordBatch) -> Result<bool>,
    ) -> Result<()> {
        let local = self.local_timestamps()?;
        self.visit_batches(self.kernel_predicate(), stats, |mut rows| {
            if !self.exact.is_empty() {
                let files = ScanRows::of(&rows)?;
                let wanted = |row| self.is_wanted(&local.complete(files.file(row))).map(Some);
                let wanted: BooleanArray =
                    (0..rows.num_rows()).map(wanted).collect::<Result<_>>()?;
                rows = selected(&rows, &wanted)?;
            }
            Ok(rows.num_rows() == 0 || take(rows)?)
        })
    }

    /// What the kernel is asked to go by. It takes an empty text for a value, and does not read partition values of
    /// before their column's type was widened: [`Self::is_wanted`] decides there.
    fn kernel_predicate(&self) -> Option<Predicate> {
        let is_ours = |leaf: &Filter| {
            let path = leaf.physical_path().unwrap_or_default();
            let mut partitions = self.partitions.iter();
            partitions.any(|column| {
                let is_about = path == std::slice::from_ref(&column.physical);
                is_about
                    && match column.kind {
                        PrimitiveType::Decimal(_) | PrimitiveType::TimestampNtz => true,
                        PrimitiveType::String | PrimitiveType::Binary => {
                            matches!(leaf, Filter::Null { .. })
                        }
                        _ => false,
                    }
            })
        };
        Filter::And(self.filters.clone())
            .without(&is_ours)
            .to_kernel()
    }

    /// The kernel's scan rows of the files that `is_wanted`, whatever the filters, for
    /// `Transaction::remove_files`.
    pub fn rows(&self, is_wanted: impl Fn(&DataFile) -> Result<bool>) -> Result<Vec<RecordBatch>> {
        let (local, mut wanted) = (self.local_timestamps()?, Vec::new());
        self.visit_batches(None, StatsOptions::default(), |rows| {
            let files = ScanRows::of(&rows)?;
            let those: BooleanArray = (0..rows.num_rows())
                .map(|row| is_wanted(&local.complete(files.file(row))).map(Some))
                .collect::<Result<_>>()?;
            let selected = selected(&rows, &those)?;
            if selected.num_rows() > 0 {
                wanted.push(selected);
            }
            Ok(true)
        })?;
        Ok(wanted)
    }

    /// Calls `take` with the kernel's scan rows until it returns false.
    fn visit_batches(
        &self,
        predicate: Option<Predicate>,
        stats: StatsOptions,
        mut take: impl FnMut(RecordBatch) -> Result<bool>,
    ) -> Result<()> {
        let broken = |e| read_error(self.table, self.snapshot.version(), e);
        let scan = self
            .snapshot
            .clone()
            .scan_builder()
            .with_predicate(predicate.map(std::sync::Arc::new))
            .with_stats(stats)
            .without_row_transforms()
            .build()
            .map_err(broken)?;
        for metadata in scan
            .scan_metadata(self.storage.engine.as_ref())
            .map_err(broken)?
        {
            let rows = metadata
                .and_then(|metadata| metadata.scan_files.apply_selection_vector())
                .and_then(|data| data.try_into_record_batch())
                .map_err(broken)?;
            if !take(rows)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn local_timestamps(&self) -> Result<LocalTimestamps<'_>> {
        LocalTimestamps::of(self.session, &self.partitions)
    }

    /// A file that is not from the log of this snapshot, as those that are from it are handed out.
    pub fn completed(&self, file: DataFile) -> Result<DataFile> {
        Ok(self.local_timestamps()?.complete(file))
    }

    /// The partition of a file, as text.
    ///
    /// Errors: CorruptTable for a partition value that is none of its type.
    pub fn partition_of(&self, file: &DataFile) -> Result<String> {
        partition_key(file, &self.partitions).map(|key| Value::from(key).to_string())
    }

    /// Whether statistics that the kernel does not go by allow for matching rows.
    fn may_match(&self, stats: Option<&str>) -> bool {
        let mut filters = self.filters.iter().filter(|f| f.needs_stats()).peekable();
        if filters.peek().is_none() {
            return true;
        }
        let stats = Stats::of(stats);
        filters.all(|filter| filter.may_match(&|path, like| stats.timestamps(path, like)))
    }

    /// Whether the partition values of a file match the exact filters.
    ///
    /// Errors: CorruptTable for a value that is none of its type.
    pub fn is_wanted(&self, file: &DataFile) -> Result<bool> {
        if self.exact.is_empty() {
            return Ok(true);
        }
        let values = self
            .partitions
            .iter()
            .map(|column| {
                let value = file.partition_value(&column.physical, &column.kind)?;
                Ok((column.physical.clone(), value))
            })
            .collect::<Result<BTreeMap<String, Scalar>>>()?;
        let mut exact = self.exact.iter();
        Ok(exact.all(|filter| filter.matches(&values) == Some(true)))
    }
}

fn selected(rows: &RecordBatch, those: &BooleanArray) -> Result<RecordBatch> {
    filter_record_batch(rows, those).map_err(|e| Error::from_arrow("select files", e))
}

fn partition_columns(schema: &StructType, names: &[String]) -> Vec<PartitionColumn> {
    let fields = names.iter().filter_map(|name| schema.field(name));
    fields
        .filter_map(|field| match field.data_type() {
            DataType::Primitive(kind) => Some(PartitionColumn {
                name: field.name().clone(),
                physical: physical_name(field).to_owned(),
                kind: kind.clone(),
            }),
            _ => None,
        })
        .collect()
}

/// A failure of the kernel to read a version of a table.
pub fn read_error(table: &str, version: u64, error: delta_kernel::KernelError) -> Error {
    let action = format!("read version {version} of table {table}");
    let error = Error::from_kernel(&action, error);
    match error.kind {
        ErrorKind::UnsupportedTable => error.class("DELTA_UNSUPPORTED_FEATURES_FOR_READ"),
        _ => error,
    }
}
