//! The task writer: takes batches on the task's thread, writes data files, and leaves a receipt.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use arrow::datatypes::Schema;
use delta_kernel::schema::{StructField, StructType};
use delta_kernel::transaction::{BoundWriteContext, WriteState};
use object_store::path::Path;
use url::Url;

use super::align::{Alignment, Target, null_if_empty};
use super::buffer::{Clustered, PartitionBuffer};
use super::columns::{materialized_text, physical_schema, stored_columns};
use super::dictionary;
use super::encode::blocks;
use super::file::{DataFile, FileFormat};
use super::layout::{Layout, as_read};
use super::metrics::TaskMetrics;
use super::partition::{PartitionId, Partitioner};
use super::plan::{Purpose, WritePlan};
use super::receipt::{AddedFile, Receipt, Summary, add_rows};
use super::sink::Sink;
use super::stats::{FileStats, StatsPlan};
use super::uploads::Uploads;
use crate::clock::now_millis;
use crate::cores::{self, Cores};
use crate::error::{Error, Result};
use crate::storage::Storage;
use crate::table::file_name;

/// An open file this large gives up its row group first when memory is short; a smaller one is
/// closed.
const WORTH_KEEPING_OPEN: usize = 16 << 20;
/// The only partition of an unpartitioned table.
const WHOLE_TABLE: PartitionId = 0;

/// Writes the rows of one Spark task. Not shared between threads at a time.
pub struct TaskWriter {
    plan: WritePlan,
    storage: Storage,
    /// Number in the file names (Spark's partition id).
    task: u32,
    write_state: Arc<WriteState>,
    alignment: Alignment,
    partitioner: Option<Partitioner>,
    buffer: PartitionBuffer,
    /// File columns that repeat a text partition column.
    materialized_text: Vec<usize>,
    format: Arc<FileFormat>,
    /// Whether the format has been fitted to the task's rows.
    fitted: bool,
    stats_plan: StatsPlan,
    open: HashMap<PartitionId, OpenFile>,
    contexts: HashMap<PartitionId, Arc<BoundWriteContext>>,
    finished: Vec<(AddedFile, FileStats)>,
    uploads: Uploads,
    /// Store paths of all files begun, for abort.
    paths: Vec<Path>,
    memory: usize,
    metrics: TaskMetrics,
    input: Arc<Schema>,
    failed: bool,
    /// The core that Spark has given the task.
    _core: Cores<'static>,
}

struct OpenFile {
    file: DataFile,
    add_path: String,
    context: Arc<BoundWriteContext>,
    container_nulls: Vec<i64>,
    memory: usize,
}

impl TaskWriter {
    /// A writer by `plan` for task number `task`, for batches of `input` (lanes by logical name).
    /// Nothing is written yet.
    ///
    /// Errors: InvalidInput if `input` does not fit the table, Internal for a plan of another build.
    pub fn open(plan: &[u8], task: u32, input: Schema) -> Result<Self> {
        let plan = WritePlan::decode(plan)?;
        let storage = Storage::open(&plan.location, &plan.storage)?;
        let kernel = |e| Error::from_kernel(&format!("write to table {}", plan.table), e);
        let write_state = WriteState::decode(plan.write_state.as_bytes()).map_err(kernel)?;
        let physical = physical_schema(&write_state, &plan)?;
        let cores = cores::available(plan.executor_cores);
        blocks::keep_for(cores);
        let format = FileFormat::new(
            Layout::of(&physical)?,
            plan.files.codec,
            plan.files.row_group_bytes,
            cores,
        );
        if format.lanes().is_empty() {
            return Err(Error::internal(format!(
                "Cannot write to table {}: its files would have no columns, and no rows",
                plan.table
            )));
        }
        let stored = stored_columns(&plan, format.lanes().len());
        let target = Target {
            table: &plan.table,
            logical: stored.clone(),
            lanes: format.lanes(),
        };
        let alignment = Alignment::plan(&target, &input, &plan.partition_columns)?;
        let materialized_text = materialized_text(&plan, &stored);
        let partitioner = if plan.partition_columns.is_empty() {
            None
        } else {
            let names = &plan.partition_columns;
            Some(Partitioner::new(&plan.table, names, &plan.schema, &input)?)
        };
        Ok(Self {
            stats_plan: StatsPlan::new(plan.stats_schema.clone(), &format),
            storage,
            task,
            write_state,
            alignment,
            partitioner,
            materialized_text,
            format: Arc::new(format),
            fitted: false,
            buffer: PartitionBuffer::default(),
            open: HashMap::new(),
            contexts: HashMap::new(),
            finished: Vec::new(),
            uploads: Uploads::default(),
            paths: Vec::new(),
            memory: 0,
            metrics: TaskMetrics::default(),
            input: Arc::new(input),
            failed: false,
            _core: Cores::of_task(),
            plan,
        })
    }

