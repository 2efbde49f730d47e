//! What a table's history shows of a write.

use std::sync::Arc;

use arrow::array::{Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType as ArrowType, Field, Schema};
use delta_kernel::engine::arrow_data::ArrowEngineData;
use delta_kernel::schema::{DataType, StructField, StructType};
use serde_json::{Value, json};

use super::entries::{Entry, entry};
use super::overwrite::{Operation, Removal, Scope};
use super::row_change::Marks;
use super::row_metrics::row_metrics;
use super::write::Write;
use crate::error::{Error, Result};
use crate::scan::files::DataFile;
use crate::write::receipt::Written;

/// Blind appends read nothing, so they are serializable with one another.
const BLIND_ISOLATION: &str = "Serializable";

/// What was asked for.
pub fn operation_parameters(write: &Write) -> Vec<Entry> {
    if let Some(change) = &write.change {
        let parameters = change.request.parameters.clone().into_iter();
        return parameters.map(|(key, value)| (key, Some(value))).collect();
    }
    let overwrite = write.overwrite.as_ref().map(|overwrite| &overwrite.request);
    let mut parameters = Vec::new();
    if write.operation() == Operation::Write {
        let mode = overwrite.map_or("Append", |_| "Overwrite");
        let partition_by = Value::from(write.partition_columns.clone()).to_string();
        parameters.push(entry("mode", mode));
        parameters.push(entry("partitionBy", partition_by));
    }
    let Some(overwrite) = overwrite else {
        return parameters;
    };
    if matches!(overwrite.scope, Scope::WrittenPartitions) {
        parameters.push(entry("isDynamicPartitionOverwrite", true));
    }
    // As delta-spark has it: text of a write, a list of one for a deletion.
    let predicate = overwrite.predicate.as_deref();
    match overwrite.operation {
        Operation::Write => {
            parameters.extend(predicate.map(|predicate| entry("predicate", predicate)));
        }
        _ => parameters.push(entry("predicate", json!([predicate.unwrap_or("true")]))),
    }
    parameters
}

/// What was done.
pub fn operation_metrics(
    write: &Write,
    written: &Written,
    removed: Option<&Removal>,
    marks: Option<&Marks>,
) -> Vec<Entry> {
    if let (Some(change), Some(removed), Some(marks)) = (&write.change, removed, marks) {
        return row_metrics(change, written, removed, marks);
    }
    let summary = &written.data.summary;
    let mut metrics = Vec::new();
    if write.operation() == Operation::Write {
        metrics.push(entry("numFiles", summary.paths.len()));
        metrics.push(entry("numOutputRows", summary.rows));
        metrics.push(entry("numOutputBytes", summary.bytes));
    }
    if let Some(removed) = removed {
        metrics.push(entry("numRemovedFiles", removed.num_files()));
        metrics.push(entry("numRemovedBytes", removed.num_bytes()));
        if write.operation() == Operation::Delete {
            metrics.extend(whole_file_deletion(removed));
        }
    }
    metrics
}

/// What DELETE counts where it removes whole files, without a look into them.
fn whole_file_deletion(removed: &Removal) -> Vec<Entry> {
    let mut metrics = vec![
        entry("numAddedFiles", 0),
        entry("numAddedBytes", 0),
        entry("numCopiedRows", 0),
        entry("numAddedChangeFiles", 0),
        entry("numDeletionVectorsAdded", 0),
        entry("numDeletionVectorsUpdated", 0),
    ];
    let Ok(files) = removed.files() else {
        return metrics;
    };
    let vectors = files.iter().filter(|file| file.deletion_vector.is_some());
    metrics.push(entry("numDeletionVectorsRemoved", vectors.count()));
    let rows: Option<u64> = files.iter().map(DataFile::live_rows).sum();
    metrics.extend(rows.map(|rows| entry("numDeletedRows", rows)));
    metrics
}

/// What Delta's history shows beside the kernel's own fields.
pub fn commit_info(
    write: &Write,
    read_version: Option<u64>,
) -> Result<(Box<ArrowEngineData>, Arc<StructType>)> {
    let overwrite = write.overwrite.as_ref();
    let overwrites = overwrite.map(|overwrite| overwrite.isolation_level);
    let reads = write.reads.as_ref().map(|reads| reads.isolation_level);
    let changes = write.change.as_ref().map(|change| change.isolation_level);
    let isolation = overwrites.or(changes).or(reads).unwrap_or(BLIND_ISOLATION);
    let mut fields = vec![StructField::nullable("isolationLevel", DataType::STRING)];
    let mut columns: Vec<(Field, Arc<dyn Array>)> = vec![text("isolationLevel", isolation)];
    if let Some(version) = read_version {
        fields.push(StructField::nullable("readVersion", DataType::LONG));
        let values = Int64Array::from(vec![version as i64]);
        columns.push((
            Field::new("readVersion", ArrowType::Int64, true),
            Arc::new(values),
        ));
    }
    if let Some(metadata) = &write.request.user_metadata {
        fields.push(StructField::nullable("userMetadata", DataType::STRING));
        columns.push(text("userMetadata", metadata));
    }
    let (arrow_fields, arrays): (Vec<Field>, Vec<_>) = columns.into_iter().unzip();
    let row = RecordBatch::try_new(Arc::new(Schema::new(arrow_fields)), arrays)
        .map_err(|e| Error::from_arrow("describe the commit", e))?;
    let schema =
        StructType::try_new(fields).map_err(|e| Error::from_kernel("describe the commit", e))?;
    Ok((Box::new(ArrowEngineData::new(row)), Arc::new(schema)))
}

/// The lines of a commit that keeps the ids of rows, which it says (Delta protocol, "Row Tracking").
///
/// Errors: Internal for a commit info that is none.
pub fn tagged(lines: &[u8]) -> Result<Vec<u8>> {
    let mut tagged = Vec::with_capacity(lines.len() + 64);
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        if !line.starts_with(b"{\"commitInfo\"") {
            tagged.extend_from_slice(line);
            continue;
        }
        let mut action: Value = serde_json::from_slice(line)
            .map_err(|e| Error::internal("Cannot tag a commit").caused_by(e))?;
        action["commitInfo"]["tags"] = json!({"delta.rowTracking.preserved": "true"});
        tagged.extend_from_slice(action.to_string().as_bytes());
        tagged.push(b'\n');
    }
    Ok(tagged)
}

fn text(name: &str, value: &str) -> (Field, Arc<dyn Array>) {
    let values = StringArray::from(vec![value.to_owned()]);
    (Field::new(name, ArrowType::Utf8, true), Arc::new(values))
}
