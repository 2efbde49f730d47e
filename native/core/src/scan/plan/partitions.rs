//! The partitions a table has: the distinct partition values of its files, as the log has them.

use std::collections::BTreeMap;

use delta_kernel::expressions::Scalar;
use serde::Serialize;
use serde_json::Value;

use super::planner::{FileScan, ScanRequest, snapshot, with_fresh_log};
use crate::error::Result;
use crate::scan::files::DataFile;
use crate::scan::keys::{Key, PartitionColumn, key_value};
use crate::storage::Storage;

/// The answer to a request for partitions.
#[derive(Debug, Serialize)]
pub struct Partitions {
    /// Values of the partition columns, in the table's order of them; in no order of their own.
    pub values: Vec<Key>,
}

/// Lists the partitions that files of a scan lie in.
///
/// Errors: those of planning a scan, CorruptTable for a partition value that is none of its type.
pub fn partitions(request: &ScanRequest) -> Result<Partitions> {
    let storage = Storage::open(&request.location, &request.storage)?;
    with_fresh_log(&storage, || partitions_once(request, &storage))
}

fn partitions_once(request: &ScanRequest, storage: &Storage) -> Result<Partitions> {
    let snapshot = snapshot(&request.table, storage, request.version)?;
    let scan = FileScan::new(request, storage, &snapshot)?;
    let mut found = BTreeMap::new();
    let mut outcome = Ok(());
    scan.visit(|file, _| {
        match partition_key(&file, &scan.partitions) {
            Ok(values) => {
                found.insert(Value::from(values.clone()).to_string(), values);
            }
            Err(e) => outcome = Err(e),
        }
        outcome.is_ok()
    })?;
    outcome?;
    Ok(Partitions {
        values: found.into_values().collect(),
    })
}

/// The values of the partition that a file lies in.
///
/// Errors: CorruptTable for a value that is none of its type.
pub fn partition_key(file: &DataFile, columns: &[PartitionColumn]) -> Result<Key> {
    let value = |column: &PartitionColumn| {
        let value = file.partition_value(&column.physical, &column.kind)?;
        Ok(key_value(&value).unwrap_or_else(|| shown(&value)))
    };
    columns.iter().map(value).collect()
}

/// Values that are no keys, as text: numbers as Java reads them, bytes in hexadecimal digits.
fn shown(value: &Scalar) -> Value {
    let number = |v: f64, text: String| match v {
        _ if v.is_infinite() => if v > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        _ => text,
    };
    match value {
        Scalar::Float(v) => number((*v).into(), v.to_string()).into(),
        Scalar::Double(v) => number(*v, v.to_string()).into(),
        Scalar::Binary(v) => v
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            .into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_no_keys_are_text() {
        assert_eq!(shown(&Scalar::Double(f64::NEG_INFINITY)), "-Infinity");
        assert_eq!(shown(&Scalar::Float(f32::NAN)), "NaN");
        assert_eq!(shown(&Scalar::Float(1.5)), "1.5");
        assert_eq!(shown(&Scalar::Binary(vec![0, 255])), "00ff");
    }
}