    /// A writer of rows that were read of the same table, all columns in the table's order, and of the extra ones.
    ///
    /// Errors: those of [`Self::open`].
    pub fn for_copies(plan: &[u8], task: u32) -> Result<Self> {
        let decoded = WritePlan::decode(plan)?;
        let fields = decoded.schema.fields().chain(&decoded.extra);
        let fields = fields.map(|field| StructField {
            data_type: as_read(field.data_type()),
            ..field.clone()
        });
        let schema = StructType::try_new(fields)
            .map_err(|e| Error::from_kernel(&format!("write to table {}", decoded.table), e))?;
        let lanes = Layout::of(&schema)?.lanes;
        Self::open(plan, task, Schema::new(lanes))
    }

    /// Schema of the batches this writer takes.
    pub fn input_schema(&self) -> &Arc<Schema> {
        &self.input
    }

    /// Whether columns of bytes may also come as views (Arrow, "Variable-size Binary View Layout"): not where rows wait for
    /// their partitions, which would keep in memory what the views point into.
    pub fn takes_views(&self) -> bool {
        self.partitioner.is_none()
    }

    /// Encodes a batch. Nothing of it is kept after the call, so its memory may be lent.
    ///
    /// Errors: Constraint, InvalidInput, Storage; the writer is then only good for
    /// [`abort`](Self::abort).
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.guarded(|writer| writer.write_batch(batch))
    }

    /// Totals so far.
    pub fn metrics(&self) -> TaskMetrics {
        TaskMetrics {
            memory: self.held() as u64,
            ..self.metrics
        }
    }

    /// Gives back about `bytes` of memory by closing row groups and files, the largest first.
    /// Returns what was freed.
    pub fn reclaim(&mut self, bytes: u64) -> Result<u64> {
        self.guarded(|writer| {
            let before = writer.held() as u64;
            writer.drain_buffer()?;
            while before.saturating_sub(writer.held() as u64) < bytes {
                let largest = writer.open.iter().max_by_key(|(_, open)| open.memory);
                let Some((&partition, open)) = largest else {
                    writer.wait_for_uploads()?;
                    break;
                };
                if open.memory >= WORTH_KEEPING_OPEN && open.file.has_open_row_group() {
                    writer.flush_row_group(partition)?;
                } else {
                    writer.close_file(partition)?;
                }
            }
            Ok(before.saturating_sub(writer.held() as u64))
        })
    }

    /// Closes all files and returns the receipt.
    pub fn finish(&mut self) -> Result<Vec<u8>> {
        self.guarded(|writer| {
            writer.drain_buffer()?;
            let mut partitions: Vec<_> = writer.open.keys().copied().collect();
            partitions.sort_unstable();
            for partition in partitions {
                writer.close_file(partition)?;
            }
            writer.wait_for_uploads()?;
            writer.receipt()?.encode()
        })
    }

    /// Gives up: open files are discarded, finished ones deleted.
    ///
    /// Errors: Storage if a file could not be deleted; the others are deleted all the same.
    pub fn abort(&mut self) -> Result<()> {
        self.failed = true;
        for (_, mut open) in self.open.drain() {
            open.file.abort();
        }
        self.uploads.settle();
        self.memory = 0;
        self.buffer = PartitionBuffer::default();
        self.storage.delete_all(&std::mem::take(&mut self.paths))
    }

    /// Memory held by open files, waiting rows and uploads, in bytes.
    fn held(&self) -> usize {
        self.memory + self.buffer.bytes() + self.uploads.bytes()
    }

    fn guarded<T>(&mut self, step: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.failed {
            return Err(Error::internal(format!(
                "Cannot go on writing to table {}: an earlier step of this task failed",
                self.plan.table
            )));
        }
        let (started, before) = (Instant::now(), self.metrics);
        let result = step(self);
        self.failed = result.is_err();
        let metrics = &mut self.metrics;
        let elsewhere =
            metrics.storage - before.storage + metrics.partitioning - before.partitioning;
        metrics.encoding += started.elapsed().saturating_sub(elsewhere);
        result
    }

    fn write_batch(&mut self, batch: &RecordBatch) -> Result<()> {
        self.metrics.rows += batch.num_rows() as u64;
        if self.plan.already_applied || batch.num_rows() == 0 {
            return Ok(());
        }
        let columns = self.file_columns(batch)?;
        if !self.fitted && batch.num_rows() >= dictionary::ENOUGH {
            self.fitted = true;
            self.format = Arc::new(self.format.fitted_to(&columns));
        }
        let Some(partitioner) = self.partitioner.as_mut() else {
            return self.write_rows(WHOLE_TABLE, &columns, batch.num_rows());
        };
        let started = Instant::now();
        let partitions = partitioner.identify(batch)?;
        let rows = self.buffer.push(&columns, partitions)?;
        self.metrics.partitioning += started.elapsed();
        rows.map_or(Ok(()), |rows| self.write_clustered(&rows))
    }

    fn write_clustered(&mut self, rows: &Clustered) -> Result<()> {
        let mut start = 0;
        for &(partition, count) in &rows.runs {
            self.write_rows(partition, &slice(&rows.columns, start, count), count)?;
            start += count;
        }
        Ok(())
    }

    /// Writes the rows that wait for their partitions.
    fn drain_buffer(&mut self) -> Result<()> {
        let started = Instant::now();
        let rows = self.buffer.drain()?;
        self.metrics.partitioning += started.elapsed();
        rows.map_or(Ok(()), |rows| self.write_clustered(&rows))
    }

    fn file_columns(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let mut columns = self.alignment.apply(batch)?;
        for &index in &self.materialized_text {
            columns[index] = Arc::new(null_if_empty(columns[index].as_binary()));
        }
        Ok(columns)
    }

    /// Writes rows of one partition, rolling to the next file where one is full.
    fn write_rows(
        &mut self,
        partition: PartitionId,
        columns: &[ArrayRef],
        rows: usize,
    ) -> Result<()> {
        let mut start = 0;
        while start < rows {
            let limit = self.plan.files.max_records_per_file;
            let target_bytes = self.plan.files.target_file_bytes;
            let open = self.open_file(partition)?;
            let room = limit.map_or(u64::MAX, |limit| limit - open.file.rows());
            let count = (rows - start).min(usize::try_from(room).unwrap_or(usize::MAX));
            let part = slice(columns, start, count);
            let waited = open.file.waited();
            open.file.write(&part, count)?;
            let waited = open.file.waited() - waited;
            let full = limit.is_some_and(|limit| open.file.rows() >= limit)
                || open.file.bytes() >= target_bytes;
            let memory = open.file.memory();
            let before = std::mem::replace(&mut open.memory, memory);
            let mut nulls = std::mem::take(&mut open.container_nulls);
            self.stats_plan.count_container_nulls(&part, &mut nulls);
            if let Some(open) = self.open.get_mut(&partition) {
                open.container_nulls = nulls;
            }
            self.metrics.storage += waited;
            self.memory = self.memory + memory - before;
            if full {
                self.close_file(partition)?;
            }
            start += count;
        }
        Ok(())
    }

    fn open_file(&mut self, partition: PartitionId) -> Result<&mut OpenFile> {
        if !self.open.contains_key(&partition) {
            let open = self.create_file(partition)?;
            self.open.insert(partition, open);
        }
        self.open
            .get_mut(&partition)
            .ok_or_else(|| Error::internal("Cannot find the file just opened"))
    }

    fn create_file(&mut self, partition: PartitionId) -> Result<OpenFile> {
        let context = self.context(partition)?;
        let name = file_name::data_file(
            self.task,
            &self.plan.write_id,
            self.metrics.files,
            self.plan.files.codec.extension(),
        );
        let url = directory(&self.plan, &context)
            .and_then(|directory| directory.join(&name))
            .map_err(|e| Error::internal(format!("Cannot name data file {name}")).caused_by(e))?;
        let add_path = context
            .resolve_file_path(&url)
            .map_err(|e| Error::from_kernel("name a data file", e))?;
        let path = self.storage.path_of(&url)?;
        self.paths.push(path.clone());
        self.metrics.files += 1;
        let sink = Sink::new(self.storage.store.clone(), path);
        Ok(OpenFile {
            file: DataFile::create(self.format.clone(), sink)?,
            add_path,
            context,
            container_nulls: Vec::new(),
            memory: 0,
        })
    }

    fn context(&mut self, partition: PartitionId) -> Result<Arc<BoundWriteContext>> {
        if let Some(known) = self.contexts.get(&partition) {
            return Ok(known.clone());
        }
        let mut builder = self.write_state.write_context_builder();
        if let Some(partitioner) = &self.partitioner {
            builder = builder.with_partition_values(partitioner.values(partition).clone());
        }
        let context = builder.build().map_err(|e| {
            Error::from_kernel(
                &format!("write a partition of table {}", self.plan.table),
                e,
            )
        })?;
        let context = Arc::new(context);
        self.contexts.insert(partition, context.clone());
        self.metrics.partitions = self.contexts.len() as u64;
        Ok(context)
    }

    fn flush_row_group(&mut self, partition: PartitionId) -> Result<()> {
        let Some(open) = self.open.get_mut(&partition) else {
            return Ok(());
        };
        let waited = open.file.waited();
        open.file.flush_row_group()?;
        self.metrics.storage += open.file.waited() - waited;
        let memory = open.file.memory();
        self.memory = self.memory + memory - std::mem::replace(&mut open.memory, memory);
        Ok(())
    }

    fn close_file(&mut self, partition: PartitionId) -> Result<()> {
        let Some(mut open) = self.open.remove(&partition) else {
            return Ok(());
        };
        self.memory -= open.memory;
        let waited = open.file.waited() + self.uploads.waited();
        let (finished, last) = open.file.finish().inspect_err(|_| open.file.abort())?;
        self.uploads.start(last)?;
        self.metrics.storage += open.file.waited() + self.uploads.waited() - waited;
        self.metrics.bytes += finished.size;
        let stats = self
            .stats_plan
            .of_file(&finished.footer, &open.container_nulls);
        let added = AddedFile {
            path: open.add_path,
            partition_values: open.context.physical_partition_values().clone(),
            size: finished.size,
            modification_time: now_millis(),
        };
        self.finished.push((added, stats));
        Ok(())
    }

    fn wait_for_uploads(&mut self) -> Result<()> {
        let waited = self.uploads.waited();
        let outcome = self.uploads.finish();
        self.metrics.storage += self.uploads.waited() - waited;
        outcome
    }

    fn receipt(&mut self) -> Result<Receipt> {
        let (files, stats): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.finished).into_iter().unzip();
        let rows = if files.is_empty() {
            Vec::new()
        } else {
            vec![add_rows(&files, self.stats_plan.to_array(&stats)?)?]
        };
        Ok(Receipt {
            summary: Summary {
                rows: stats.iter().map(|s| s.rows as u64).sum(),
                bytes: files.iter().map(|f| f.size).sum(),
                paths: self.paths.iter().map(ToString::to_string).collect(),
                purpose: self.plan.purpose,
            },
            add_rows: rows,
        })
    }
}

/// Where the files of a partition go. Those of changes have a directory of their own, unless directories say nothing of
/// partitions.
fn directory(plan: &WritePlan, context: &BoundWriteContext) -> Result<Url, url::ParseError> {
    let (directory, root) = (context.write_dir(), context.table_root_dir());
    match directory.as_str().strip_prefix(root.as_str()) {
        Some(below)
            if plan.purpose == Purpose::Changes && (below.is_empty() || below.contains('=')) =>
        {
            root.join(&format!("_change_data/{below}"))
        }
        _ => Ok(directory),
    }
}

fn slice(columns: &[ArrayRef], start: usize, rows: usize) -> Vec<ArrayRef> {
    columns
        .iter()
        .map(|column| column.slice(start, rows))
        .collect()
}
