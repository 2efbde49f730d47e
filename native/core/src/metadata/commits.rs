//! The tables of commits: the history with all that commits say about themselves, and the snapshots, the versions that
//! can be read.

use arrow::buffer::{NullBuffer, OffsetBuffer};
use delta_kernel::schema::{DataType, StructField};

use super::lanes::{booleans, longs, micros, texts};
use super::source::{Emit, Source};
use crate::error::Result;
use crate::scan::task::batch::Batch;
use crate::scan::task::column::Column;
use crate::table::history::{Commit, CommitInfo, Job, Notebook, Texts, history_of};
use crate::table::time_travel::earliest;

/// Rows of a batch.
const BATCH_ROWS: usize = 4096;

/// Emits a row for each commit up to the version, newest first: the columns of Delta's DESCRIBE HISTORY.
///
/// Errors: those of reading commits.
pub fn history(source: &Source, emit: &mut Emit) -> Result<()> {
    send(
        source,
        &all(source, source.request.limit)?,
        emit,
        |field, commits| history_column(field, commits, source),
    )
}

/// Emits a row for each version that can be read, newest first.
///
/// Errors: those of reading commits.
pub fn snapshots(source: &Source, emit: &mut Emit) -> Result<()> {
    let oldest = earliest(source.storage).unwrap_or(0);
    let mut commits = all(source, source.request.limit)?;
    commits.retain(|commit| commit.version >= oldest);
    send(source, &commits, emit, |field, commits| {
        snapshot_column(field, commits, source)
    })
}

fn all(source: &Source, limit: Option<u64>) -> Result<Vec<Commit>> {
    history_of(
        &source.request.table,
        source.storage,
        source.snapshot,
        limit,
    )
}

fn send(
    source: &Source,
    commits: &[Commit],
    emit: &mut Emit,
    column: impl Fn(&StructField, &[Commit]) -> Result<Column>,
) -> Result<()> {
    for commits in commits.chunks(BATCH_ROWS) {
        let fields = source.request.schema.fields();
        let columns = fields
            .map(|field| column(field, commits))
            .collect::<Result<_>>()?;
        if !emit(Batch::of(commits.len(), columns)) {
            break;
        }
    }
    Ok(())
}

fn history_column(field: &StructField, commits: &[Commit], source: &Source) -> Result<Column> {
    let text = |of: fn(&CommitInfo) -> &Option<String>| {
        texts(commits.iter().map(|commit| of(&commit.info).as_deref()))
    };
    Ok(match field.name().as_str() {
        "version" => versions(commits),
        "timestamp" => times(commits),
        "userId" => text(|info| &info.user_id),
        "userName" => text(|info| &info.user_name),
        "operation" => text(|info| &info.operation),
        "operationParameters" => map(commits, |info| info.operation_parameters.as_ref(), true),
        "job" => jobs(field, commits, source)?,
        "notebook" => notebooks(commits),
        "clusterId" => text(|info| &info.cluster_id),
        "readVersion" => longs(commits.iter().map(|commit| commit.info.read_version)),
        "isolationLevel" => text(|info| &info.isolation_level),
        "isBlindAppend" => booleans(commits.iter().map(|commit| commit.info.is_blind_append)),
        "operationMetrics" => metrics(commits),
        "userMetadata" => text(|info| &info.user_metadata),
        "engineInfo" => text(|info| &info.engine_info),
        other => return Err(source.no_column(other)),
    })
}

fn snapshot_column(field: &StructField, commits: &[Commit], source: &Source) -> Result<Column> {
    let before = |commit: &Commit| {
        i64::try_from(commit.version)
            .ok()?
            .checked_sub(1)
            .filter(|v| *v >= 0)
    };
    Ok(match field.name().as_str() {
        "version" => versions(commits),
        "parent_version" => longs(commits.iter().map(before)),
        "timestamp" => times(commits),
        "operation" => texts(
            commits
                .iter()
                .map(|commit| commit.info.operation.as_deref()),
        ),
        "summary" => metrics(commits),
        other => return Err(source.no_column(other)),
    })
}

fn versions(commits: &[Commit]) -> Column {
    longs(
        commits
            .iter()
            .map(|commit| i64::try_from(commit.version).ok()),
    )
}

fn times(commits: &[Commit]) -> Column {
    longs(commits.iter().map(|commit| Some(micros(commit.timestamp))))
}

fn metrics(commits: &[Commit]) -> Column {
    map(commits, |info| info.operation_metrics.as_ref(), false)
}

/// Maps; empty ones where there are none if `filled`, else null.
fn map(commits: &[Commit], of: fn(&CommitInfo) -> Option<&Texts>, filled: bool) -> Column {
    let maps: Vec<Option<&Texts>> = commits.iter().map(|commit| of(&commit.info)).collect();
    let entries = || maps.iter().flatten().flat_map(|map| &map.0);
    let lengths = maps.iter().map(|map| map.map_or(0, |map| map.0.len()));
    Column::Map {
        nulls: (!filled).then(|| present(&maps)),
        offsets: OffsetBuffer::from_lengths(lengths),
        key: Box::new(texts(entries().map(|(key, _)| Some(key)))),
        value: Box::new(texts(entries().map(|(_, value)| value.as_deref()))),
    }
}

fn jobs(field: &StructField, commits: &[Commit], source: &Source) -> Result<Column> {
    let jobs: Vec<_> = commits
        .iter()
        .map(|commit| commit.info.job.as_ref())
        .collect();
    let text = |of: fn(&Job) -> &Option<String>| {
        texts(
            jobs.iter()
                .map(|job| job.and_then(|job| of(job).as_deref())),
        )
    };
    let part = |field: &StructField| {
        Ok(match field.name().as_str() {
            "jobId" => text(|job| &job.job_id),
            "jobName" => text(|job| &job.job_name),
            "jobRunId" => text(|job| &job.job_run_id),
            "runId" => text(|job| &job.run_id),
            "jobOwnerId" => text(|job| &job.job_owner_id),
            "triggerType" => text(|job| &job.trigger_type),
            other => return Err(source.no_column(other)),
        })
    };
    let DataType::Struct(wanted) = field.data_type() else {
        return Err(source.no_column(field.name()));
    };
    Ok(Column::Struct {
        nulls: Some(present(&jobs)),
        children: wanted.fields().map(part).collect::<Result<_>>()?,
    })
}

fn notebooks(commits: &[Commit]) -> Column {
    let notebooks: Vec<_> = commits
        .iter()
        .map(|commit| commit.info.notebook.as_ref())
        .collect();
    let id =
        |notebook: &Option<&Notebook>| notebook.and_then(|notebook| notebook.notebook_id.clone());
    Column::Struct {
        nulls: Some(present(&notebooks)),
        children: vec![texts(notebooks.iter().map(id))],
    }
}

fn present<T>(values: &[Option<T>]) -> NullBuffer {
    values.iter().map(Option::is_some).collect()
}
